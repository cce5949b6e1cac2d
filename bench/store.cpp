// The store on a SQLite file: what joining commits gains, and what reading costs. A commit waits for the disk, so these figures
// say as much about the disk as about the program; the gain is measured in turn on the same one.

#include "bench/store.h"

#include <sqlite3.h>

#include <cstdlib>
#include <filesystem>
#include <latch>
#include <string>

#include "base/value_codec.h"
#include "engine/ledger.h"
#include "store/cache.h"
#include "store/store.h"
#include "tests/scratch.h"

namespace thalweg::bench {

namespace {
constexpr int kInFlight = 64;

std::unique_ptr<Store> open_table(const Context& context, const std::string& path, StoreOptions options) {
  auto store = open_store(context, path, options).value();
  Transaction table;
  table.statements = {{"create table item (id bigint primary key, state text not null, at_ns bigint not null)", {}}};
  store->commit(context, table).value();
  return store;
}

// Rows of a ledger, as many callers would write them at one time.
void write_some(Store& store, const Context& context, std::int64_t& next) {
  std::latch left(kInFlight);
  for (int i = 0; i < kInFlight; ++i) {
    Transaction row;
    row.statements = {{"insert into item values ($1, $2, $3)", {Value(next++), Value("done"), Value(context.clock().wall())}}};
    store.commit(context, std::move(row), [&left](Result<std::vector<Rows>> rows) {
      keep(rows.value().size());
      left.count_down();
    });
  }
  left.wait();
}

const LedgerStage kStage{"score", "1", "configuration", "model"};

// What a scored text leaves behind.
Value result_of(std::int64_t i) {
  return Value::map({{"decision", Value("accept")}, {"score", Value(0.01 * static_cast<double>(i % 100))}});
}

void put_some(Ledger& ledger, const Context& context, std::int64_t& next, std::size_t batch) {
  std::vector<LedgerRow> rows;
  rows.reserve(batch);
  for (std::size_t i = 0; i < batch; ++i, ++next) {
    rows.push_back(
        {.item = ledger.key(fmt::format("text {}", next)), .label = fmt::format("s{}", next), .result = result_of(next)});
  }
  ledger.put(context, kStage, std::move(rows)).value();
}

// The yardstick: the ledger's table filled by hand on one thread, prepared once, the same durability.
class RawLedger {
 public:
  explicit RawLedger(const std::string& path) {
    if (::sqlite3_open(path.c_str(), &database_) != SQLITE_OK) std::abort();
    run("pragma journal_mode = wal");
    run("pragma synchronous = full");
    run("create table ledger (stage blob not null, item blob not null, status bigint not null, result blob, code bigint, message "
        "text, attempts bigint not null, label text not null, elapsed_ns bigint not null, at_ns bigint not null, place bigint "
        "not "
        "null, primary key (stage, item))");
    run("create index ledger_place on ledger (stage, place, item)");
    run("create index ledger_not_done on ledger (stage, status, place, item) where status <> 0");
    const char* const insert = "insert into ledger values (?, ?, 0, ?, null, null, 1, ?, 0, ?, ?)";
    if (::sqlite3_prepare_v2(database_, insert, -1, &insert_, nullptr) != SQLITE_OK) std::abort();
  }
  RawLedger(const RawLedger&) = delete;
  RawLedger& operator=(const RawLedger&) = delete;
  ~RawLedger() {
    ::sqlite3_finalize(insert_);
    ::sqlite3_close(database_);
  }

  void put(std::int64_t& next, std::size_t batch) {
    const Hash128 stage = kStage.key();
    run("begin immediate");
    for (std::size_t i = 0; i < batch; ++i, ++next) {
      const Hash128 item = hash128(fmt::format("text {}", next));
      const std::string result = encode_value(result_of(next)).value(), label = fmt::format("s{}", next);
      ::sqlite3_bind_blob(insert_, 1, stage.bytes.data(), static_cast<int>(stage.bytes.size()), nullptr);
      ::sqlite3_bind_blob(insert_, 2, item.bytes.data(), static_cast<int>(item.bytes.size()), nullptr);
      ::sqlite3_bind_blob(insert_, 3, result.data(), static_cast<int>(result.size()), nullptr);
      ::sqlite3_bind_text(insert_, 4, label.data(), static_cast<int>(label.size()), nullptr);
      ::sqlite3_bind_int64(insert_, 5, next);
      ::sqlite3_bind_int64(insert_, 6, next);
      if (::sqlite3_step(insert_) != SQLITE_DONE) std::abort();
      ::sqlite3_reset(insert_);
    }
    run("commit");
  }

 private:
  void run(const char* sql) {
    if (::sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) std::abort();
  }
  sqlite3* database_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
};

void bench_ledger(Report& report, const Context& context, const std::filesystem::path& folder) {
  const auto ledger = Ledger::open(context, (folder / "ledger.db").string()).value();
  std::int64_t next = 0, next_raw = 0;
  for (const std::size_t batch : {8, 64, 512}) {
    report.rate(fmt::format("store.ledger.put{}", batch), "rows/s", static_cast<double>(batch),
                [&] { put_some(*ledger, context, next, batch); });
  }
  RawLedger raw((folder / "raw.db").string());
  while (next_raw < next) raw.put(next_raw, 512);  // tables of the same size
  report.ratio("store.ledger.cost64", [&] { put_some(*ledger, context, next, 64); }, [&] { raw.put(next_raw, 64); });
  std::int64_t at = 0;
  report.rate("store.ledger.find64", "rows/s", kInFlight, [&] {
    std::vector<Hash128> items;
    for (int i = 0; i < kInFlight; ++i) items.push_back(ledger->key(fmt::format("text {}", at = (at + 7'919) % next)));
    keep(ledger->find(context, kStage, items).value().size());
  });
}
}  // namespace

void bench_store(Report& report) {
  const Scratch place;
  const Context context(report.clock());
  const auto single = open_table(context, place.path("single.db"), {.max_group = 1});
  const auto joined = open_table(context, place.path("joined.db"), {});
  std::int64_t next_single = 0, next_joined = 0;
  const auto write_single = [&] { write_some(*single, context, next_single); };
  const auto write_joined = [&] { write_some(*joined, context, next_joined); };
  report.rate("store.commit.single", "transactions/s", kInFlight, write_single);
  report.rate("store.commit.joined", "transactions/s", kInFlight, write_joined);
  report.ratio("store.commit.gain", write_single, write_joined);

  std::int64_t at = 0;
  const auto key = [&] { return Value(at = (at + 7'919) % next_joined); };
  report.time("store.read",
              [&] { keep(joined->read(context, {"select state, at_ns from item where id = $1", {key()}}).value().size()); });
  report.time(
      "store.read64",
      [&] {
        std::latch left(kInFlight);
        for (int i = 0; i < kInFlight; ++i) {
          joined->read(context, {"select state, at_ns from item where id = $1", {key()}}, [&left](Result<Rows> rows) {
            keep(rows.value().size());
            left.count_down();
          });
        }
        left.wait();
      },
      kInFlight);

  const Cache cache = Cache::open(*joined, context).value();
  cache.put(context, "key", Value::bytes(std::string(1'000, 'x')), kNever).value();
  report.time("store.cache.get", [&] { keep(cache.get(context, "key").value()->value.size()); });
  bench_ledger(report, context, place.folder());
}

}  // namespace thalweg::bench
