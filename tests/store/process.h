#pragma once
// Other processes, for tests of what happens between them.

#include <sys/types.h>

#include <string>
#include <vector>

namespace thalweg::test {

/// A child process; it is killed with its parent, and at the latest by the destructor.
class Process {
 public:
  /// `user`: whom to run as when we are root, "" for ourselves. `environment`: "NAME=value", added to ours.
  Process(const std::vector<std::string>& command, const std::string& user = "", const std::vector<std::string>& environment = {},
          const std::string& output = "/dev/null");
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  /// The exit code, or minus the signal.
  int wait();
  void kill(int signal) const;
  [[nodiscard]] bool running();
  [[nodiscard]] pid_t id() const { return id_; }

 private:
  pid_t id_ = -1;
  int status_ = 0;
  bool ended_ = false;
};

/// Runs the test case `name` of this very program, which is marked to be skipped otherwise, as another process.
class Child : public Process {
 public:
  Child(const std::string& name, const std::vector<std::string>& environment, const std::string& user = "")
      : Process({"/proc/self/exe", "--test-case=" + name, "--no-skip", "--no-intro", "--minimal"}, user, environment,
                "/dev/stderr") {}
};

}  // namespace thalweg::test
