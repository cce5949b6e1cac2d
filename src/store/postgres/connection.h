#pragma once
// PostgreSQL's side of the driver. This folder is a module of its own: nothing outside includes it.

#include <libpq-fe.h>

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "store/driver.h"
#include "store/wake.h"

namespace thalweg::postgres {

struct Closer {
  void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
  void operator()(PGresult* result) const noexcept { PQclear(result); }
  void operator()(PGcancel* cancel) const noexcept { PQfreeCancel(cancel); }
  void operator()(PGnotify* notification) const noexcept { PQfreemem(notification); }
};
using ConnectionPtr = std::unique_ptr<PGconn, Closer>;
using ResultPtr = std::unique_ptr<PGresult, Closer>;

/// A server, and how to speak to it.
struct Target {
  std::vector<std::pair<std::string, std::string>> parameters;  ///< libpq's, password and all
  std::string name;                                             ///< for messages
};

/// What a failed result means.
[[nodiscard]] Failure result_failure(const PGresult* result, const Target& target, std::string_view doing);
/// What the connection's own last error means: it is lost, or could not be made.
[[nodiscard]] Failure connection_failure(const PGconn* connection, const Target& target);

enum class Awaited : std::uint8_t { data, woken, timeout, lost };
/// Waits until the server sent something (and takes it in, and sends what waits to be sent), until `waker` was woken, or until
/// `milliseconds` are over (-1: never).
[[nodiscard]] Awaited await(PGconn* connection, const Waker& waker, int milliseconds);

/// Connects, not blocking; fails as interrupted when `waker` is woken.
[[nodiscard]] std::optional<Failure> connect(const Target& target, const Waker& waker, ConnectionPtr& connection);

/// A result as rows: text format in, cells out.
[[nodiscard]] Rows rows_of(const PGresult* result);

/// One session with a server. All statements of a run() are sent at once (pipeline mode), so a group of transactions costs one
/// round trip, and they stay prepared.
class PostgresConnection final : public Connection {
 public:
  explicit PostgresConnection(Target target) : target_(std::move(target)) {}

  std::optional<Failure> open() override;
  [[nodiscard]] bool is_open() const noexcept override { return connection_ != nullptr; }
  std::optional<Failure> run(std::span<const Statement* const> steps, std::vector<Rows>& rows) override;
  [[nodiscard]] bool in_transaction() const noexcept override;
  void interrupt() noexcept override { waker_.wake(); }
  void clear_interrupt() noexcept override { waker_.clear(); }

 private:
  struct Sent {
    const Statement* statement;  // null: what the connection sent for itself
    std::string prepares;        // its key in prepared_ when this prepares it
  };
  bool send(const Statement& statement);
  bool send_parameters(const Statement& statement, const std::string& name);
  std::optional<Failure> receive(std::vector<Rows>& rows);
  std::optional<Failure> next(ResultPtr& result);
  [[nodiscard]] Failure failed(const PGresult* result, const Statement* statement) const;
  Failure lost();

  const Target target_;
  ConnectionPtr connection_;
  Waker waker_;
  std::unordered_map<std::string, std::string> prepared_;  // kinds of parameters and text -> the server's name for it
  std::uint64_t names_ = 0;
  std::vector<Sent> sent_;  // in the pipeline that runs
  bool cancelled_ = false;  // the pipeline that runs
};

[[nodiscard]] std::unique_ptr<Listener> make_listener(Target target);

}  // namespace thalweg::postgres
