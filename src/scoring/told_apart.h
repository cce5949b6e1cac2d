#pragma once
// Numbers that are compared in a sentence.

#include <string>
#include <utility>

namespace thalweg::scoring {

/// Both with so many digits behind the point, or with as many more as it takes to tell them apart: "0.750", "0.750" of equal
/// ones, "0.749999999", "0.750000000" of others.
[[nodiscard]] std::pair<std::string, std::string> told_apart(double a, double b, int digits);

}  // namespace thalweg::scoring
