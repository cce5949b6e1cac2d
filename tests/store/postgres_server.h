#pragma once
// A real PostgreSQL for the tests, thrown away at their end.

#include <memory>
#include <string>

#include "store/helpers.h"
#include "store/process.h"

namespace thalweg::test {

/// A server of its own on a socket in a folder of its own, run as the user postgres when we are root. Needs Debian's package
/// postgresql; without it the test fails and says so.
class PostgresServer {
 public:
  PostgresServer();
  ~PostgresServer();

  /// The one that all tests share, started by the first.
  static PostgresServer& shared();

  /// The URL of a new, empty database.
  std::string fresh_database();
  [[nodiscard]] std::string url(const std::string& database) const;
  void start();
  /// SIGINT: fast (sessions are told), SIGQUIT: at once, as in a crash.
  void stop(int signal);

 private:
  void run(const std::string& program, std::vector<std::string> arguments, const std::string& complaint);
  Scratch folder_;
  std::string binaries_;
  std::unique_ptr<Process> server_;
  int databases_ = 0;
};

enum class Backend { sqlite, postgres };
inline constexpr std::array kBackends{Backend::sqlite, Backend::postgres};

/// Where one test keeps its tables: a file, or a database of the shared server.
class Place {
 public:
  explicit Place(Backend backend)
      : url_(backend == Backend::sqlite ? folder_ / "test.db" : PostgresServer::shared().fresh_database()) {}
  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  Scratch folder_;
  std::string url_;
};

}  // namespace thalweg::test

template <>
struct doctest::StringMaker<thalweg::test::Backend> {
  static String convert(thalweg::test::Backend backend) {
    return backend == thalweg::test::Backend::sqlite ? "SQLite" : "PostgreSQL";
  }
};
