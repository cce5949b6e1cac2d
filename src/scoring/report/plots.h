#pragma once
// The drawings of the report, each of one part of its tree (report_html.h). Empty where that has nothing to draw. Private to
// src/scoring.

#include <optional>
#include <string>

#include "thalweg/value.h"

namespace thalweg::scoring {

/// A share with its interval on a track from 0 to 1, and a mark for what it is compared with.
[[nodiscard]] std::string interval_plot(const std::string& id, const Value& accuracy, std::optional<double> mark, double width);

/// Scores of what should be accepted above the axis, of what should be rejected below; what was decided wrongly in full colour.
[[nodiscard]] std::string score_histogram(const Value& scores);

/// Share of wrong among the accepted against the share accepted, with its upper bound.
[[nodiscard]] std::string risk_curve(const Value& risk);

/// Observed frequency against predicted probability of one label.
[[nodiscard]] std::string reliability_plot(const std::string& id, const Value& label);

}  // namespace thalweg::scoring
