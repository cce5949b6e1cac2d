#pragma once
// SQLite's side of the driver.

#include <sqlite3.h>

#include <atomic>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "store/driver.h"
#include "store/wake.h"

namespace thalweg {

/// What SQLite's last failure on `database` (null: it could not even be made) means, with the cure for those who run the program.
[[nodiscard]] Failure sqlite_failure(sqlite3* database, int result, const std::string& path, std::string_view doing);

/// One connection to a database file. Statements stay prepared.
class SqliteConnection final : public Connection {
 public:
  SqliteConnection(std::string path, Driver::Role role) : path_(std::move(path)), role_(role) {}
  ~SqliteConnection() override { close(); }

  std::optional<Failure> open() override;
  [[nodiscard]] bool is_open() const noexcept override { return database_ != nullptr; }
  std::optional<Failure> run(std::span<const Statement* const> steps, std::vector<Rows>& rows) override;
  [[nodiscard]] bool in_transaction() const noexcept override;
  void interrupt() noexcept override { interrupted_.store(true, std::memory_order_release); }
  void clear_interrupt() noexcept override { interrupted_.store(false, std::memory_order_release); }

 private:
  struct Prepared {
    sqlite3_stmt* statement = nullptr;
    std::vector<std::size_t> parameters;  // which of the caller's each of SQLite's is, from 0
    std::list<std::string>::iterator used;
  };
  void close() noexcept;
  std::optional<Failure> prepare(const Statement& statement, Prepared*& prepared);
  std::optional<Failure> bind(const Statement& statement, const Prepared& prepared);
  std::optional<Failure> step(const Statement& statement, Rows& rows);
  [[nodiscard]] Failure failed(int result, std::string_view doing) const;

  const std::string path_;
  const Driver::Role role_;
  sqlite3* database_ = nullptr;
  std::atomic<bool> interrupted_ = false;
  std::unordered_map<std::string, Prepared> prepared_;
  std::list<std::string> recent_;  // their texts, the latest used first
};

/// Hands notifications to the listeners of one store whose database is in memory.
class MemoryHub {
 public:
  void add(Waker& waker);
  void remove(Waker& waker) noexcept;
  void send(std::span<const Notification* const> notifications);
  [[nodiscard]] std::vector<Notification> take(Waker& waker);

 private:
  struct Receiver {
    Waker* waker;
    std::vector<Notification> waiting;
  };
  std::mutex mutex_;
  std::vector<Receiver> receivers_;
};

/// Listeners of a database file (`path`) or of a database in memory (`hub`).
[[nodiscard]] std::unique_ptr<Listener> make_sqlite_listener(std::string path);
[[nodiscard]] std::unique_ptr<Listener> make_memory_listener(std::shared_ptr<MemoryHub> hub);

inline constexpr std::string_view kInMemory = ":memory:";

}  // namespace thalweg
