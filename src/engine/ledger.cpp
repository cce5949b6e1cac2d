#include "engine/ledger.h"

#include <algorithm>
#include <bit>
#include <latch>

#include "base/utf8.h"
#include "base/value_codec.h"
#include "engine/ledger_rows.h"
#include "store/wait.h"

namespace thalweg {

namespace {
constexpr std::size_t kAsked = 256;  // items in one question

constexpr const char* kRowTable = R"(create table thalweg_ledger (
  stage bytea not null, item bytea not null, status bigint not null, result bytea, code bigint, message text,
  attempts bigint not null, label text not null, elapsed_ns bigint not null, at_ns bigint not null, place bigint not null,
  primary key (stage, item), check (length(item) = 16)))";

constexpr const char* kRunTable = R"(create table thalweg_ledger_run (
  id text primary key, stage bytea not null, name text not null, version text not null, configuration text not null,
  model text not null, given bytea not null, began_at_ns bigint not null, ended_at_ns bigint, totals bytea))";

const std::array kMigrations{Migration{
    1,
    "rows and runs",
    {
        kRowTable,
        "create index thalweg_ledger_place on thalweg_ledger (stage, place, item)",
        "create index thalweg_ledger_not_done on thalweg_ledger (stage, status, place, item) where status <> 0",
        kRunTable,
        "create index thalweg_ledger_run_began on thalweg_ledger_run (began_at_ns, id)",
    },
}};

constexpr std::string_view kPut =
    "insert into thalweg_ledger (stage, item, status, result, code, message, attempts, label, elapsed_ns, at_ns, place) "
    "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) "
    "on conflict (stage, item) do update set status = excluded.status, result = excluded.result, code = excluded.code, "
    "message = excluded.message, attempts = excluded.attempts, label = excluded.label, elapsed_ns = excluded.elapsed_ns, "
    "at_ns = excluded.at_ns where thalweg_ledger.status <> 0 or excluded.status = 0";

// A text as both databases take it: UTF-8 without zero bytes.
std::string as_text(std::string_view text) {
  std::string made = utf8::well_formed(text);
  std::ranges::replace(made, '\0', ' ');
  return made;
}

Result<Statement> put_statement(const Hash128& stage, const LedgerRow& row, Nanos now, Nanos place) {
  Value result, code, message;
  if (row.result) {
    auto encoded = encode_value(*row.result);
    if (!encoded) return std::unexpected(std::move(encoded).error().at(fmt::format("the result of \"{}\"", row.label)));
    result = Value::bytes(*encoded);
  } else {
    code = Value(static_cast<std::int64_t>(row.result.error().code()));
    message = Value(as_text(row.result.error().text()));
  }
  const auto state = static_cast<std::int64_t>(row.result ? ItemState::done : ItemState::failed);
  return Statement{std::string(kPut),
                   {cell(stage), cell(row.item), Value(state), std::move(result), std::move(code), std::move(message),
                    Value(row.attempts), Value(as_text(row.label)), Value(row.elapsed), Value(now), Value(place)}};
}

// One question of find(): the items at `at` and behind, as many parameters as the next power of two, so that few different
// statements have to be prepared.
Statement question(const Hash128& stage, std::span<const Hash128> items) {
  Statement statement{fmt::format("select {} from thalweg_ledger where stage = $1 and item in (", kLedgerColumns), {cell(stage)}};
  for (std::size_t i = 0; i < std::bit_ceil(items.size()); ++i) {
    fmt::format_to(std::back_inserter(statement.sql), "{}${}", i == 0 ? "" : ", ", i + 2);
    statement.parameters.push_back(cell(items[std::min(i, items.size() - 1)]));
  }
  statement.sql += ")";
  return statement;
}

// find() on its way: the questions left and what was answered.
struct Search {
  Store& store;
  Context context;
  Hash128 stage;
  std::vector<Hash128> items;
  std::vector<std::pair<Hash128, std::size_t>> places;  // sorted: where an item stands in the answer
  std::vector<ItemStatus> statuses;
  std::vector<Statement> reopen;
  std::size_t asked = 0;
  Ledger::Found done;
};

void answer(Search& search, const Rows& rows) {
  DecodedRows decoded = decode_rows(rows, search.stage);
  std::ranges::move(decoded.reopen, std::back_inserter(search.reopen));
  for (DecodedRow& row : decoded.rows) {
    const auto range = std::ranges::equal_range(search.places, row.item, {}, [](const auto& place) { return place.first; });
    for (const auto& place : range) search.statuses[place.second] = row.status;
  }
}

void ask(std::shared_ptr<Search> search);

void finish(const std::shared_ptr<Search>& search) {
  if (search->reopen.empty()) return search->done(std::move(search->statuses));
  tell_damage(search->context, search->store.name(), search->reopen.size());
  Transaction transaction;
  transaction.idempotent = true;
  transaction.statements = std::move(search->reopen);
  search->store.commit(search->context, std::move(transaction), [search](Result<std::vector<Rows>> rows) {
    if (!rows) return search->done(std::unexpected(std::move(rows).error()));
    search->done(std::move(search->statuses));
  });
}

