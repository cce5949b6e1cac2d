// Rows of a stage by pages.
#include "engine/ledger.h"
#include "engine/ledger_rows.h"

namespace thalweg {

LedgerReader Ledger::read(const LedgerStage& stage, ReadOptions options) { return {*this, stage, options}; }

LedgerReader::LedgerReader(Ledger& ledger, const LedgerStage& stage, Ledger::ReadOptions options)
    : ledger_(&ledger), stage_(stage.key()), options_(options) {
  options_.page = std::max<std::int64_t>(options_.page, 1);
}

Result<std::optional<LedgerRow>> LedgerReader::next(const Context& context) {
  while (at_ == page_.size()) {  // a page may hold nothing but damaged rows
    if (ended_) return std::nullopt;
    TRY(read_page(context));
  }
  return std::move(page_[at_++]);
}

Result<> LedgerReader::read_page(const Context& context) {
  const bool by_place = options_.order == Ledger::Order::put;
  Statement page{fmt::format("select {} from thalweg_ledger where stage = $1", kLedgerColumns), {cell(stage_)}};
  // Written so that the index on what is not done serves.
  page.sql += options_.only == ItemState::failed ? " and status <> 0 and status = 1"
              : options_.only == ItemState::done ? " and status = 0"
                                                 : " and status <> 2";
  const Value last = item_ ? cell(*item_) : Value::bytes("");
  if (by_place) {
    page.sql += " and (place, item) > ($3, $4) order by place, item limit $2";
    page.parameters.insert(page.parameters.end(), {Value(options_.page), Value(place_), last});
  } else {
    page.sql += " and item > $3 order by item limit $2";
    page.parameters.insert(page.parameters.end(), {Value(options_.page), last});
  }
  const Rows rows = TRY(ledger_->store_->read(context, std::move(page)));
  ended_ = static_cast<std::int64_t>(rows.size()) < options_.page;
  DecodedRows decoded = decode_rows(rows, stage_);
  if (decoded.rows.empty() && !rows.empty()) {
    return fail(Code::data_loss, "{}: rows of the ledger have keys that are none; the database is damaged", ledger_->name());
  }
  if (!decoded.reopen.empty()) {
    tell_damage(context, ledger_->name(), decoded.reopen.size());
    Transaction transaction;
    transaction.idempotent = true;
    transaction.statements = std::move(decoded.reopen);
    TRY(ledger_->store_->commit(context, std::move(transaction)));
  }
  page_.clear();
  at_ = 0;
  for (DecodedRow& row : decoded.rows) {
    place_ = row.place;
    item_ = row.item;
    if (row.status.damaged) continue;
    Result<Value> result = std::move(row.status.result);
    if (row.status.state == ItemState::failed) result = std::unexpected(*row.status.error);
    page_.push_back({row.item, std::move(row.label), std::move(result), row.status.attempts, row.elapsed, row.at});
  }
  return {};
}

}  // namespace thalweg
