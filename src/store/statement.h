#pragma once
// SQL as data: what is run, with which parameters, and what comes back. The same on every backend.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "thalweg/value.h"

namespace thalweg {

/// What a statement promises; a broken promise is an error and rolls its transaction back.
enum class Expect : std::uint8_t {
  anything,
  change,   ///< must insert, update or delete a row: failed_precondition when it does not (compare-and-set, budgets, locks)
  reading,  ///< must not write
};

/// One SQL statement with parameters `$1`, `$2`, ... Parameters and cells are null, int, double, string (UTF-8 without zero
/// bytes) or bytes; a bool is given and comes back as 0 or 1. README.md tells the SQL that both backends understand.
///
///     Statement{"update account set left = left - $1 where name = $2 and left >= $1", {Value(5), Value("gpu")}, Expect::change}
struct Statement {
  std::string sql;
  std::vector<Value> parameters;
  Expect expect = Expect::anything;
};

/// What a statement returned.
struct Rows {
  std::vector<std::string> columns;
  std::vector<Value> cells;  ///< row after row
  std::int64_t changed = 0;  ///< rows inserted, updated or deleted

  [[nodiscard]] std::size_t size() const noexcept { return columns.empty() ? 0 : cells.size() / columns.size(); }
  [[nodiscard]] bool empty() const noexcept { return cells.empty(); }
  [[nodiscard]] std::span<const Value> operator[](std::size_t row) const noexcept {
    return std::span(cells).subspan(row * columns.size(), columns.size());
  }
};

/// A message to every process that subscribed to `channel` on the same database.
struct Notification {
  std::string channel;  ///< 1 to 63 letters, digits, '_', '-' or '.'
  std::string payload;  ///< at most 7,999 bytes of UTF-8 without zero bytes (PostgreSQL's limit)
};

/// Statements that take effect together or not at all, isolated from all other transactions (serialisable).
struct Transaction {
  std::vector<Statement> statements;
  std::vector<Notification> notifications;  ///< delivered when, and only when, the transaction is committed
  /// Running it twice is the same as running it once. Only then is it repeated when the connection is lost during the commit,
  /// where nobody can know whether it was stored; otherwise the caller is told `unavailable`.
  bool idempotent = false;
};

}  // namespace thalweg
