#include "calibration/sample.h"

#include <algorithm>

namespace thalweg::calibration {

std::size_t Sample::positives() const noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(present, [](std::uint8_t truth) { return truth != 0; }));
}

Result<> check(const Sample& sample) {
  if (sample.raw.size() != sample.present.size()) {
    return fail(Code::invalid_argument, "{} scores for {} truths", sample.raw.size(), sample.present.size());
  }
  if (sample.raw.empty()) return fail(Code::invalid_argument, "there is no row");
  for (std::size_t i = 0; i < sample.size(); ++i) {
    if (!(sample.raw[i] >= 0 && sample.raw[i] <= 1)) {
      return fail(Code::invalid_argument, "score {} of row {} is not within [0, 1]", sample.raw[i], i);
    }
    if (sample.present[i] > 1) return fail(Code::invalid_argument, "truth {} of row {} is neither 0 nor 1", sample.present[i], i);
  }
  return {};
}

}  // namespace thalweg::calibration
