#include <map>
#include <memory>

#include "store/postgres/connection.h"

namespace thalweg::postgres {

namespace {
// Any two programs of this project must use the same number.
constexpr std::int64_t kMigrationLock = 0x7468'616C'7765'67;  // "thalweg"

class PostgresDriver final : public Driver {
 public:
  PostgresDriver(Target writing, Target reading) : writing_(std::move(writing)), reading_(std::move(reading)) {}

  [[nodiscard]] const std::string& name() const noexcept override { return writing_.name; }
  [[nodiscard]] std::unique_ptr<Connection> connection(Role role) override {
    return std::make_unique<PostgresConnection>(role == Role::write ? writing_ : reading_);
  }
  [[nodiscard]] std::unique_ptr<Listener> listener() override { return make_listener(reading_); }
  [[nodiscard]] bool separate_readers() const noexcept override { return true; }
  // A transaction with more than 64 subtransactions slows down every other session of the server.
  [[nodiscard]] std::size_t max_group() const noexcept override { return 60; }
  [[nodiscard]] const Statement& begin() const noexcept override { return begin_; }
  [[nodiscard]] std::span<const Statement> begin_exclusive() const noexcept override { return begin_exclusive_; }
  [[nodiscard]] std::vector<Statement> notify(const Notification& notification) const override {
    return {{"select pg_notify($1, $2)", {Value(notification.channel), Value(notification.payload)}}};
  }
  void notified(std::span<const Notification* const>) noexcept override {}  // the server did it with the commit

 private:
  const Target writing_, reading_;
  const Statement begin_{"begin isolation level serializable", {}};
  // Not serialisable: its view must begin after the lock was had, to see what the one before did.
  const std::vector<Statement> begin_exclusive_{{"begin isolation level read committed", {}},
                                                {"select pg_advisory_xact_lock($1)", {Value(kMigrationLock)}}};
};

using Options = std::map<std::string, std::string>;

Result<Options> parse(std::string_view url) {
  char* message = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(PQconninfoParse(std::string(url).c_str(), &message),
                                                                             &PQconninfoFree);
  if (options == nullptr) {
    // libpq's message may quote the URL with its password; only what it says before that is shown.
    std::string reason = message == nullptr ? "out of memory" : message;
    PQfreemem(message);
    reason = reason.substr(0, reason.find(':'));
    while (!reason.empty() && reason.back() == '\n') reason.pop_back();
    return fail(Code::invalid_argument,
                "the URL of the PostgreSQL store is wrong: {}; write postgresql://user@host:port/database", reason);
  }
  Options parsed;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) parsed[option->keyword] = option->val;
  }
  return parsed;
}

std::string name_of(const Options& options) {
  const auto get = [&](const char* key, std::string_view otherwise) {
    const auto found = options.find(key);
    return found == options.end() ? std::string(otherwise) : found->second;
  };
  return fmt::format("postgresql://{}:{}/{}", get("host", get("hostaddr", "localhost")), get("port", "5432"),
                     get("dbname", get("user", "")));
}

Target target(Options options, std::string_view settings) {
  Target made;
  made.name = name_of(options);
  options["options"] += settings;
  options["client_encoding"] = "UTF8";
  // A server that vanished without a word is noticed after this; a URL may set its own.
  options.try_emplace("tcp_user_timeout", "10000");
  options.try_emplace("keepalives_idle", "10");
  options.try_emplace("fallback_application_name", "thalweg");
  for (auto& [key, value] : options) made.parameters.emplace_back(key, std::move(value));
  return made;
}
}  // namespace

void make(std::string_view url, const DriverOptions& driver_options, Result<std::unique_ptr<Driver>>& driver) {
  auto options = parse(url);
  if (!options) {
    driver = std::unexpected(std::move(options).error());
    return;
  }
  const std::string settings =
      fmt::format(" -c lock_timeout={} -c bytea_output=hex -c extra_float_digits=1 -c client_min_messages=error",
                  std::max<Nanos>(driver_options.patience / kMillisecond, 1));
  driver = std::make_unique<PostgresDriver>(target(*options, settings),
                                            target(*options, settings + " -c default_transaction_read_only=on"));
}

}  // namespace thalweg::postgres

extern "C" __attribute__((visibility("default"))) void thalweg_postgres_driver_1(
    std::string_view url, const thalweg::DriverOptions& options, thalweg::Result<std::unique_ptr<thalweg::Driver>>& driver) {
  thalweg::postgres::make(url, options, driver);
}
