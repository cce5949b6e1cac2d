#pragma once
// The sections of the report, each of one part of its tree (report_html.h). Empty where that has nothing to tell. Private to
// src/scoring.

#include <cstddef>
#include <string>

#include "thalweg/value.h"

namespace thalweg::scoring {

inline constexpr std::size_t kMostRows = 1000;  ///< of a table
inline constexpr std::size_t kMostName = 120;   ///< characters of a name of others

/// Title, summary, the figures that come first, warnings.
[[nodiscard]] std::string head_section(const Value& report);
[[nodiscard]] std::string decision_section(const Value& report);
[[nodiscard]] std::string risk_section(const Value& report);
[[nodiscard]] std::string group_sections(const Value& report);
[[nodiscard]] std::string label_section(const Value& report);
[[nodiscard]] std::string reliability_section(const Value& report);
[[nodiscard]] std::string mistake_section(const Value& report);
[[nodiscard]] std::string speed_section(const Value& report);
[[nodiscard]] std::string about_section(const Value& report);

}  // namespace thalweg::scoring
