#include "cli/eval_results.h"

#include <filesystem>

#include "cli/input.h"
#include "scoring/fields.h"
#include "scoring/shipped.h"
#include "thalweg/json.h"

namespace thalweg::cli {

namespace {

namespace fs = std::filesystem;

std::vector<std::string> texts_of(const Value* list) {
  std::vector<std::string> out;
  if (list == nullptr || !list->is_list()) return out;
  for (const Value& item : list->items()) {
    if (item.is_string()) out.emplace_back(item.as_string());
  }
  return out;
}

Result<ResultRow> row_of(const Value& value) {
  ResultRow row;
  row.id = TRY(scoring::text_field(value, "id"));
  row.text = TRY(scoring::text_field(value, "text"));
  row.category = TRY(scoring::text_field(value, "primary_category"));
  if (const Value* difficulty = value.find("difficulty"); difficulty != nullptr && difficulty->is_string())
    row.difficulty = difficulty->as_string();
  row.expected = TRY(scoring::text_field(value, "expected_decision")) == "accept";
  row.expected_labels = texts_of(value.find("expected_labels"));
  row.failed = value.find("error") != nullptr;
  if (row.failed) return row;
  row.accepted = TRY(scoring::text_field(value, "actual_decision")) == "accept";
  row.vetoed = TRY(scoring::text_field(value, "rule")) == "veto";
  row.score = TRY(scoring::number_field(value, "score"));
  row.threshold = TRY(scoring::number_field(value, "threshold"));
  row.reason = TRY(scoring::text_field(value, "reason"));
  row.detected_labels = texts_of(value.find("detected_labels"));
  const Value* const labels = TRY(scoring::field(value, "labels", Kind::map));
  row.labels = *labels;
  return row;
}

const Value* find(const Value& value, std::initializer_list<std::string_view> path) {
  const Value* at = &value;
  for (const std::string_view key : path) at = at == nullptr ? nullptr : at->find(key);
  return at;
}

}  // namespace

Result<Results> open_results(const std::string& folder) {
  const std::string path = (fs::path(folder) / "summary.json").string();
  auto text = scoring::read_named_file(path);
  if (!text)
    return fail(text.error().code(), "{}; name a folder that 'thalweg eval run' wrote, or run it first", text.error().message());
  auto summary = parse_json(*text);
  if (!summary) return std::unexpected(summary.error().at(path));
  Results results{.folder = folder, .summary = std::move(*summary)};
  const Value* const score = find(results.summary, {"configuration", "settings", "layers", "score"});
  const Value* threshold = score == nullptr ? nullptr : find(*score, {"combiner", "threshold"});
  if (threshold == nullptr && score != nullptr) threshold = score->find("threshold");
  if (threshold == nullptr || !threshold->is_number())
    return fail(Code::invalid_argument, "{} is no summary of 'thalweg eval run'", path);
  results.threshold = threshold->as_number();
  return results;
}

Result<> Results::read(const Interrupt& interrupt, const std::function<Result<>(const ResultRow&)>& row) const {
  const std::string path = (fs::path(folder) / "results.jsonl").string();
  InputReader reader = TRY(InputReader::open(path, &interrupt));
  while (auto item = TRY(reader.next())) {
    if (!item->value) return std::unexpected(item->value.error());
    auto read = row_of(*item->value);
    if (!read) return std::unexpected(read.error().at(fmt::format("{}:{}", path, item->line)));
    TRY(row(*read));
  }
  if (interrupt.requested()) return fail(Code::cancelled, "stopped");
  return {};
}

}  // namespace thalweg::cli
