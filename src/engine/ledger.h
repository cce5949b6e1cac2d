#pragma once
// What long work has done so far: one row for each item and stage, kept in a database.

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/keyed_hash.h"
#include "store/store.h"
#include "thalweg/context.h"
#include "thalweg/value.h"

namespace thalweg {

/// What makes results: rows of two stages that differ in anything of this never meet. Empty parts are fine.
struct LedgerStage {
  std::string name;           ///< "score"
  std::string version;        ///< of the program's part that computes
  std::string configuration;  ///< a hash of what it was set to
  std::string model;          ///< a hash of the model's files
  bool operator==(const LedgerStage&) const = default;
  [[nodiscard]] Hash128 key() const;
};

enum class ItemState : std::uint8_t {
  done = 0,
  failed = 1,
  open = 2,  ///< to be done: never met, a failure that is to be tried again, or a row that was damaged
};

/// How an item stands with a stage.
struct ItemStatus {
  ItemState state = ItemState::open;
  Value result;                ///< of a done item
  std::optional<Error> error;  ///< of a failed item, or of the failure that is to be tried again
  std::int64_t attempts = 0;   ///< so far
  bool damaged = false;        ///< there was a row, but it cannot be read
};

/// One item's outcome.
struct LedgerRow {
  Hash128 item;               ///< Ledger::key() of what the stage is given
  std::string label;          ///< the item's id, for people; not looked at
  Result<Value> result;       ///< or why it failed
  std::int64_t attempts = 1;  ///< with this one
  Nanos elapsed = 0;          ///< that it took
  Nanos at = 0;               ///< wall clock; put() fills it in
};

struct LedgerCounts {
  std::int64_t done = 0;
  std::int64_t failed = 0;
  std::int64_t open = 0;  ///< failures that are to be tried again, and damaged rows that were met
};

/// One go at a data set. `ended` is missing while it goes on, and for ever when it was killed.
struct LedgerRun {
  std::string id;
  LedgerStage stage;
  Value given;  ///< what it was given, as its caller has it: data set, hashes, options
  Nanos began = 0;
  std::optional<Nanos> ended;
  Value totals;  ///< as told at the end
};

/// "20260102T030405Z-1f2e3d4c": in the order of time, and two at once differ.
[[nodiscard]] Result<std::string> new_run_id(Nanos wall);

class LedgerReader;

/// Rows of items and stages in a database (a file, or a server that several machines share). What was put is there after a kill;
/// a put is there whole or not at all. Unlike a cache, a ledger in trouble is an error: results must not be lost in silence.
/// Several programs may work on the same stage: each row is kept, a result beats a failure, the later of two results stands.
/// Thread-safe. A row that cannot be read is told to the context's log and counts as open from then on.
///
///     auto ledger = TRY(Ledger::open(context, "sqlite:eval.db"));
///     const LedgerStage stage{"score", "1", configuration_hash, model_hash};
///     const Hash128 item = ledger->key(text);
///     if (TRY(ledger->find(context, stage, {&item, 1}))[0].state == ItemState::open) {
///       TRY(ledger->put(context, stage, {{.item = item, .label = "sample-1", .result = score(text)}}));
///     }
class Ledger {
 public:
  using Found = std::move_only_function<void(Result<std::vector<ItemStatus>>)>;
  using Kept = std::move_only_function<void(Result<>)>;

  /// Makes the tables when they are not there. Errors: those of open_store().
  [[nodiscard]] static Result<std::unique_ptr<Ledger>> open(const Context& context, std::string_view url);

  /// The key of content. The same for all programs that use this database, another one in each database.
  [[nodiscard]] Hash128 key(std::string_view content) const noexcept { return hash_(content); }
  /// Errors: encode_value()'s.
  [[nodiscard]] Result<Hash128> value_key(const Value& content) const;

  /// How each of the items stands, in their order.
  [[nodiscard]] Result<std::vector<ItemStatus>> find(const Context& context, const LedgerStage& stage,
                                                     std::span<const Hash128> items);
  void find(const Context& context, const LedgerStage& stage, std::span<const Hash128> items, Found done);

  /// Keeps the rows in one transaction. A failure does not take the place of a result.
  /// Errors: the store's; resource_exhausted for a result that is too large to be kept, with its label.
  Result<> put(const Context& context, const LedgerStage& stage, std::vector<LedgerRow> rows);
  void put(const Context& context, const LedgerStage& stage, std::vector<LedgerRow> rows, Kept done);

  [[nodiscard]] Result<LedgerCounts> count(const Context& context, const LedgerStage& stage);
  /// Makes failed items open; how many.
  Result<std::int64_t> retry(const Context& context, const LedgerStage& stage);
  /// Deletes all rows and runs of the stage.
  Result<> forget(const Context& context, const LedgerStage& stage);

  enum class Order : std::uint8_t {
    put,   ///< in which the items were first put (those of several programs by their clocks)
    item,  ///< of the keys, the same whoever put them when
  };
  struct ReadOptions {
    Order order = Order::put;
    std::optional<ItemState> only = std::nullopt;  ///< done or failed; else both
    std::int64_t page = 256;                       ///< rows held at a time
  };
  /// All rows of the stage, one after the other. The ledger must outlive the reader.
  [[nodiscard]] LedgerReader read(const LedgerStage& stage, ReadOptions options);

  /// Notes that work begins. The run gets an id: the time and eight digits.
  Result<LedgerRun> begin_run(const Context& context, const LedgerStage& stage, const Value& given);
  /// Errors: not_found.
  Result<> end_run(const Context& context, std::string_view id, const Value& totals);
  /// Errors: not_found.
  [[nodiscard]] Result<LedgerRun> run(const Context& context, std::string_view id);
  /// The latest first, at most `most`; of one stage, when there is one.
  [[nodiscard]] Result<std::vector<LedgerRun>> runs(const Context& context, const LedgerStage* stage = nullptr,
                                                    std::int64_t most = 1'000);

  /// The database's name without secrets.
  [[nodiscard]] const std::string& name() const noexcept { return store_->name(); }

 private:
  friend class LedgerReader;
  Ledger(Clock& clock, std::unique_ptr<Store> store, KeyedHash hash);
  /// Times that only grow, one for each of `rows` rows.
  [[nodiscard]] Nanos take_places(std::size_t rows);

  Clock& clock_;
  const std::unique_ptr<Store> store_;
  const KeyedHash hash_;
  std::mutex mutex_;
  Nanos next_place_ = 0;  ///< guarded
};

/// Rows of a stage by pages, in constant memory. Each page shows what was committed when it was read.
///
///     LedgerReader reader = ledger->read(stage, {.only = ItemState::failed});
///     while (auto row = TRY(reader.next(context))) fmt::print("{}: {}\n", row->label, row->result.error().text());
class LedgerReader {
 public:
  /// Nothing at the end.
  [[nodiscard]] Result<std::optional<LedgerRow>> next(const Context& context);

 private:
  friend class Ledger;
  LedgerReader(Ledger& ledger, const LedgerStage& stage, Ledger::ReadOptions options);
  Result<> read_page(const Context& context);

  Ledger* ledger_;
  Hash128 stage_;
  Ledger::ReadOptions options_;
  Nanos place_ = INT64_MIN;  ///< of the last row read
  std::optional<Hash128> item_;
  bool ended_ = false;
  std::size_t at_ = 0;
  std::vector<LedgerRow> page_;
};

}  // namespace thalweg
