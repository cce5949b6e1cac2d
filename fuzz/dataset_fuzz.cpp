// Rows read one by one, in pieces of any size, are those of the whole file; what they say as samples is read or refused with a
// place.
#include <cstdint>
#include <cstdlib>

#include "scoring/data/sample_reader.h"
#include "thalweg/json.h"

using namespace thalweg;
using namespace thalweg::scoring;

namespace {
constexpr JsonLimits kLimits{.max_bytes = kLongestRow};

void expect(bool condition) {
  if (!condition) std::abort();
}

std::string printed(const Value& value) { return to_json(value).value_or("none"); }

struct Rows {
  std::vector<Value> values;
  std::size_t wrong = 0;
  bool ended = false;  // without an error
  Value header;
};

Rows read(std::string_view text, FileForm form, std::size_t piece) {
  Rows rows;
  auto reader = RecordReader::open(ByteSource::of("f", text, piece), {.form = form});
  if (!reader) return expect(!reader.error().message().empty()), rows;
  while (true) {
    auto record = reader->next();
    if (!record) return expect(!record.error().message().empty()), rows;
    if (!*record) break;
    if ((*record)->value) {
      rows.values.push_back(*(*record)->value);
    } else {
      expect(!(*record)->value.error().message().empty());
      ++rows.wrong;
    }
  }
  rows.ended = true;
  rows.header = reader->header();
  return rows;
}

void check_document(std::string_view text, const Rows& rows) {
  const auto whole = parse_json(text, kLimits);
  const bool good = rows.ended && rows.wrong == 0;
  if (!whole) return expect(!good);
  const Value* list = whole->is_list() ? &*whole : whole->find("samples");
  if (list == nullptr || !list->is_list()) return expect(!good);
  if (!good) return;  // as a part of the document each row may be one level deeper than alone
  expect(rows.values.size() == list->size());
  for (std::size_t i = 0; i < list->size(); ++i) expect(printed(rows.values[i]) == printed(list->items()[i]));
  if (whole->is_map()) expect(rows.header.size() + 1 == whole->size());
}

// What was read of a table, written with all fields in quotes, is the same table.
void check_table(const Rows& rows) {
  if (!rows.ended || rows.wrong > 0) return;
  const Value& columns = *rows.header.find("columns");
  std::string text;
  const auto field = [&](std::string_view value, bool last) {
    text += '"';
    for (const char c : value) text += c == '"' ? std::string("\"\"") : std::string(1, c);
    text += last ? "\"\n" : "\",";
  };
  for (std::size_t i = 0; i < columns.size(); ++i) field(columns.items()[i].as_string(), i + 1 == columns.size());
  for (const Value& row : rows.values) {
    for (std::size_t i = 0; i < row.size(); ++i) field(row.entries()[i].value.as_string(), i + 1 == row.size());
  }
  if (columns.size() < 2) return;  // there a blank row is one
  const Rows again = read(text, FileForm::table, 3);
  expect(again.ended && again.wrong == 0 && again.values == rows.values && again.header == rows.header);
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto form = static_cast<FileForm>(data[0] % 3);
  const Rows rows = read(text, form, ByteSource::kPiece);
  const Rows pieces = read(text, form, 1 + data[0] / 3 % 16);
  expect(rows.ended == pieces.ended && rows.wrong == pieces.wrong && rows.values.size() == pieces.values.size());
  for (std::size_t i = 0; i < rows.values.size(); ++i) expect(printed(rows.values[i]) == printed(pieces.values[i]));
  if (form == FileForm::document) check_document(text, rows);
  if (form == FileForm::table) check_table(rows);

  const auto opened =
      SampleReader::open(ByteSource::of("f", text), {.read = {.strict = false, .form = form, .scores = ScoresRead::if_there}});
  if (!opened) return 0;
  SampleReader& reader = **opened;
  std::size_t samples = 0;
  while (true) {
    const auto sample = reader.next();
    if (!sample || !*sample) break;
    ++samples;
    expect(!(*sample)->id.empty());
    for (const auto& [label, score] : (*sample)->scores) expect(is_raw_score(score));
  }
  expect(reader.rows() == samples + reader.dropped());
  expect(reader.problems().errors() > 0 || !rows.ended || samples == rows.values.size());
  return 0;
}
