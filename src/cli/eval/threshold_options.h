#pragma once
// How a threshold is to be chosen: the options of all commands that choose one.

#include <string>

#include "base/error.h"
#include "cli/options.h"

namespace thalweg::cli {

/// --by, --alpha and --confidence as they were given; empty where they were not, until read() puts their defaults there.
struct ThresholdOptions {
  std::string by{};
  std::string alpha{};
  std::string confidence{};

  struct Read {
    double alpha, confidence;
    bool by_given, risk_given;  ///< --by; one of the others
  };
  void declare(Options& options);
  /// Errors: invalid_argument, naming the option.
  [[nodiscard]] Result<Read> read();
};

}  // namespace thalweg::cli
