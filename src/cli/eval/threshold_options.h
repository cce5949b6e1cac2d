#pragma once
// How a threshold is to be chosen: the options of all commands that choose one.

#include <string>

#include "base/error.h"
#include "cli/options.h"

namespace thalweg::cli {

/// --by, --alpha and --confidence as they were given.
struct ThresholdOptions {
  std::string by = "risk";
  std::string alpha = "0.05";
  std::string confidence = "0.95";

  struct Read {
    double alpha, confidence;
  };
  void declare(Options& options);
  /// Errors: invalid_argument, naming the option.
  [[nodiscard]] Result<Read> read() const;
};

}  // namespace thalweg::cli
