#pragma once
// The data set of a run.

#include <memory>
#include <string>

#include "cli/eval/source.h"
#include "cli/interrupt.h"
#include "scoring/data/sample_reader.h"

namespace thalweg::cli {

/// A data set, checked against the configuration, with the raw scores it brings where the model takes those. When strict, and
/// `path` is a file, everything is read once before anything is scored, up to the first thing wrong. Errors: SampleReader's.
[[nodiscard]] Result<std::unique_ptr<scoring::SampleReader>> open_samples(const std::string& path, const EvalConfig& config,
                                                                          const Interrupt& interrupt);

}  // namespace thalweg::cli
