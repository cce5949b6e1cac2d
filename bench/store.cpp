// The store on a SQLite file: what joining commits gains, and what reading costs. A commit waits for the disk, so these figures
// say as much about the disk as about the program; the gain is measured in turn on the same one.

#include "bench/store.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <latch>
#include <string>

#include "store/cache.h"
#include "store/store.h"

namespace thalweg::bench {

namespace {
constexpr int kInFlight = 64;

struct Place {
  Place() {
    std::string pattern = (std::filesystem::temp_directory_path() / "thalweg-bench-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
  }
  ~Place() {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
  std::filesystem::path folder;
};

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
}  // namespace

void bench_store(Report& report) {
  const Place place;
  const Context context(report.clock());
  const auto single = open_table(context, (place.folder / "single.db").string(), {.max_group = 1});
  const auto joined = open_table(context, (place.folder / "joined.db").string(), {});
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
}

}  // namespace thalweg::bench
