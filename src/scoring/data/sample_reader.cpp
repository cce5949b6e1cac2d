#include "scoring/data/sample_reader.h"

#include <algorithm>
#include <utility>

#include "scoring/score_config.h"

namespace thalweg::scoring {

SampleRules sample_rules(const ScoreConfig& config, bool strict) {
  const bool own_scores = config.model.type == ModelType::recorded && config.model.scores.empty();
  return {.known = known_names(config),
          .read = {.strict = strict, .scores = own_scores ? ScoresRead::needed : ScoresRead::ignored}};
}

SampleReader::SampleReader(DatasetReader reader, SampleRules rules)
    : reader_(std::move(reader)),
      rules_(std::move(rules)),
      check_(rules_.known ? &*rules_.known : nullptr, rules_.read.scores == ScoresRead::needed) {}

Result<std::unique_ptr<SampleReader>> SampleReader::open(std::string path, SampleRules rules) {
  ByteSource source = TRY(ByteSource::open(std::move(path), rules.read.readable));
  return open(std::move(source), std::move(rules));
}

Result<std::unique_ptr<SampleReader>> SampleReader::open(ByteSource source, SampleRules rules) {
  DatasetReader reader = TRY(DatasetReader::open(std::move(source), rules.read));
  return std::unique_ptr<SampleReader>(new SampleReader(std::move(reader), std::move(rules)));
}

Result<bool> SampleReader::any() {
  if (!ahead_) ahead_ = TRY(next());
  return ahead_.has_value();
}

Result<std::optional<Sample>> SampleReader::next() {
  if (ahead_) return std::exchange(ahead_, std::nullopt);
  while (true) {
    auto sample = TRY(reader_.next());
    if (!sample) return sample;
    ++readable_;
    Problems found;
    const bool good = check_.add(*sample, reader_.place(*sample), found);
    problems_.add(found);
    if (good) return sample;
    ++wrong_;
    if (!rules_.read.strict) continue;
    const auto wrong = std::ranges::find_if(found.kept(), [](const Problem& problem) { return !is_warning(problem.kind); });
    return std::unexpected(wrong->error());
  }
}

Problems SampleReader::problems() const { return in_order(reader_.problems(), problems_); }

}  // namespace thalweg::scoring
