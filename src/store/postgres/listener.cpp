#include "store/postgres/connection.h"

namespace thalweg::postgres {

namespace {
constexpr int kAnswerWithinMs = 10'000;

class PostgresListener final : public Listener {
 public:
  explicit PostgresListener(Target target) : target_(std::move(target)) {}

  std::optional<Failure> open() override {
    connection_.reset();
    if (!waker_ || !silent_) return out_of_descriptors();
    waker_.clear();
    return connect(target_, waker_, connection_);
  }

  std::optional<Failure> listen(const std::string& channel) override {
    // The channel's letters need no escape inside the quotes (check_channel).
    if (PQsendQuery(connection_.get(), fmt::format("listen \"{}\"", channel).c_str()) == 0) return lost();
    for (;;) {
      while (PQisBusy(connection_.get()) != 0) {
        if (await(connection_.get(), silent_, kAnswerWithinMs) != Awaited::data) return lost();
      }
      const ResultPtr result(PQgetResult(connection_.get()));
      if (result == nullptr) return std::nullopt;
      if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) return result_failure(result.get(), target_, "listen");
    }
  }

  std::optional<Failure> wait(std::vector<Notification>& received, bool&) override {
    take(received);  // what came along with the answer to a listen
    if (!received.empty()) return std::nullopt;
    const Awaited awaited = await(connection_.get(), waker_, -1);
    waker_.clear();
    if (awaited == Awaited::lost) return lost();
    take(received);
    // A server that goes away says so before it closes the connection.
    return PQstatus(connection_.get()) == CONNECTION_BAD ? std::optional(lost()) : std::nullopt;
  }

  void wake() noexcept override { waker_.wake(); }

 private:
  void take(std::vector<Notification>& received) {
    for (std::unique_ptr<PGnotify, Closer> notification(PQnotifies(connection_.get())); notification != nullptr;
         notification.reset(PQnotifies(connection_.get()))) {
      received.push_back({notification->relname, notification->extra});
    }
  }
  Failure lost() {
    Failure failure = connection_failure(connection_.get(), target_);
    failure.trouble = Trouble::lost;
    return failure;
  }

  const Target target_;
  ConnectionPtr connection_;
  Waker waker_;
  const Waker silent_;  // nobody wakes it
};
}  // namespace

std::unique_ptr<Listener> make_listener(Target target) { return std::make_unique<PostgresListener>(std::move(target)); }

}  // namespace thalweg::postgres
