#pragma once
// Copies of a text, which prove and teach no more than the text does.

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace thalweg::cli {

/// The first place of each text among `texts`: as groups of calibration/folds.h, so that copies stand on one side of every cut.
[[nodiscard]] std::vector<std::size_t> equal_texts(std::span<const std::string> texts);

}  // namespace thalweg::cli
