// The ledger and the programs that write it: nothing that was put is lost, whatever happens to them.
#include <csignal>
#include <fstream>
#include <map>
#include <thread>

#include "base/machine.h"
#include "store/ledger_book.h"

using namespace thalweg;
using namespace thalweg::test;

namespace {
std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}
}  // namespace

TEST_CASE("the child that puts batches" * doctest::skip()) {
  const Book book(Backend::sqlite, 60, variable("THALWEG_TEST_PATH"));
  std::ofstream told(variable("THALWEG_TEST_PATH") + ".told");
  for (std::int64_t batch = 0;; ++batch) {
    std::vector<LedgerRow> rows;
    for (std::int64_t i = 0; i < 64; ++i) rows.push_back(book.row(batch * 64 + i, Value(batch)));
    must(book.ledger->put(book.context, kScore, std::move(rows)));
    told << batch << std::endl;
  }
}

TEST_CASE("a program killed in the middle loses at most the batch on its way") {
  for (int round = 0; round < 3; ++round) {
    const Scratch folder;
    const std::string path = folder / "eval.db";
    Child child("the child that puts batches", {"THALWEG_TEST_PATH=" + path});
    std::int64_t told = -1;
    for (std::int64_t least = 5 + 11 * round; told < least;) {  // until it has put some
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      REQUIRE(child.running());
      std::ifstream file(path + ".told");
      for (std::int64_t number = 0; file >> number;) told = number;
    }
    child.kill(SIGKILL);
    CHECK(child.wait() == -SIGKILL);
    std::ifstream file(path + ".told");
    for (std::int64_t number = 0; file >> number;) told = number;
    const Book book(Backend::sqlite, 60, path);
    std::map<std::int64_t, int> batches;
    for (const LedgerRow& row : book.all({})) ++batches[must(row.result).as_int()];
    for (const auto& [batch, rows] : batches) CHECK(rows == 64);
    const auto there = static_cast<std::int64_t>(batches.size());
    CHECK(there >= told + 1);  // what it was told is kept is kept
    CHECK(there <= told + 2);
    CHECK(batches.rbegin()->first == there - 1);
    // The next program goes on from there.
    CHECK(book.status(there * 64 - 1).state == ItemState::done);
    CHECK(book.status(there * 64).state == ItemState::open);
  }
}

TEST_CASE("several programs on one stage lose no row") {
  for (const Backend backend : kBackends) {
    CAPTURE(backend);
    const Place place(backend);
    constexpr std::int64_t kPrograms = 4, kBatches = 20, kBatch = 16;
    {
      std::vector<std::jthread> programs;
      for (std::int64_t p = 0; p < kPrograms; ++p) {
        programs.emplace_back([&, p] {
          const Book book(backend, 60, place.url());
          for (std::int64_t b = 0; b < kBatches; ++b) {
            std::vector<LedgerRow> rows;
            // Own items, and ones that all put at the same time in different orders: every program fails on all but one of them.
            for (std::int64_t i = 0; i < kBatch; ++i) rows.push_back(book.row(1'000 * (p + 1) + b * kBatch + i, Value(p)));
            for (std::int64_t i = 0; i < kPrograms; ++i) {
              const std::int64_t item = b * kPrograms + (p % 2 == 0 ? i : kPrograms - 1 - i);
              rows.push_back(item % kPrograms == p ? book.row(item, Value(p)) : book.row(item, fail(Code::internal, "not mine")));
            }
            must(book.ledger->put(book.context, kScore, std::move(rows)));
          }
        });
      }
    }
    const Book book(backend, 60, place.url());
    CHECK(counts(book) == std::array<std::int64_t, 3>{kPrograms * kBatches * (kBatch + 1), 0, 0});
    CHECK(book.all({.page = 100}).size() == kPrograms * kBatches * (kBatch + 1));
  }
}

#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)  // which hold memory that was freed
TEST_CASE("a hundred thousand rows are read in the memory of a page") {
  Book book(Backend::sqlite);
  constexpr std::int64_t kRows = 100'000, kBatch = 1'000;
  const std::string text(200, 'x');
  for (std::int64_t from = 0; from < kRows; from += kBatch) {
    std::vector<LedgerRow> rows;
    for (std::int64_t i = from; i < from + kBatch; ++i) rows.push_back(book.row(i, Value(text)));
    must(book.ledger->put(book.context, kScore, std::move(rows)));
  }
  const auto before = peak_memory();
  std::int64_t rows = 0;
  LedgerReader reader = book.ledger->read(kScore, {});
  while (const auto row = must(reader.next(book.context))) {
    CHECK(row->result->size() == 200);
    ++rows;
  }
  CHECK(rows == kRows);
  CHECK(peak_memory() - before < 10'000'000);  // all of them would be 40 MB
}
#endif
