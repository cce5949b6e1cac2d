#include "store/store.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <utility>

#include "base/module.h"
#include "store/notifier.h"
#include "store/parameters.h"
#include "store/readers.h"
#include "store/wait.h"
#include "store/writer.h"

namespace thalweg {

struct Store::Parts {
  Parts(std::unique_ptr<Driver> made, Clock& the_clock, const StoreOptions& options)
      : driver(std::move(made)),
        clock(the_clock),
        notifier(*driver, clock),
        writer(*driver, clock, counters, std::clamp<std::size_t>(options.max_group, 1, driver->max_group()), options.patience),
        readers(*driver, clock, counters, options.readers, options.patience) {}

  const std::unique_ptr<Driver> driver;
  Clock& clock;
  StoreCounters counters;
  Notifier notifier;
  Writer writer;
  Readers readers;
};

namespace {
Result<> check(const Transaction& transaction) {
  for (const Statement& statement : transaction.statements) TRY(check_parameters(statement));
  for (const Notification& notification : transaction.notifications) TRY(check_notification(notification));
  return {};
}

Result<std::unique_ptr<Driver>> postgres_driver(std::string_view url, const StoreOptions& options) {
  const Module module = TRY(open_module("postgres"));
  auto* const factory = TRY(module.function<PostgresFactory>(kPostgresFactory));
  Result<std::unique_ptr<Driver>> driver;
  factory(url, DriverOptions{.patience = options.patience}, driver);
  return driver;
}

Result<std::unique_ptr<Driver>> driver_for(std::string_view url, const StoreOptions& options) {
  static constexpr std::array<std::string_view, 3> kSchemes{"sqlite", "postgresql", "postgres"};
  const std::size_t colon = url.find(':');
  const std::size_t slash = url.find('/');
  std::string_view scheme = colon != std::string_view::npos && colon < slash ? url.substr(0, colon) : std::string_view();
  if (url == ":memory:") return make_sqlite_driver(std::string(url));
  if (scheme == "postgresql" || scheme == "postgres") return postgres_driver(url, options);
  if (!scheme.empty() && scheme != "sqlite") {
    const std::string meant = nearest(scheme, kSchemes);
    return fail(Code::invalid_argument, "there is no kind of store \"{}\"{}{}; use sqlite:PATH or postgresql://...", scheme,
                meant.empty() ? "" : ", did you mean ", meant);
  }
  const std::string_view path = scheme.empty() ? url : url.substr(colon + 1);
  if (path.empty()) return fail(Code::invalid_argument, "the store \"{}\" names no file; use sqlite:PATH", url);
  if (path == ":memory:") return make_sqlite_driver(std::string(path));
  std::error_code error;
  // Absolute, so that a change of folder does not matter and SQLite never takes it for one of its own addresses.
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  if (error) return std::unexpected(system_error(error.value(), fmt::format("find {}", path)));
  return make_sqlite_driver(absolute.string());
}
}  // namespace

Store::Store(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Store::~Store() = default;

void Store::commit(const Context& context, Transaction transaction, Done done) {
  if (auto good = check(transaction); !good) return done(std::unexpected(std::move(good).error()));
  std::vector<Statement> notify;
  for (const Notification& notification : transaction.notifications) {
    for (Statement& statement : parts_->driver->notify(notification)) notify.push_back(std::move(statement));
  }
  const auto job = std::make_shared<Job>(context, std::move(transaction), std::move(notify), std::move(done));
  job->watch();
  parts_->writer.queue().push(job);
}

void Store::read(const Context& context, Statement statement, ReadDone done) {
  if (auto good = check_parameters(statement); !good) return done(std::unexpected(std::move(good).error()));
  statement.expect = Expect::reading;
  Transaction transaction;
  transaction.statements.push_back(std::move(statement));
  transaction.idempotent = true;
  const auto job = std::make_shared<Job>(context, std::move(transaction), std::vector<Statement>(),
                                         [done = std::move(done)](Result<std::vector<Rows>> rows) mutable {
                                           if (!rows) return done(std::unexpected(std::move(rows).error()));
                                           done(std::move(rows->front()));
                                         });
  job->watch();
  if (!parts_->driver->separate_readers()) return parts_->writer.queue().push(job);
  parts_->readers.push(job);
}

Result<std::vector<Rows>> Store::commit(const Context& context, Transaction transaction) {
  return wait_for<std::vector<Rows>>([&](auto done) { commit(context, std::move(transaction), std::move(done)); });
}

Result<Rows> Store::read(const Context& context, Statement statement) {
  return wait_for<Rows>([&](auto done) { read(context, std::move(statement), std::move(done)); });
}

Result<> Store::contact(const Context& context) {
  auto opened = wait_for<std::vector<Rows>>([&](auto done) {
    const auto job = std::make_shared<Job>(context, Transaction(), std::vector<Statement>(), std::move(done));
    job->first_contact = true;
    job->watch();
    parts_->writer.queue().push(job);
  });
  if (!opened) return std::unexpected(std::move(opened).error().at(name()));
  return {};
}

Result<> Store::migrate(const Context& context, std::string_view component, std::span<const Migration> migrations) {
  const Job::Task task = [&](Connection& connection) {
    return run_migrations(connection, parts_->driver->begin_exclusive(), component, migrations, parts_->clock.wall());
  };
  auto done = wait_for<std::vector<Rows>>([&](auto answer) {
    const auto job = std::make_shared<Job>(context, task, std::move(answer));
    job->watch();
    parts_->writer.queue().push(job);
  });
  if (!done) return std::unexpected(std::move(done).error().at(name()));
  return {};
}

Result<Subscription> Store::subscribe(std::string_view channel, std::function<void(const Notice&)> callback) {
  TRY(check_channel(channel));
  return parts_->notifier.subscribe(channel, std::move(callback));
}

StoreStatistics Store::statistics() const noexcept {
  const auto read = [](const std::atomic<std::uint64_t>& counter) { return counter.load(std::memory_order_relaxed); };
  const StoreCounters& counters = parts_->counters;
  return {read(counters.committed), read(counters.commits), read(counters.repeated), read(counters.connected)};
}

const std::string& Store::name() const noexcept { return parts_->driver->name(); }

Result<std::unique_ptr<Store>> open_store(const Context& context, std::string_view url, StoreOptions options) {
  auto driver = TRY(driver_for(url, options));
  auto store = std::make_unique<Store>(std::make_unique<Store::Parts>(std::move(driver), context.clock(), options));
  // Connects, and takes the lock for writing once: what is wrong with the database is told here and not later.
  TRY(store->contact(context));
  return store;
}

Result<std::unique_ptr<Store>> open_store(const Context& context, std::string_view url) { return open_store(context, url, {}); }

}  // namespace thalweg
