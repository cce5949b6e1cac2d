#include "cli/eval/train_scores.h"

#include <algorithm>
#include <utility>

#include "cli/eval/equal_texts.h"
#include "cli/eval/source.h"
#include "scoring/data/scores_file.h"

namespace thalweg::cli {

std::vector<std::string> TrainingScores::texts() const {
  std::vector<std::string> out;
  out.reserve(samples.size());
  for (const scoring::ScoredSample& sample : samples) out.push_back(sample.text);
  return out;
}

std::size_t TrainingScores::copies() const {
  std::size_t count = 0;
  for (std::size_t row = 0; row < groups.size(); ++row) count += groups[row] == row ? 0 : 1;
  return count;
}

std::vector<std::uint8_t> TrainingScores::accepted() const {
  std::vector<std::uint8_t> out;
  out.reserve(samples.size());
  for (const scoring::ScoredSample& sample : samples)
    out.push_back(sample.expected_decision == scoring::Decision::accept ? 1 : 0);
  return out;
}

Result<TrainingScores> read_training_scores(const std::string& path, Progress& progress, const Interrupt& interrupt) {
  auto reader =
      TRY(scoring::ScoresReader::open(path, {.readable = [&](int descriptor) { return interrupt.readable(descriptor); }}));
  TrainingScores scores;
  std::size_t met = 0;
  while (auto sample = TRY(reader.next())) {
    if (interrupt.requested()) return fail(Code::cancelled, "stopped");
    show_progress(progress, "read", ++met, reader.source());
    if (sample->scores.empty()) {
      ++scores.failed;
      continue;
    }
    auto row = std::exchange(sample->scores, {});
    std::ranges::sort(row);
    if (scores.labels.empty()) {
      for (const auto& [label, raw] : row) scores.labels.push_back(label);
      scores.raw.resize(row.size());
      scores.present.resize(row.size());
    }
    const bool same = std::ranges::equal(row, scores.labels, {}, &std::pair<std::string, double>::first);
    if (!same) {
      return fail(Code::invalid_argument,
                  "{}: it has other labels than the samples before it; the file holds scores of several "
                  "configurations",
                  reader.place(*sample));
    }
    if (sample->fitted_on) {
      return fail(Code::failed_precondition,
                  "{}: the probe behind these scores was fitted on this text, so that they say nothing of others; train on what "
                  "'eval train --method probe --scores FILE' gives each text by probes fitted without it, or on other texts",
                  reader.place(*sample));
    }
    if (!scores.samples.empty() && sample->model != scores.model) {
      return fail(Code::invalid_argument, "{}: its scores are of another model than those before it; train on one model's scores",
                  reader.place(*sample));
    }
    scores.model = sample->model;
    for (std::size_t i = 0; i < row.size(); ++i) {
      scores.raw[i].push_back(row[i].second);
      scores.present[i].push_back(std::ranges::find(sample->expected_labels, row[i].first) != sample->expected_labels.end());
    }
    scores.undecided += sample->expected_decision ? 0 : 1;
    scores.samples.push_back(std::move(*sample));
  }
  progress.clear();
  scores.hash = reader.source().hash();
  if (scores.labels.empty()) return fail(Code::failed_precondition, "{}: there are no samples with scores", path);
  scores.groups = equal_texts(scores.texts());
  return scores;
}

}  // namespace thalweg::cli
