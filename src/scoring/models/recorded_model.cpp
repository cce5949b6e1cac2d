// Raw scores from a file, by the sample's id and text, or as the samples themselves bring them: for tests and what-ifs.

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "scoring/data/scores_file.h"
#include "scoring/digest.h"
#include "scoring/models/label_model.h"

namespace thalweg::scoring {

namespace {

class RecordedModel final : public LabelModel {
 public:
  RecordedModel(std::string name, std::string identity, std::size_t width)
      : name_(std::move(name)), identity_(std::move(identity)), width_(width) {}

  void add(const std::string& id, const std::string& text, std::vector<double> row) {
    by_text_.emplace(text, rows_.size());
    if (!id.empty()) by_sample_.emplace(sample(id, text), rows_.size());
    rows_.push_back(std::move(row));
  }

  void score(std::vector<Input> inputs, const Context& context, Done done) override {
    if (const auto checked = context.check(); !checked) return done(std::unexpected(checked.error()));
    RawScores scores;
    scores.values.reserve(inputs.size() * width_);
    for (const Input& input : inputs) {
      const std::vector<double>* row = find(input);
      if (row == nullptr || row->size() != width_) {
        const std::string sample = input.id.empty() ? "this text" : fmt::format("sample '{}'", input.id);
        if (!rows_.empty()) return done(fail(Code::not_found, "{} has no raw scores of {}", name_, sample));
        return done(fail(Code::not_found, "{} does not bring a raw score from 0 to 1 of every label", sample));
      }
      scores.values.insert(scores.values.end(), row->begin(), row->end());
    }
    done(std::move(scores));
  }
  [[nodiscard]] const std::string& name() const noexcept override { return name_; }
  [[nodiscard]] const std::string& identity() const noexcept override { return identity_; }

 private:
  static std::string sample(const std::string& id, const std::string& text) {
    return fmt::format("{}:{}{}", id.size(), id, text);
  }

  // The text decides; the id only where the same text stands under several ids with scores of their own.
  [[nodiscard]] const std::vector<double>* find(const Input& input) const {
    if (rows_.empty()) return input.raw.empty() ? nullptr : &input.raw;
    const auto both = by_sample_.find(sample(input.id, input.text));
    if (both != by_sample_.end()) return &rows_[both->second];
    const auto text = by_text_.find(input.text);
    return text == by_text_.end() ? nullptr : &rows_[text->second];
  }

  const std::string name_;
  const std::string identity_;
  const std::size_t width_;
  std::vector<std::vector<double>> rows_;
  std::unordered_map<std::string, std::size_t> by_text_;
  std::unordered_map<std::string, std::size_t> by_sample_;
};

}  // namespace

Result<std::shared_ptr<LabelModel>> open_recorded_model(const ModelConfig& config, const LabelsAsked& labels) {
  if (config.scores.empty()) {
    std::vector<std::string> parts{"recorded 1: the samples' own"};
    parts.insert(parts.end(), labels.names.begin(), labels.names.end());
    return std::make_shared<RecordedModel>("recorded", digest(parts), labels.names.size());
  }
  auto reader = TRY(ScoresReader::open(config.scores));
  std::vector<std::pair<ScoredSample, std::vector<double>>> rows;
  while (auto sample = TRY(reader.next())) {
    if (sample->scores.empty()) continue;  // its model failed
    std::vector<double> row;
    for (const std::string& label : labels.names) {
      const auto found = std::ranges::find(sample->scores, label, &std::pair<std::string, double>::first);
      if (found == sample->scores.end()) {
        return fail(Code::failed_precondition,
                    "{}: there is no raw score of the label '{}'; the file is of another configuration", reader.place(*sample),
                    label);
      }
      row.push_back(found->second);
    }
    rows.emplace_back(std::move(*sample), std::move(row));
  }
  std::vector<std::string> parts{"recorded 1", reader.source().hash()};
  parts.insert(parts.end(), labels.names.begin(), labels.names.end());
  auto model = std::make_shared<RecordedModel>(config.scores, digest(parts), labels.names.size());
  for (auto& [sample, row] : rows) model->add(sample.id, sample.text, std::move(row));
  return model;
}

}  // namespace thalweg::scoring
