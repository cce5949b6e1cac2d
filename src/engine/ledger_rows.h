#pragma once
// Rows of the ledger's table and what they mean: shared by those that find single ones and those that read them all.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/ledger.h"

namespace thalweg {

/// The columns that decode_row() wants, in its order.
inline constexpr std::string_view kLedgerColumns =
    "item, status, result, code, message, attempts, label, elapsed_ns, at_ns, place";
enum class LedgerColumn : std::uint8_t { item, status, result, code, message, attempts, label, elapsed, at, place };

/// A row as it is in the table; what is damaged has no `status`.
struct DecodedRow {
  Hash128 item;
  ItemStatus status;
  std::string label;
  Nanos elapsed = 0, at = 0, place = 0;
};

/// Rows of the table, and those among them that are to be made open again because they cannot be read.
struct DecodedRows {
  std::vector<DecodedRow> rows;
  std::vector<Statement> reopen;
};

[[nodiscard]] DecodedRows decode_rows(const Rows& rows, const Hash128& stage);

/// Tells of the rows to be made open.
void tell_damage(const Context& context, const std::string& store, std::size_t rows);

[[nodiscard]] inline Value cell(const Hash128& hash) { return Value::bytes(hash.view()); }

}  // namespace thalweg
