#include "cli/eval/threshold_options.h"

#include <utility>

#include "cli/eval/source.h"

namespace thalweg::cli {

void ThresholdOptions::declare(Options& options) {
  options.value("--by", "WHAT", by, "the threshold by risk, f1 or cost (risk)");
  options.value("--alpha", "SHARE", alpha, "risk: accepted texts are wrong at most this often (0.05)");
  options.value("--confidence", "SHARE", confidence, "risk: with this confidence (0.95)");
}

Result<ThresholdOptions::Read> ThresholdOptions::read() {
  const bool by_given = !by.empty(), risk_given = !alpha.empty() || !confidence.empty();
  const std::pair<std::string*, const char*> defaults[]{{&by, "risk"}, {&alpha, "0.05"}, {&confidence, "0.95"}};
  for (const auto& [option, usual] : defaults) {
    if (option->empty()) *option = usual;
  }
  if (by != "risk" && by != "f1" && by != "cost")
    return fail(Code::invalid_argument, "--by '{}': known are risk, f1 and cost", by);
  return Read{.alpha = TRY(share_option("--alpha", alpha)),
              .confidence = TRY(share_option("--confidence", confidence)),
              .by_given = by_given,
              .risk_given = risk_given};
}

}  // namespace thalweg::cli