// One question after the other: a large search does not take all the store's readers.
void ask(std::shared_ptr<Search> search) {
  if (search->asked == search->items.size()) return finish(search);
  const auto items = std::span(search->items).subspan(search->asked);
  const auto these = items.first(std::min(items.size(), kAsked));
  search->asked += these.size();
  Search& asking = *search;
  asking.store.read(asking.context, question(asking.stage, these), [search = std::move(search)](Result<Rows> rows) mutable {
    if (!rows) return search->done(std::unexpected(std::move(rows).error()));
    answer(*search, *rows);
    ask(std::move(search));
  });
}
}  // namespace

Hash128 LedgerStage::key() const {
  std::string all;
  for (const std::string* part : {&name, &version, &configuration, &model}) {
    fmt::format_to(std::back_inserter(all), "{}:{}", part->size(), *part);  // sizes, so that no two stages are written alike
  }
  return hash128(all);
}

Result<std::unique_ptr<Ledger>> Ledger::open(const Context& context, std::string_view url) {
  auto store = TRY(open_store(context, url));
  TRY(store->migrate(context, "ledger", kMigrations));
  KeyedHash hash = TRY(KeyedHash::open(*store, context, "ledger_secret", "thalweg_ledger_secret"));
  return std::unique_ptr<Ledger>(new Ledger(context.clock(), std::move(store), std::move(hash)));
}

Ledger::Ledger(Clock& clock, std::unique_ptr<Store> store, KeyedHash hash)
    : clock_(clock), store_(std::move(store)), hash_(std::move(hash)) {}

Result<Hash128> Ledger::value_key(const Value& content) const { return hash_(TRY(encode_value(content))); }

void Ledger::find(const Context& context, const LedgerStage& stage, std::span<const Hash128> items, Found done) {
  auto search = std::make_shared<Search>(Search{.store = *store_,
                                                .context = context,
                                                .stage = stage.key(),
                                                .items = {items.begin(), items.end()},
                                                .places = {},
                                                .statuses = std::vector<ItemStatus>(items.size()),
                                                .reopen = {},
                                                .asked = 0,
                                                .done = std::move(done)});
  search->places.reserve(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) search->places.emplace_back(items[i], i);
  std::ranges::sort(search->places);
  ask(std::move(search));
}

Result<std::vector<ItemStatus>> Ledger::find(const Context& context, const LedgerStage& stage, std::span<const Hash128> items) {
  return wait_for<std::vector<ItemStatus>>([&](Found done) { find(context, stage, items, std::move(done)); });
}

Nanos Ledger::take_places(std::size_t rows) {
  const std::lock_guard lock(mutex_);
  const Nanos first = std::max(next_place_, clock_.wall());
  next_place_ = first + static_cast<Nanos>(rows);
  return first;
}

void Ledger::put(const Context& context, const LedgerStage& stage, std::vector<LedgerRow> rows, Kept done) {
  if (rows.empty()) return done({});
  const Nanos now = clock_.wall(), place = take_places(rows.size());
  const Hash128 key = stage.key();
  Transaction transaction;
  transaction.idempotent = true;
  transaction.statements.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto statement = put_statement(key, rows[i], now, place + static_cast<Nanos>(i));
    if (!statement) return done(std::unexpected(std::move(statement).error()));
    transaction.statements.push_back(std::move(*statement));
  }
  store_->commit(context, std::move(transaction), [done = std::move(done)](Result<std::vector<Rows>> kept) mutable {
    if (!kept) return done(std::unexpected(std::move(kept).error()));
    done({});
  });
}

Result<> Ledger::put(const Context& context, const LedgerStage& stage, std::vector<LedgerRow> rows) {
  return wait_for<void>([&](Kept done) { put(context, stage, std::move(rows), std::move(done)); });
}

Result<LedgerCounts> Ledger::count(const Context& context, const LedgerStage& stage) {
  // Both from indexes alone, in one snapshot.
  const Rows rows =
      TRY(store_->read(context, {"select 0 - 1, count(*) from thalweg_ledger where stage = $1 union all "
                                 "select status, count(*) from thalweg_ledger where stage = $1 and status <> 0 group by status",
                                 {cell(stage.key())}}));
  LedgerCounts counts;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const std::int64_t status = rows[r][0].as_int(), number = rows[r][1].as_int();
    counts.done += status < 0 ? number : -number;
    if (status == static_cast<std::int64_t>(ItemState::failed)) counts.failed += number;
    if (status == static_cast<std::int64_t>(ItemState::open)) counts.open += number;
  }
  return counts;
}

Result<std::int64_t> Ledger::retry(const Context& context, const LedgerStage& stage) {
  Transaction transaction;
  transaction.statements = {
      {"update thalweg_ledger set status = 2 where stage = $1 and status <> 0 and status = 1", {cell(stage.key())}}};
  return TRY(store_->commit(context, std::move(transaction)))[0].changed;
}

Result<> Ledger::forget(const Context& context, const LedgerStage& stage) {
  Transaction transaction;
  transaction.idempotent = true;
  transaction.statements = {{"delete from thalweg_ledger where stage = $1", {cell(stage.key())}},
                            {"delete from thalweg_ledger_run where stage = $1", {cell(stage.key())}}};
  TRY(store_->commit(context, std::move(transaction)));
  return {};
}

}  // namespace thalweg
