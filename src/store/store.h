#pragma once
// The one way to keep things: an SQL database behind threads of its own.

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "store/migration.h"
#include "store/statement.h"
#include "thalweg/context.h"

namespace thalweg {

struct StoreOptions {
  std::size_t readers = 2;           ///< connections for reading, opened when needed
  std::size_t max_group = SIZE_MAX;  ///< transactions joined into one commit; the backend has a limit of its own, too
  /// How long a call without a nearer deadline waits for another's lock or for a lost server, before it is `unavailable`.
  Nanos patience = 10 * kSecond;
};

/// What a subscriber gets.
struct Notice {
  /// Notifications may have been missed (always so once at the start of a subscription, then after a lost connection): read anew
  /// what you follow. Everything committed after this notice is delivered.
  bool resync = false;
  std::string payload;
};

/// Keeps a subscription alive. Once destroyed its callback is not running and will not run; so do not destroy it inside of it.
class Subscription {
 public:
  struct Entry;
  explicit Subscription(std::shared_ptr<Entry> entry) : entry_(std::move(entry)) {}
  Subscription(Subscription&&) noexcept = default;
  Subscription& operator=(Subscription&& other) noexcept;
  ~Subscription();

 private:
  std::shared_ptr<Entry> entry_;
};

/// Counters since the store was opened.
struct StoreStatistics {
  std::uint64_t committed = 0;  ///< transactions committed
  std::uint64_t commits = 0;    ///< commits they took: fewer, when transactions were joined
  std::uint64_t repeated = 0;   ///< attempts after a lock, a conflict or a lost connection
  std::uint64_t connected = 0;  ///< connections opened
};

/// A database. Thread-safe. Calls never block: the answer comes to `done`, on a thread of the store (or of the clock, when the
/// deadline passes first), so `done` must be short and must not wait for this store. Transactions are run in the order given,
/// those that wait at the same time share one commit, and each is told its own outcome.
///
///     auto store = TRY(open_store(context, "sqlite:ledger.db"));
///     TRY(store->migrate(context, "ledger", kMigrations));
///     store->commit(context, {.statements = {{"insert into item values ($1, $2)", {Value(1), Value("done")}}}},
///                   [](Result<std::vector<Rows>> rows) { ... });
///
/// Errors of a call: cancelled, deadline_exceeded (the context); already_exists (a unique key); failed_precondition (another
/// constraint or Expect::change); invalid_argument (SQL or parameters); unavailable (locked, or the server is lost);
/// resource_exhausted (disk full); permission_denied (read-only); data_loss (damaged database).
class Store {
 public:
  using Done = std::move_only_function<void(Result<std::vector<Rows>>)>;
  using ReadDone = std::move_only_function<void(Result<Rows>)>;

  /// Finishes what is running; what still waits in the queue gets `cancelled`.
  ~Store();

  /// Results in the order of the statements.
  void commit(const Context& context, Transaction transaction, Done done);
  /// A statement that only reads, on a connection of its own; it sees every transaction whose `done` was called before.
  void read(const Context& context, Statement statement, ReadDone done);

  /// The same, waiting for the answer. Not from a thread of the store.
  Result<std::vector<Rows>> commit(const Context& context, Transaction transaction);
  Result<Rows> read(const Context& context, Statement statement);

  /// Brings the tables of `component` up to date, waiting for the answer: see migration.h.
  Result<> migrate(const Context& context, std::string_view component, std::span<const Migration> migrations);

  /// Calls `callback` (on a thread of the store) for every notification on `channel` committed by any process.
  /// Errors: invalid_argument for a channel's name.
  Result<Subscription> subscribe(std::string_view channel, std::function<void(const Notice&)> callback);

  [[nodiscard]] StoreStatistics statistics() const noexcept;
  /// The database's name without secrets: "sqlite:ledger.db", "postgresql://host:5432/ledger".
  [[nodiscard]] const std::string& name() const noexcept;

  struct Parts;
  explicit Store(std::unique_ptr<Parts> parts);

 private:
  friend Result<std::unique_ptr<Store>> open_store(const Context& context, std::string_view url, StoreOptions options);
  Result<> contact(const Context& context);
  std::unique_ptr<Parts> parts_;
};

/// Opens the database at `url`: "sqlite:PATH" or a plain path (made when missing), "sqlite::memory:" (private to this store), or
/// "postgresql://user@host:port/database?option=value" as libpq has it. The clock of `context` must outlive the store.
/// Errors: invalid_argument (url), unavailable (no server), permission_denied, unauthenticated, data_loss (no database at that
/// path), not_found (folder or database missing; for PostgreSQL also the module libthalweg-postgres.so).
Result<std::unique_ptr<Store>> open_store(const Context& context, std::string_view url, StoreOptions options);
Result<std::unique_ptr<Store>> open_store(const Context& context, std::string_view url);

}  // namespace thalweg
