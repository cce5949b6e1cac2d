#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "store/sqlite.h"
#include "store/wake.h"

namespace thalweg {

namespace {

class FileListener final : public Listener {
 public:
  explicit FileListener(std::string path) : path_(std::move(path)), connection_(path_, Driver::Role::read) {}

  std::optional<Failure> open() override {
    if (!waker_) return out_of_descriptors();
    // The watch comes before the look at the table: what is committed in between is seen by both, never by none.
    watch_ = Descriptor(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    if (!watch_ || ::inotify_add_watch(watch_.get(), path_.c_str(), IN_ATTRIB) < 0) {
      return Failure{Trouble::lost, system_error(errno, fmt::format("watch {} for notifications", path_))};
    }
    if (auto failure = connection_.open()) return failure;
    std::vector<Rows> rows;
    if (auto failure = run({"select count(*) from sqlite_schema where name = 'thalweg_notification'", {}}, rows)) return failure;
    last_ = 0;
    if (rows[0][0][0].as_int() == 0) return std::nullopt;
    rows.clear();
    if (auto failure = run({"select coalesce(max(id), 0) from thalweg_notification", {}}, rows)) return failure;
    last_ = rows[0][0][0].as_int();
    exists_ = true;
    return std::nullopt;
  }

  std::optional<Failure> listen(const std::string&) override { return std::nullopt; }  // the one table holds all channels

  std::optional<Failure> wait(std::vector<Notification>& received, bool& missed) override {
    if (!pending_) {
      std::array<pollfd, 2> waits{pollfd{watch_.get(), POLLIN, 0}, pollfd{waker_.descriptor(), POLLIN, 0}};
      while (::poll(waits.data(), waits.size(), -1) < 0 && errno == EINTR) {
      }
      waker_.clear();
      drain();
    }
    if (!std::exchange(pending_, false)) return std::nullopt;
    auto failure = collect(received, missed);
    if (failure) pending_ = true;  // it is asked again after the pause
    return failure;
  }

  void wake() noexcept override { waker_.wake(); }

 private:
  std::optional<Failure> run(const Statement& statement, std::vector<Rows>& rows) {
    const Statement* const step = &statement;
    return connection_.run(std::span(&step, 1), rows);
  }

  void drain() {
    std::array<char, 4'096> buffer;
    while (::read(watch_.get(), buffer.data(), buffer.size()) > 0) pending_ = true;
  }

  std::optional<Failure> collect(std::vector<Notification>& received, bool& missed) {
    std::vector<Rows> rows;
    if (!exists_) {
      if (auto failure = run({"select count(*) from sqlite_schema where name = 'thalweg_notification'", {}}, rows))
        return failure;
      exists_ = rows[0][0][0].as_int() != 0;
      if (!exists_) return std::nullopt;
      rows.clear();
    }
    if (auto failure =
            run({"select id, channel, payload from thalweg_notification where id > $1 order by id", {Value(last_)}}, rows)) {
      return failure;
    }
    const Rows& found = rows[0];
    for (std::size_t i = 0; i < found.size(); ++i) {
      const std::int64_t id = found[i][0].as_int();
      if (id != last_ + 1) missed = true;  // numbers have no gaps, so the oldest were deleted before we came
      last_ = id;
      received.push_back({std::string(found[i][1].as_string()), std::string(found[i][2].as_string())});
    }
    return std::nullopt;
  }

  const std::string path_;
  SqliteConnection connection_;
  Descriptor watch_;
  Waker waker_;
  std::int64_t last_ = 0;
  bool exists_ = false;
  bool pending_ = false;
};

class MemoryListener final : public Listener {
 public:
  explicit MemoryListener(std::shared_ptr<MemoryHub> hub) : hub_(std::move(hub)) { hub_->add(waker_); }
  ~MemoryListener() override { hub_->remove(waker_); }
  std::optional<Failure> open() override { return waker_ ? std::nullopt : std::optional(out_of_descriptors()); }
  std::optional<Failure> listen(const std::string&) override { return std::nullopt; }
  std::optional<Failure> wait(std::vector<Notification>& received, bool&) override {
    pollfd wait{waker_.descriptor(), POLLIN, 0};
    while (::poll(&wait, 1, -1) < 0 && errno == EINTR) {
    }
    waker_.clear();
    received = hub_->take(waker_);
    return std::nullopt;
  }
  void wake() noexcept override { waker_.wake(); }

 private:
  const std::shared_ptr<MemoryHub> hub_;
  Waker waker_;
};

}  // namespace

void MemoryHub::add(Waker& waker) {
  const std::lock_guard lock(mutex_);
  receivers_.push_back({&waker, {}});
}

void MemoryHub::remove(Waker& waker) noexcept {
  const std::lock_guard lock(mutex_);
  std::erase_if(receivers_, [&](const Receiver& receiver) { return receiver.waker == &waker; });
}

void MemoryHub::send(std::span<const Notification* const> notifications) {
  const std::lock_guard lock(mutex_);
  for (Receiver& receiver : receivers_) {
    for (const Notification* notification : notifications) receiver.waiting.push_back(*notification);
    receiver.waker->wake();
  }
}

std::vector<Notification> MemoryHub::take(Waker& waker) {
  const std::lock_guard lock(mutex_);
  for (Receiver& receiver : receivers_) {
    if (receiver.waker == &waker) return std::exchange(receiver.waiting, {});
  }
  return {};
}

std::unique_ptr<Listener> make_sqlite_listener(std::string path) { return std::make_unique<FileListener>(std::move(path)); }
std::unique_ptr<Listener> make_memory_listener(std::shared_ptr<MemoryHub> hub) {
  return std::make_unique<MemoryListener>(std::move(hub));
}

}  // namespace thalweg
