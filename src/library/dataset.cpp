#include "thalweg/scoring/dataset.h"

#include "base/error.h"
#include "scoring/data/sample_reader.h"

namespace thalweg::scoring {

Result<Dataset> Dataset::open(const std::string& path, bool strict) {
  return Dataset(TRY(SampleReader::open(path, {.read = {.strict = strict, .scores = ScoresRead::if_there}})));
}

Dataset::Dataset(std::vector<Sample> samples) : size_(samples.size()) {
  next_ = [samples = std::move(samples), at = std::size_t{0}]() mutable -> Result<std::optional<Sample>> {
    if (at == samples.size()) return std::nullopt;
    return std::move(samples[at++]);
  };
}
Dataset::Dataset(Next next) : next_(std::move(next)) {}
Dataset::Dataset(std::shared_ptr<SampleReader> file) : file_(std::move(file)) {}

Result<std::optional<Sample>> Dataset::next() { return file_ ? file_->next() : next_(); }
std::size_t Dataset::dropped() const { return file_ ? file_->dropped() : 0; }

std::vector<std::string> Dataset::problems() const {
  std::vector<std::string> all;
  if (!file_) return all;
  const Problems problems = file_->problems();
  for (const Problem& problem : problems.kept()) all.push_back(problem.text());
  return all;
}

}  // namespace thalweg::scoring
