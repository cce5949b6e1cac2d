#include "scoring/data/dataset.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/kind_words.h"
#include "base/utf8.h"
#include "thalweg/json.h"

namespace thalweg::scoring {

namespace {
constexpr std::array<std::string_view, 3> kDifficulties{"easy", "medium", "hard"};
constexpr std::array<std::string_view, 2> kDecisions{"accept", "reject"};
constexpr std::array<std::string_view, 9> kFields{
    "id", "text", "context", "expected_decision", "expected_labels", "primary_category", "difficulty", "notes", "metadata"};

// And what a row of raw scores has besides, which is a data set, too.
constexpr std::array<std::string_view, 12> kKeys{
    "id",       "text",   "context", "expected_decision", "expected_labels", "primary_category", "difficulty", "notes",
    "metadata", "scores", "model",   "fitted_on"};

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos ? "" : std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

// "accept|task|..." of a table's cell; commas part them where there is no other sign.
std::vector<std::string> split(std::string_view cell) {
  const std::string_view signs = cell.find_first_of("|;") == std::string_view::npos ? "," : "|;";
  std::vector<std::string> parts;
  while (!cell.empty()) {
    const std::size_t end = std::min(cell.find_first_of(signs), cell.size());
    if (std::string part = trimmed(cell.substr(0, end)); !part.empty()) parts.push_back(std::move(part));
    cell.remove_prefix(std::min(end + 1, cell.size()));
  }
  return parts;
}

// Cells of a table that are no field of a sample and not empty; null when there are none.
Value other_columns(const Value& row) {
  Value map = Value::map();
  for (const Entry& entry : row.entries()) {
    const std::string_view column = entry.key.as_string();
    const bool is_field = column != "metadata" && std::ranges::find(kFields, column) != kFields.end();
    if (!is_field && entry.value.size() > 0) map = std::move(map).set(entry.key, entry.value);
  }
  return map.size() == 0 ? Value() : map;
}
}  // namespace

Error table_of_scores(const RecordReader& records) {
  return {Code::invalid_argument,
          fmt::format("'{}' is a table; raw scores are JSON: {{\"samples\": [{{\"id\", \"text\", \"scores\", "
                      "\"expected_labels\"}}]}}",
                      records.source().name())};
}

std::string_view name(Difficulty difficulty) noexcept { return kDifficulties[static_cast<std::size_t>(difficulty)]; }

RowFields::RowFields(const RecordReader& records, const Record& record, Problems& problems)
    : records_(records), record_(record), problems_(problems) {
  if (!record_.value) {
    wrong(ProblemKind::broken, record_.value.error().message());
    error_ = record_.value.error().at(records_.place(record_.row, record_.line));  // its code, not ours
    return;
  }
  if (!record_.value->is_map()) {
    wrong(ProblemKind::broken, fmt::format("a row is a map, not {}", in_words(record_.value->kind())));
    return;
  }
  if (const Value* id = record_.value->find("id"); id != nullptr && id->is_string()) id_ = utf8::cut(id->as_string());
}

void RowFields::wrong(ProblemKind kind, std::string message) {
  Problem problem{kind, records_.place(record_.row, record_.line), record_.row, record_.line, id_, std::move(message)};
  if (!error_ && !is_warning(kind)) error_ = problem.error();
  problems_.add(std::move(problem));
}

const Value* RowFields::find(std::string_view name, bool required) {
  const Value* found = record_.value && record_.value->is_map() ? record_.value->find(name) : nullptr;
  if (found != nullptr && !found->is_null()) return found;
  if (required && record_.value && record_.value->is_map()) wrong(ProblemKind::broken, fmt::format("\"{}\" is missing", name));
  return nullptr;
}

std::string RowFields::text(std::string_view name, bool required) {
  const Value* found = find(name, required);
  if (found == nullptr) return {};
  if (found->is_string()) return std::string(found->as_string());
  wrong(ProblemKind::broken, fmt::format("\"{}\" is a text, not {}", name, in_words(found->kind())));
  return {};
}

std::optional<Decision> RowFields::decision(std::string_view name, bool required) {
  const std::string told = text(name, required);
  if (told.empty()) {
    if (required && find(name, false) != nullptr && find(name, false)->is_string())
      wrong(ProblemKind::broken, fmt::format("\"{}\" is accept or reject, not empty", name));
    return std::nullopt;
  }
  const auto decision = decision_named(trimmed(told));
  if (!decision) {
    const std::string near = nearest(told, kDecisions);
    wrong(ProblemKind::broken, fmt::format("\"{}\" is accept or reject, not \"{}\"{}", name, utf8::cut(told),
                                           near.empty() ? "" : fmt::format("; {} is meant?", near)));
  }
  return decision;
}

std::optional<Difficulty> RowFields::difficulty(std::string_view name) {
  const std::string told = text(name, false);
  if (told.empty()) return std::nullopt;
  const auto found = std::ranges::find(kDifficulties, trimmed(told));
  if (found != kDifficulties.end()) return static_cast<Difficulty>(found - kDifficulties.begin());
  wrong(ProblemKind::broken, fmt::format("\"{}\" is easy, medium or hard, not \"{}\"", name, utf8::cut(told)));
  return std::nullopt;
}

std::vector<std::string> RowFields::labels(std::string_view name, bool required) {
  const Value* found = find(name, required);
  std::vector<std::string> labels;
  if (found == nullptr) return labels;
  const bool cell = found->is_string() && records_.form() == FileForm::table;
  const auto list = cell && found->as_string().starts_with('[') ? parse_json(found->as_string()) : Result<Value>(Value());
  if (list && list->is_list()) found = &*list;
  if (cell && !found->is_list()) {
    labels = split(found->as_string());
  } else if (found->is_list()) {
    for (const Value& item : found->items()) {
      if (!item.is_string()) {
        wrong(ProblemKind::broken, fmt::format("\"{}\" is a list of texts; there is {} in it", name, in_words(item.kind())));
        return {};
      }
      labels.emplace_back(item.as_string());
      if (trimmed(labels.back()).empty()) {
        wrong(ProblemKind::broken, fmt::format("\"{}\" has a label without a name", name));
        return {};
      }
    }
  } else {
    wrong(ProblemKind::broken, fmt::format("\"{}\" is a list of texts, not {}", name, in_words(found->kind())));
  }
  for (auto label = labels.begin(); label != labels.end();) {
    if (std::find(labels.begin(), label, *label) == label) {
      ++label;
      continue;
    }
    wrong(ProblemKind::repeated_label, fmt::format("\"{}\" names \"{}\" twice; it counts once", name, utf8::cut(*label)));
    label = labels.erase(label);
  }
  return labels;
}

std::vector<std::pair<std::string, double>> RowFields::scores(std::string_view name, bool required) {
  std::vector<std::pair<std::string, double>> scores;
  const Value* told = find(name, required);
  if (told == nullptr) return scores;
  if (!told->is_map()) {
    wrong(ProblemKind::broken, fmt::format("\"{}\" is a map from labels to numbers, not {}", name, in_words(told->kind())));
    return scores;
  }
  scores.reserve(told->size());
  for (const Entry& entry : told->entries()) {
    const std::string_view label = entry.key.as_string();
    if (!entry.value.is_number()) {
      wrong(ProblemKind::bad_score,
            fmt::format("the score of \"{}\" is a number from 0 to 1, not {}", utf8::cut(label),
                        entry.value.is_string() ? fmt::format("the text \"{}\"", utf8::cut(entry.value.as_string()))
                                                : std::string(in_words(entry.value.kind()))));
    } else if (!is_raw_score(entry.value.as_number())) {
      wrong(ProblemKind::bad_score,
            fmt::format("the score of \"{}\" is {}, not from 0 to 1", utf8::cut(label), entry.value.as_number()));
    } else {
      scores.emplace_back(label, entry.value.as_number());
    }
  }
  return scores;
}

bool RowFields::flag(std::string_view name) {
  const Value* told = find(name, false);
  if (told == nullptr || told->is_bool()) return told != nullptr && told->as_bool();
  wrong(ProblemKind::broken, fmt::format("\"{}\" is true or false, not {}", name, in_words(told->kind())));
  return false;
}

void RowFields::only(std::span<const std::string_view> known, std::set<std::string, std::less<>>& met) {
  if (!record_.value || !record_.value->is_map()) return;
  for (const Entry& entry : record_.value->entries()) {
    const std::string_view key = entry.key.as_string();
    if (std::ranges::find(known, key) != known.end() || met.contains(key) || met.size() >= Problems::kMost) continue;
    met.emplace(key);
    const std::string near = nearest(key, known);
    wrong(ProblemKind::unknown_key, fmt::format("\"{}\" is no key of a row and not looked at{}", utf8::cut(key),
                                                near.empty() ? "" : fmt::format("; \"{}\" is meant?", near)));
  }
}

Result<DatasetReader> DatasetReader::open(std::string path, ReadOptions options) {
  ByteSource source = TRY(ByteSource::open(std::move(path), options.readable));
  return open(std::move(source), std::move(options));
}

Result<DatasetReader> DatasetReader::open(ByteSource source, ReadOptions options) {
  RecordReader records = TRY(RecordReader::open(std::move(source), {.form = options.form, .longest = options.longest}));
  if (options.scores == ScoresRead::needed && records.form() == FileForm::table) return std::unexpected(table_of_scores(records));
  return DatasetReader(std::move(records), options.strict, options.scores);
}

Result<std::optional<Sample>> DatasetReader::next() {
  while (true) {
    const auto record = TRY(records_.next());
    if (!record) return std::nullopt;
    RowFields fields(records_, *record, problems_);
    Sample sample;
    sample.row = record->row;
    sample.line = record->line;
    sample.id = fields.text("id", true);
    sample.text = fields.text("text", true);
    sample.context = fields.text("context", false);
    sample.expected_decision = fields.decision("expected_decision", true).value_or(Decision::accept);
    sample.expected_labels = fields.labels("expected_labels", true);
    sample.primary_category = fields.text("primary_category", true);
    sample.notes = fields.text("notes", false);
    if (fields.good() && sample.id.empty()) fields.wrong(ProblemKind::broken, "\"id\" is empty");
    sample.difficulty = fields.difficulty("difficulty");
    if (records_.form() == FileForm::table) {
      if (fields.good()) sample.metadata = other_columns(*record->value);
    } else {
      fields.only(kKeys, unknown_keys_);
      if (const Value* metadata = fields.find("metadata", false)) sample.metadata = *metadata;
      if (scores_ != ScoresRead::ignored) {
        sample.scores = fields.scores("scores", scores_ == ScoresRead::needed);
        sample.fitted_on = fields.flag("fitted_on");
      }
    }
    if (fields.good()) return sample;
    if (strict_) return std::unexpected(*fields.error());
    ++passed_over_;
  }
}

}  // namespace thalweg::scoring
