#pragma once
// A ledger in a database of its own, and what the ledger's tests ask of it.

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "engine/ledger.h"
#include "store/helpers.h"
#include "store/postgres_server.h"

namespace thalweg::test {

inline const LedgerStage kScore{"score", "1", "configuration", "model"};

struct Book {
  explicit Book(Backend backend) : place(backend), context(world.within()), ledger(must(Ledger::open(context, place.url()))) {}
  Book(Backend, double seconds, const std::string& url)
      : place(Backend::sqlite), context(world.within(seconds)), ledger(must(Ledger::open(context, url))) {}

  [[nodiscard]] Hash128 key(std::int64_t i) const { return ledger->key(fmt::format("text {}", i)); }
  [[nodiscard]] LedgerRow row(std::int64_t i, Result<Value> result, std::int64_t attempts = 1) const {
    return {.item = key(i),
            .label = fmt::format("s{}", i),
            .result = std::move(result),
            .attempts = attempts,
            .elapsed = 7 * kMillisecond,
            .at = 0};
  }
  [[nodiscard]] ItemStatus status(std::int64_t i, const LedgerStage& stage = kScore) const {
    const Hash128 item = key(i);
    return must(ledger->find(context, stage, {&item, 1}))[0];
  }
  [[nodiscard]] std::vector<LedgerRow> all(Ledger::ReadOptions options, const LedgerStage& stage = kScore) const {
    std::vector<LedgerRow> rows;
    LedgerReader reader = ledger->read(stage, options);
    while (auto row = must(reader.next(context))) rows.push_back(std::move(*row));
    return rows;
  }
  [[nodiscard]] std::vector<std::string> labels(Ledger::ReadOptions options) const {
    std::vector<std::string> labels;
    for (const LedgerRow& row : all(options)) labels.push_back(row.label);
    return labels;
  }

  World world;
  Place place;
  Context context;
  std::unique_ptr<Ledger> ledger;
};

/// Done, failed, open.
inline std::array<std::int64_t, 3> counts(const Book& book, const LedgerStage& stage = kScore) {
  const LedgerCounts counted = must(book.ledger->count(book.context, stage));
  return {counted.done, counted.failed, counted.open};
}

}  // namespace thalweg::test
