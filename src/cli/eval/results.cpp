#include "cli/eval/results.h"

#include <algorithm>
#include <filesystem>

#include "base/utf8.h"
#include "cli/eval/source.h"
#include "scoring/data/records.h"
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
  const Value* const fitted_on = value.find("fitted_on");
  row.fitted_on = fitted_on != nullptr && fitted_on->is_bool() && fitted_on->as_bool();
  row.failed = value.find("error") != nullptr;
  if (row.failed) return row;
  row.accepted = TRY(scoring::text_field(value, "actual_decision")) == "accept";
  row.vetoed = TRY(scoring::text_field(value, "rule")) == "veto";
  row.score = TRY(scoring::number_field(value, "score"));
  row.threshold = TRY(scoring::number_field(value, "threshold"));
  row.reason = TRY(scoring::text_field(value, "reason"));
  row.detected_labels = texts_of(value.find("detected_labels"));
  const Value* const labels = TRY(scoring::field(value, "labels", Kind::map));
  for (const Entry& entry : labels->entries()) {
    if (!entry.value.is_number() || !(entry.value.as_number() >= 0 && entry.value.as_number() <= 1))
      return fail(Code::invalid_argument, "labels.{}: a calibrated score is a number from 0 to 1",
                  utf8::cut(entry.key.as_string()));
  }
  row.labels = *labels;
  row.text_hash = TRY(scoring::text_field(value, "text_hash"));
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
  const std::string part = (fs::path(folder) / "results.jsonl.part").string();
  std::error_code ignored;
  const bool stopped = fs::exists(part, ignored);
  auto text = scoring::read_named_file(path);
  if (!text && stopped)
    return fail(Code::invalid_argument,
                "the run in '{}' has no end ({} has what came so far): run it again, it goes on where it was", folder, part);
  if (!text)
    return fail(Code::invalid_argument, "{}; name a folder that 'thalweg eval run' wrote, or run it first",
                text.error().message());
  if (stopped)
    print_error(
        fmt::format("thalweg: warning: a later run in '{}' goes on or was stopped ({}); these are the results of the one "
                    "before it\n",
                    folder, part));
  auto summary = parse_json(*text);
  if (!summary) return std::unexpected(summary.error().at(path));
  Results results;
  results.folder = folder;
  results.summary = std::move(*summary);
  const Value* const score = find(results.summary, {"configuration", "settings", "layers", "score"});
  const auto number = [&](std::initializer_list<std::string_view> keys) -> std::optional<double> {
    const Value* const found = score == nullptr ? nullptr : find(*score, keys);
    if (found == nullptr || !found->is_number()) return std::nullopt;
    return found->as_number();
  };
  const Value* const combiner = score == nullptr ? nullptr : score->find("combiner");
  const bool combined = combiner != nullptr && combiner->is_map();
  const auto threshold = combined ? number({"combiner", "threshold"}) : number({"threshold"});
  const auto short_delta = number({"modifiers", "short_text_delta"}), long_delta = number({"modifiers", "long_text_delta"});
  if (!threshold || !short_delta || !long_delta)
    return fail(Code::invalid_argument, "{} is no summary of 'thalweg eval run'", path);
  results.threshold = *threshold;
  if (!combined) {
    results.short_text_delta = *short_delta;
    results.long_text_delta = *long_delta;
  }
  const Value* const rows = find(results.summary, {"results", "rows"});
  const Value* const hash = find(results.summary, {"results", "hash"});
  if (rows == nullptr || !rows->is_int() || hash == nullptr || !hash->is_string())
    return fail(Code::invalid_argument, "{} does not tell which rows it belongs to; run 'thalweg eval run' again", path);
  results.rows_ = rows->as_int();
  results.hash_ = hash->as_string();
  return results;
}

