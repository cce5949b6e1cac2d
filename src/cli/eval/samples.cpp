#include "cli/eval/samples.h"

#include <filesystem>

namespace thalweg::cli {

Result<std::unique_ptr<scoring::SampleReader>> open_samples(const std::string& path, const EvalConfig& config,
                                                            const Interrupt& interrupt) {
  scoring::SampleRules rules = scoring::sample_rules(config.data.score, config.data.strict);
  rules.read.readable = [&interrupt](int descriptor) { return interrupt.readable(descriptor); };
  std::error_code ignored;
  if (config.data.strict && std::filesystem::is_regular_file(path, ignored)) {
    const auto first = TRY(as_usage(scoring::SampleReader::open(path, rules)));
    while (TRY(first->next()) && !interrupt.requested()) {
    }
  }
  return as_usage(scoring::SampleReader::open(path, std::move(rules)));
}

}  // namespace thalweg::cli
