#include "store/postgres_server.h"

#include <pwd.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <thread>

namespace thalweg::test {

namespace {
constexpr const char* kInstall = "; the tests need Debian's package postgresql (apt-get install postgresql)";

// Debian keeps each version's programs in a folder of its own: that of the newest.
std::string find_binaries() {
  std::error_code none;
  std::pair<int, std::string> newest{0, ""};
  for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql", none)) {
    const std::string programs = version.path().string() + "/bin";
    if (std::filesystem::exists(programs + "/initdb")) {
      newest = std::max(newest, {static_cast<int>(std::strtol(version.path().filename().c_str(), nullptr, 10)), programs});
    }
  }
  if (newest.first == 0) throw std::runtime_error(std::string("no initdb in /usr/lib/postgresql/*/bin") + kInstall);
  return newest.second;
}
}  // namespace

PostgresServer::PostgresServer() : binaries_(find_binaries()) {
  if (::geteuid() == 0) {
    const passwd* const account = ::getpwnam("postgres");
    if (account == nullptr) throw std::runtime_error(std::string("there is no user postgres to run the server as") + kInstall);
    if (::chown(folder_.path().c_str(), account->pw_uid, account->pw_gid) != 0) throw std::runtime_error("chown failed");
  }
  ::chmod(folder_.path().c_str(), 0755);
  run("initdb", {"-D", folder_ / "data", "-A", "trust", "-U", "tester", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"},
      "initdb failed");
  start();
}

PostgresServer::~PostgresServer() { stop(SIGQUIT); }

PostgresServer& PostgresServer::shared() {
  static PostgresServer server;
  return server;
}

void PostgresServer::run(const std::string& program, std::vector<std::string> arguments, const std::string& complaint) {
  arguments.insert(arguments.begin(), binaries_ + "/" + program);
  Process process(arguments, "postgres", {"LC_ALL=C.UTF-8"}, folder_ / "log");
  if (process.wait() != 0) throw std::runtime_error(complaint + ":\n" + bytes_of(folder_ / "log") + kInstall);
}

void PostgresServer::start() {
  server_ = std::make_unique<Process>(std::vector<std::string>{binaries_ + "/postgres", "-D", folder_ / "data", "-k",
                                                               folder_.path(), "-c", "listen_addresses=", "-c", "fsync=off", "-c",
                                                               "restart_after_crash=on", "-c", "deadlock_timeout=50ms"},
                                      "postgres", std::vector<std::string>{}, folder_ / "log");
  for (int i = 0; i < 1'000; ++i) {
    // The last line of this file tells the state of the server.
    if (bytes_of(folder_ / "data/postmaster.pid").find("\nready") != std::string::npos) return;
    if (!server_->running()) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  throw std::runtime_error("the server did not start:\n" + bytes_of(folder_ / "log"));
}

void PostgresServer::stop(int signal) {
  if (server_ == nullptr) return;
  server_->kill(signal);
  server_->wait();
  server_.reset();
}

std::string PostgresServer::fresh_database() {
  const std::string name = "test" + std::to_string(++databases_);
  run("createdb", {"-h", folder_.path(), "-U", "tester", name}, "createdb failed");
  return url(name);
}

std::string PostgresServer::url(const std::string& database) const {
  return "postgresql://tester@/" + database + "?host=" + folder_.path();
}

}  // namespace thalweg::test
