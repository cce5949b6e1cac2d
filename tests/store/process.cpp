#include "store/process.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

namespace thalweg::test {

Process::Process(const std::vector<std::string>& command, const std::string& user, const std::vector<std::string>& environment,
                 const std::string& output) {
  // Everything that allocates comes before the fork: the parent has threads.
  std::vector<char*> arguments;
  for (const std::string& part : command) arguments.push_back(const_cast<char*>(part.c_str()));
  arguments.push_back(nullptr);
  std::vector<char*> variables;
  for (char** variable = ::environ; *variable != nullptr; ++variable) variables.push_back(*variable);
  for (const std::string& variable : environment) variables.push_back(const_cast<char*>(variable.c_str()));
  variables.push_back(nullptr);
  const std::string program = command[0] == "/proc/self/exe" ? std::string(4096, '\0') : command[0];
  std::string path = program;
  if (command[0] == "/proc/self/exe")
    path.resize(static_cast<std::size_t>(::readlink("/proc/self/exe", path.data(), path.size())));
  const passwd* const account = !user.empty() && ::geteuid() == 0 ? ::getpwnam(user.c_str()) : nullptr;
  const uid_t uid = account == nullptr ? 0 : account->pw_uid;
  const gid_t gid = account == nullptr ? 0 : account->pw_gid;
  const int out = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  id_ = ::fork();
  if (id_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (account != nullptr && (::setgroups(0, nullptr) != 0 || ::setgid(gid) != 0 || ::setuid(uid) != 0)) ::_exit(126);
    if (account != nullptr) ::prctl(PR_SET_PDEATHSIG, SIGQUIT);  // a change of user forgets it
    ::dup2(out, 1);
    ::dup2(out, 2);
    ::execve(path.c_str(), arguments.data(), variables.data());
    ::_exit(127);
  }
  ::close(out);
}

Process::~Process() {
  if (id_ > 0 && !ended_) {
    kill(SIGKILL);
    wait();
  }
}

int Process::wait() {
  if (!ended_) {
    while (::waitpid(id_, &status_, 0) < 0 && errno == EINTR) {
    }
    ended_ = true;
  }
  return WIFSIGNALED(status_) ? -WTERMSIG(status_) : WEXITSTATUS(status_);
}

void Process::kill(int signal) const { ::kill(id_, signal); }

bool Process::running() {
  if (!ended_ && ::waitpid(id_, &status_, WNOHANG) == id_) ended_ = true;
  return !ended_;
}

}  // namespace thalweg::test
