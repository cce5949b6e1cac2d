#pragma once
// thalweg eval train --method probe

#include <cstdint>
#include <string>

#include "cli/eval/source.h"

namespace thalweg::cli {

struct ProbeTraining {
  std::string data;
  std::string output;
  std::string scores;  ///< cross-fitted raw scores; empty: none are wanted
  std::int64_t folds = 10;
  std::int64_t seed = 1;
  bool json = false;
};

/// The exit code.
[[nodiscard]] Result<int> train_probe(Program& program, const EvalSource& source, const ProbeTraining& training);

}  // namespace thalweg::cli
