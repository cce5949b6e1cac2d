#include "library/dataset.h"

#include <algorithm>

#include "base/error.h"

namespace thalweg::scoring {

Result<std::shared_ptr<Dataset::File>> Dataset::File::open(const std::string& path, bool strict,
                                                           std::optional<KnownNames> known) {
  auto reader = TRY(DatasetReader::open(path, {.strict = strict}));
  return std::make_shared<File>(std::move(reader), strict, std::move(known));
}

Result<std::optional<Sample>> Dataset::File::next() {
  while (true) {
    const std::size_t broken = reader.problems().errors();
    auto sample = TRY(reader.next());
    dropped += reader.problems().errors() - broken;
    if (!sample) return sample;
    Problems found;
    const bool good = check.add(*sample, reader.place(*sample), found);
    for (const Problem& problem : found.kept()) problems.add(problem);
    if (good) return sample;
    ++dropped;
    if (!strict) continue;
    const auto wrong = std::ranges::find_if(found.kept(), [](const Problem& problem) { return !is_warning(problem.kind); });
    return std::unexpected(wrong->error());
  }
}

Result<Dataset> Dataset::open(const std::string& path, bool strict) {
  return Dataset(TRY(File::open(path, strict, std::nullopt)));
}

Dataset::Dataset(std::vector<Sample> samples) : size_(samples.size()) {
  next_ = [samples = std::move(samples), at = std::size_t{0}]() mutable -> Result<std::optional<Sample>> {
    if (at == samples.size()) return std::nullopt;
    return std::move(samples[at++]);
  };
}
Dataset::Dataset(Next next) : next_(std::move(next)) {}
Dataset::Dataset(std::shared_ptr<File> file) : file_(std::move(file)) {}

Result<std::optional<Sample>> Dataset::next() { return file_ ? file_->next() : next_(); }
std::size_t Dataset::dropped() const { return file_ ? file_->dropped : 0; }

std::vector<std::string> Dataset::problems() const {
  std::vector<std::string> all;
  if (!file_) return all;
  for (const Problem& problem : file_->reader.problems().kept()) all.push_back(problem.text());
  for (const Problem& problem : file_->problems.kept()) all.push_back(problem.text());
  if (all.size() > Problems::kMost) all.resize(Problems::kMost);
  return all;
}

}  // namespace thalweg::scoring
