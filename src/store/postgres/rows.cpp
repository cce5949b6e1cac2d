#include <charconv>
#include <cstring>

#include "store/postgres/connection.h"

namespace thalweg::postgres {

namespace {
// Object identifiers of the server's types (its catalogue pg_type; fixed for ever).
enum Type : Oid {
  kBool = 16,
  kBytea = 17,
  kInt8 = 20,
  kInt2 = 21,
  kInt4 = 23,
  kFloat4 = 700,
  kFloat8 = 701,
  kNumeric = 1700,
};

template <class Number>
std::optional<Number> parse(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

int digit(char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; }

std::string bytes_of(std::string_view hex) {  // "\x0aff"
  std::string bytes;
  for (std::size_t i = 2; i + 1 < hex.size(); i += 2) bytes += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
  return bytes;
}

Value cell(std::string_view text, Oid type) {
  switch (type) {
    case kBool:
      return Value(text == "t" ? 1 : 0);
    case kInt2:
    case kInt4:
    case kInt8:
    case kNumeric:  // a sum of bigint is one: an integer again where it fits
      if (const auto number = parse<std::int64_t>(text)) return Value(*number);
      [[fallthrough]];
    case kFloat4:
    case kFloat8:
      if (const auto number = parse<double>(text)) return Value(*number);
      return Value(text);
    case kBytea:
      return Value::bytes(bytes_of(text));
    default:
      return Value(text);
  }
}
}  // namespace

Rows rows_of(const PGresult* result) {
  Rows rows;
  const int columns = PQnfields(result);
  const int count = PQntuples(result);
  for (int i = 0; i < columns; ++i) rows.columns.emplace_back(PQfname(result, i));
  rows.cells.reserve(static_cast<std::size_t>(columns) * static_cast<std::size_t>(count));
  for (int row = 0; row < count; ++row) {
    for (int i = 0; i < columns; ++i) {
      if (PQgetisnull(result, row, i) != 0) {
        rows.cells.emplace_back();
      } else {
        const std::string_view text(PQgetvalue(result, row, i), static_cast<std::size_t>(PQgetlength(result, row, i)));
        rows.cells.push_back(cell(text, PQftype(result, i)));
      }
    }
  }
  // "INSERT 0 3", "UPDATE 3", "DELETE 3"; a SELECT has a number, too, but changes nothing.
  const std::string_view tag = PQcmdStatus(const_cast<PGresult*>(result));
  if (tag.starts_with("INSERT") || tag.starts_with("UPDATE") || tag.starts_with("DELETE") || tag.starts_with("MERGE")) {
    rows.changed = parse<std::int64_t>(tag.substr(tag.rfind(' ') + 1)).value_or(0);
  }
  return rows;
}

}  // namespace thalweg::postgres
