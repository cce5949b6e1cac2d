#pragma once
// What a run did and what it cost, stage by stage.

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/value.h"

namespace thalweg {

enum class StageStatus : std::uint8_t { not_reached, ok, skipped, failed, continued, fell_back, cached, cancelled };

struct StageReport {
  std::string id;
  StageStatus status = StageStatus::not_reached;
  Nanos start = 0;     ///< since the run's start
  Nanos duration = 0;  ///< from the first attempt's start to the last one's end, waits between attempts included
  Nanos queue = 0;     ///< from ready to started
  std::uint32_t attempts = 0;
  std::string reason;  ///< why skipped or failed
  std::size_t bytes = 0;  ///< of the output
  Nanos slack = 0;     ///< how much longer it could have taken without making the run longer; 0 on the critical path
  std::vector<StageReport> nested;
};

/// The accounting identity: wall = queue + conversion + stage + engine + residual, all along the critical path. Under the virtual
/// clock the residual is exactly 0.
struct Accounting {
  Nanos wall = 0;
  Nanos queue = 0;
  Nanos conversion = 0;  ///< arguments, conditions and outputs evaluated
  Nanos stage = 0;
  Nanos engine = 0;
  Nanos residual = 0;
};

struct Report {
  std::string pipeline;
  std::string version;
  Accounting accounting;
  std::vector<StageReport> stages;
  [[nodiscard]] Value to_value() const;
  [[nodiscard]] std::string to_text() const;
};

}  // namespace thalweg