// score >= threshold + shift, as ScorePlan computes it, solved for the threshold, rounding and all: what is counted from it is
// what a configuration with that threshold accepts.
double Results::highest(const ResultRow& row) const {
  if (row.vetoed) return -1;
  const double shift = row.threshold < threshold ? -short_text_delta : row.threshold > threshold ? long_text_delta : 0.0;
  constexpr double kRounding = 1e-15;  // more than a sum of numbers up to 2 can be off
  double accepted = row.score - shift - kRounding, rejected = row.score - shift + kRounding;
  for (int halving = 0; halving < 64; ++halving) {
    const double middle = accepted + (rejected - accepted) / 2;
    (row.score >= middle + shift ? accepted : rejected) = middle;
  }
  return std::min(accepted, 1.0);
}

double Results::label_threshold(std::string_view label) const {
  const Value* const told = find(summary, {"per_label", label, "threshold"});
  return told != nullptr && told->is_number() ? told->as_number() : 0.5;
}

bool Results::vetoes(std::string_view label) const {
  const Value* const categories = find(summary, {"configuration", "settings", "layers", "score", "categories"});
  if (categories == nullptr || !categories->is_map()) return false;
  return std::ranges::any_of(categories->entries(), [&](const Entry& category) {
    const Value* const told = find(category.value, {"labels", label, "veto"});
    return told != nullptr && told->is_bool() && told->as_bool();
  });
}

void ThresholdRows::add(const ResultRow& row) {
  if (row.failed) return;
  fitted_on_ += row.fitted_on ? 1 : 0;
  if (once_) {
    const auto [place, first] = places_.emplace(row.text_hash, scores_.size());
    if (!first) {
      Facts& facts = facts_[place->second];
      ++facts.copies;
      facts.fitted_on |= row.fitted_on;
      good_[place->second] = good_[place->second] != 0 && row.expected ? 1 : 0;
      return;
    }
  }
  scores_.push_back(row.highest);
  good_.push_back(row.expected ? 1 : 0);
  facts_.push_back({.fitted_on = row.fitted_on, .vetoed = row.vetoed, .copies = 0});
}

void ThresholdRows::leave_out_fitted() {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < facts_.size(); ++i) {
    if (facts_[i].fitted_on) {
      left_out_ += 1 + facts_[i].copies;
      continue;
    }
    scores_[kept] = scores_[i];
    good_[kept] = good_[i];
    facts_[kept++] = facts_[i];
  }
  fitted_on_ = left_out_;
  scores_.resize(kept);
  good_.resize(kept);
  facts_.resize(kept);
}

std::size_t ThresholdRows::copies() const noexcept {
  std::size_t count = 0;
  for (const Facts& facts : facts_) count += facts.copies;
  return count;
}

std::size_t ThresholdRows::vetoed() const noexcept {
  return static_cast<std::size_t>(std::ranges::count(facts_, true, &Facts::vetoed));
}

Result<> Results::read(const Interrupt& interrupt, const std::function<Result<>(const ResultRow&)>& row) const {
  const std::string path = (fs::path(folder) / "results.jsonl").string();
  auto source = scoring::ByteSource::open(path, [&](int descriptor) { return interrupt.readable(descriptor); });
  if (!source) return std::unexpected(as_usage(source.error()));
  auto reader = TRY(scoring::RecordReader::open(std::move(*source), {.form = scoring::FileForm::lines}));
  std::int64_t rows = 0;
  while (auto record = TRY(reader.next())) {
    if (interrupt.requested()) break;
    const auto place = [&] { return reader.place(record->row, record->line); };
    if (!record->value) return std::unexpected(record->value.error().at(place()));
    auto read = row_of(*record->value);
    if (!read) return std::unexpected(read.error().at(place()));
    if (!read->failed) read->highest = highest(*read);
    TRY(row(*read));
    ++rows;
  }
  if (interrupt.requested()) return fail(Code::cancelled, "stopped");
  if (rows == rows_ && reader.source().hash() == hash_) return {};
  return fail(
      Code::invalid_argument,
      "{} is not what {}/summary.json tells of ({} rows, {} are there): it was cut, changed or mixed up; run 'thalweg eval "
      "run' again, what is kept of raw scores is not computed again",
      path, folder, rows_, rows);
}

}  // namespace thalweg::cli
