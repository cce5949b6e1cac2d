#pragma once
// What a database must offer to stand behind Store. Queues, joining of commits, repetition and deadlines are the store's part.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "store/statement.h"
#include "thalweg/clock.h"

namespace thalweg {

/// Why something failed, as far as it decides what to do next.
enum class Trouble : std::uint8_t {
  statement,    ///< the statement's own fault; nobody else's is concerned
  conflict,     ///< a lock or a conflict with another transaction: the same again can succeed
  interrupted,  ///< interrupt() was called
  lost,         ///< the connection is gone or cannot be made now
  database,     ///< disk full, damaged, not allowed: every statement would fail
};

struct Failure {
  Trouble trouble;
  Error error;
};

/// What open() tells when not even a descriptor to wait on was left.
[[nodiscard]] inline Failure out_of_descriptors() {
  return {Trouble::lost, Error(Code::resource_exhausted, "no file descriptor left; raise the limit (ulimit -n)")};
}

/// One session with a database. Used by one thread at a time, except interrupt().
class Connection {
 public:
  virtual ~Connection() = default;
  /// Connects, or connects anew. Nothing when it worked.
  virtual std::optional<Failure> open() = 0;
  [[nodiscard]] virtual bool is_open() const noexcept = 0;
  /// Runs the steps in order up to the first that fails; appends the rows of each that worked. A failure does not end the
  /// transaction unless in_transaction() says so.
  virtual std::optional<Failure> run(std::span<const Statement* const> steps, std::vector<Rows>& rows) = 0;
  [[nodiscard]] virtual bool in_transaction() const noexcept = 0;
  /// Makes what is running, or the next open() or run(), fail as interrupted. From any thread.
  virtual void interrupt() noexcept = 0;
  /// Forgets an interrupt() that came too late.
  virtual void clear_interrupt() noexcept = 0;
};

/// The receiving end of notifications. Used by one thread, except wake().
class Listener {
 public:
  virtual ~Listener() = default;
  /// Begins, or begins anew, to listen to nothing.
  virtual std::optional<Failure> open() = 0;
  /// From now on notifications on `channel` are received.
  virtual std::optional<Failure> listen(const std::string& channel) = 0;
  /// Waits for notifications or wake(). Sets `missed` when some are known to be lost.
  virtual std::optional<Failure> wait(std::vector<Notification>& received, bool& missed) = 0;
  virtual void wake() noexcept = 0;
};

/// A kind of database at one place. Thread-safe.
class Driver {
 public:
  enum class Role : std::uint8_t { write, read };

  virtual ~Driver() = default;
  /// Where it is, without secrets.
  [[nodiscard]] virtual const std::string& name() const noexcept = 0;
  /// Not yet open.
  [[nodiscard]] virtual std::unique_ptr<Connection> connection(Role role) = 0;
  [[nodiscard]] virtual std::unique_ptr<Listener> listener() = 0;
  /// False when all must go through the one writing connection.
  [[nodiscard]] virtual bool separate_readers() const noexcept = 0;
  /// More transactions in one commit than this do not pay.
  [[nodiscard]] virtual std::size_t max_group() const noexcept = 0;
  /// Begins a transaction for ordinary writing.
  [[nodiscard]] virtual const Statement& begin() const noexcept = 0;
  /// Begins a transaction that waits until no other one begun this way is left, in any process.
  [[nodiscard]] virtual std::span<const Statement> begin_exclusive() const noexcept = 0;
  /// What a transaction runs so that its notification is sent with its commit.
  [[nodiscard]] virtual std::vector<Statement> notify(const Notification& notification) const = 0;
  /// Called after a commit with notifications.
  virtual void notified(std::span<const Notification* const> notifications) noexcept = 0;
};

struct DriverOptions {
  Nanos patience;  ///< how long the server may make a statement wait for a lock
};

/// SQLite's driver for the database file at `path`, or ":memory:".
[[nodiscard]] std::unique_ptr<Driver> make_sqlite_driver(std::string path);

/// The factory that libthalweg-postgres.so exports under kPostgresFactory. The number in the name goes up with every change of
/// this header, so that a module of another version is refused.
using PostgresFactory = void(std::string_view url, const DriverOptions& options, Result<std::unique_ptr<Driver>>& driver);
inline constexpr const char* kPostgresFactory = "thalweg_postgres_driver_1";

}  // namespace thalweg
