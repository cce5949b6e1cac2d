#include "engine/ledger_rows.h"

#include "base/log.h"
#include "base/value_codec.h"

namespace thalweg {

namespace {
// What the table says; nothing when that cannot be.
std::optional<ItemStatus> decode_status(std::span<const Value> cells) {
  const auto at = [&](LedgerColumn column) -> const Value& { return cells[static_cast<std::size_t>(column)]; };
  ItemStatus status;
  const Value &state = at(LedgerColumn::status), &code = at(LedgerColumn::code), &message = at(LedgerColumn::message);
  if (!state.is_int() || !at(LedgerColumn::attempts).is_int()) return std::nullopt;
  status.attempts = at(LedgerColumn::attempts).as_int();
  if (state.as_int() == static_cast<std::int64_t>(ItemState::done)) {
    const Value& encoded = at(LedgerColumn::result);
    if (!encoded.is_bytes()) return std::nullopt;
    auto value = decode_value(encoded.as_string());
    if (!value) return std::nullopt;
    status.state = ItemState::done;
    status.result = std::move(*value);
    return status;
  }
  if (message.is_string() && code.is_int() && code.as_int() > 0 &&
      code.as_int() <= static_cast<std::int64_t>(Code::unauthenticated)) {
    status.error = Error(static_cast<Code>(code.as_int()), std::string(message.as_string()));
  }
  if (state.as_int() == static_cast<std::int64_t>(ItemState::open)) return status;
  if (state.as_int() != static_cast<std::int64_t>(ItemState::failed) || !status.error) return std::nullopt;
  status.state = ItemState::failed;
  return status;
}
}  // namespace

DecodedRows decode_rows(const Rows& rows, const Hash128& stage) {
  DecodedRows decoded;
  decoded.rows.reserve(rows.size());
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const auto cells = rows[r];
    const auto at = [&](LedgerColumn column) -> const Value& { return cells[static_cast<std::size_t>(column)]; };
    const auto number = [&](LedgerColumn column) { return at(column).is_int() ? at(column).as_int() : 0; };
    const Value& item = at(LedgerColumn::item);
    const auto key = item.is_bytes() ? Hash128::from(item.as_string()) : std::nullopt;
    if (!key) continue;  // nobody can ask for it
    DecodedRow& row = decoded.rows.emplace_back();
    row.item = *key;
    row.elapsed = number(LedgerColumn::elapsed);
    row.at = number(LedgerColumn::at);
    row.place = number(LedgerColumn::place);
    if (at(LedgerColumn::label).is_string()) row.label = at(LedgerColumn::label).as_string();
    if (auto status = decode_status(cells)) {
      row.status = std::move(*status);
    } else {
      row.status.damaged = true;
      // Only while it is as it was read: another program may have done it anew.
      const Value& at_ns = at(LedgerColumn::at);
      decoded.reopen.push_back(
          {"update thalweg_ledger set status = 2, result = null where stage = $1 and item = $2 and at_ns = $3",
           {cell(stage), cell(*key), at_ns.is_int() ? at_ns : Value(0)}});
    }
  }
  return decoded;
}

void tell_damage(const Context& context, const std::string& store, std::size_t rows) {
  if (rows == 0 || context.log() == nullptr) return;
  context.log()->log(LogLevel::warning, "rows of the ledger cannot be read and count as not done",
                     {{"ledger", store}, {"rows", static_cast<std::int64_t>(rows)}});
}

}  // namespace thalweg
