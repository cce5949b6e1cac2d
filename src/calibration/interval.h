#pragma once

namespace thalweg::calibration {

/// A range that holds a number with a stated confidence.
struct Interval {
  double low = 0, high = 0;
};

}  // namespace thalweg::calibration
