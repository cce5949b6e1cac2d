#include <fcntl.h>
#include <sys/stat.h>

#include "store/sqlite.h"

namespace thalweg {

namespace {
constexpr int kKeptNotifications = 10'000;  // a listener that is further behind is told that it missed some

const Statement& begin_immediate() {
  // A transaction that reads first and then writes could find its snapshot overtaken: it takes the lock for writing at once.
  static const Statement kBegin{"begin immediate", {}};
  return kBegin;
}

// A database in a file. Notifications are rows of a table; after the commit the file's times are touched, which wakes the
// listeners of all processes through inotify. (The log's growth would wake them too early: it is written before the commit is
// visible.)
class FileDriver final : public Driver {
 public:
  explicit FileDriver(std::string path) : path_(std::move(path)), name_("sqlite:" + path_) {}

  [[nodiscard]] const std::string& name() const noexcept override { return name_; }
  [[nodiscard]] std::unique_ptr<Connection> connection(Role role) override {
    return std::make_unique<SqliteConnection>(path_, role);
  }
  [[nodiscard]] std::unique_ptr<Listener> listener() override { return make_sqlite_listener(path_); }
  [[nodiscard]] bool separate_readers() const noexcept override { return true; }
  [[nodiscard]] std::size_t max_group() const noexcept override { return 1'000; }
  [[nodiscard]] const Statement& begin() const noexcept override { return begin_immediate(); }
  [[nodiscard]] std::span<const Statement> begin_exclusive() const noexcept override { return {&begin_immediate(), 1}; }
  [[nodiscard]] std::vector<Statement> notify(const Notification& notification) const override {
    return {
        {"create table if not exists thalweg_notification (id integer primary key, channel text not null, payload text not null)",
         {}},
        {"insert into thalweg_notification (channel, payload) values ($1, $2)",
         {Value(notification.channel), Value(notification.payload)}},
        {"delete from thalweg_notification where id <= (select max(id) from thalweg_notification) - $1",
         {Value(kKeptNotifications)}},
    };
  }
  void notified(std::span<const Notification* const>) noexcept override {
    // By name: opening and closing the file would drop SQLite's locks on it (a rule of POSIX locks).
    static_cast<void>(::utimensat(AT_FDCWD, path_.c_str(), nullptr, 0));
  }

 private:
  const std::string path_;
  const std::string name_;
};

// A database in memory belongs to one connection, so all goes through the writer.
class MemoryDriver final : public Driver {
 public:
  [[nodiscard]] const std::string& name() const noexcept override { return name_; }
  [[nodiscard]] std::unique_ptr<Connection> connection(Role role) override {
    return std::make_unique<SqliteConnection>(std::string(kInMemory), role);
  }
  [[nodiscard]] std::unique_ptr<Listener> listener() override { return make_memory_listener(hub_); }
  [[nodiscard]] bool separate_readers() const noexcept override { return false; }
  [[nodiscard]] std::size_t max_group() const noexcept override { return 1'000; }
  [[nodiscard]] const Statement& begin() const noexcept override { return begin_immediate(); }
  [[nodiscard]] std::span<const Statement> begin_exclusive() const noexcept override { return {&begin_immediate(), 1}; }
  [[nodiscard]] std::vector<Statement> notify(const Notification&) const override { return {}; }
  void notified(std::span<const Notification* const> notifications) noexcept override { hub_->send(notifications); }

 private:
  const std::string name_ = "sqlite::memory:";
  const std::shared_ptr<MemoryHub> hub_ = std::make_shared<MemoryHub>();
};
}  // namespace

std::unique_ptr<Driver> make_sqlite_driver(std::string path) {
  if (path == kInMemory) return std::make_unique<MemoryDriver>();
  return std::make_unique<FileDriver>(std::move(path));
}

}  // namespace thalweg
