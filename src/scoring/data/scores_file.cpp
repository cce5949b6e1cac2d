#include "scoring/data/scores_file.h"

#include "base/error.h"
#include "base/utf8.h"

namespace thalweg::scoring {

namespace {
constexpr std::array<std::string_view, 9> kFields{
    "id", "text", "scores", "expected_labels", "expected_decision", "primary_category", "difficulty", "model", "fitted_on"};

Value labels_value(const std::vector<std::string>& labels) {
  return Value::list(std::vector<Value>(labels.begin(), labels.end()));
}
}  // namespace

Result<ScoresReader> ScoresReader::open(std::string path, ReadOptions options) {
  ByteSource source = TRY(ByteSource::open(std::move(path), options.readable));
  return open(std::move(source), std::move(options));
}

Result<ScoresReader> ScoresReader::open(ByteSource source, ReadOptions options) {
  RecordReader records = TRY(RecordReader::open(std::move(source), {.form = options.form, .longest = options.longest}));
  if (records.form() == FileForm::table) return std::unexpected(table_of_scores(records));
  return ScoresReader(std::move(records), options.strict);
}

Result<std::optional<ScoredSample>> ScoresReader::next() {
  while (true) {
    const auto record = TRY(records_.next());
    if (!record) return std::nullopt;
    RowFields fields(records_, *record, problems_);
    ScoredSample sample;
    sample.row = record->row;
    sample.line = record->line;
    sample.id = fields.text("id", true);
    sample.text = fields.text("text", false);
    sample.scores = fields.scores("scores", true);
    sample.expected_labels = fields.labels("expected_labels", true);
    sample.expected_decision = fields.decision("expected_decision", false);
    sample.primary_category = fields.text("primary_category", false);
    sample.difficulty = fields.difficulty("difficulty");
    sample.model = fields.text("model", false);
    sample.fitted_on = fields.flag("fitted_on");
    fields.only(kFields, unknown_keys_);
    if (fields.good() && sample.id.empty()) fields.wrong(ProblemKind::broken, "\"id\" is empty");
    if (fields.good()) {
      if (const auto first = ids_.meet(sample.id, sample.row, false)) {
        fields.wrong(ProblemKind::duplicate_id,
                     fmt::format("the id stands at row {} already (counted from 1)", first->first + 1));
      }
    }
    if (fields.good()) return sample;
    if (strict_) return std::unexpected(*fields.error());
    ++passed_over_;
  }
}

Result<Value> to_value(const ScoredSample& sample) {
  Value scores = Value::map();
  for (const auto& [label, score] : sample.scores) {
    if (!is_raw_score(score)) {
      return fail(Code::invalid_argument, "the raw score of sample \"{}\" for \"{}\" is {}, not from 0 to 1",
                  utf8::cut(sample.id), utf8::cut(label), score);
    }
    scores = std::move(scores).set(Value(label), Value(score));
  }
  Value row = Value::map({{"id", Value(sample.id)},
                          {"text", Value(sample.text)},
                          {"scores", std::move(scores)},
                          {"expected_labels", labels_value(sample.expected_labels)}});
  if (sample.expected_decision) row = std::move(row).set("expected_decision", Value(name(*sample.expected_decision)));
  if (!sample.primary_category.empty()) row = std::move(row).set("primary_category", Value(sample.primary_category));
  if (sample.difficulty) row = std::move(row).set("difficulty", Value(name(*sample.difficulty)));
  if (!sample.model.empty()) row = std::move(row).set("model", Value(sample.model));
  if (sample.fitted_on) row = std::move(row).set("fitted_on", Value(true));
  return row;
}

Value to_value(const Sample& sample) {
  Value row = Value::map({{"id", Value(sample.id)},
                          {"text", Value(sample.text)},
                          {"context", sample.context.empty() ? Value() : Value(sample.context)},
                          {"expected_decision", Value(name(sample.expected_decision))},
                          {"expected_labels", labels_value(sample.expected_labels)},
                          {"primary_category", Value(sample.primary_category)}});
  if (sample.difficulty) row = std::move(row).set("difficulty", Value(name(*sample.difficulty)));
  if (!sample.notes.empty()) row = std::move(row).set("notes", Value(sample.notes));
  if (!sample.metadata.is_null()) row = std::move(row).set("metadata", sample.metadata);
  return row;
}

}  // namespace thalweg::scoring
