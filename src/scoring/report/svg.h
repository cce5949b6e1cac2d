#pragma once
// Drawings by hand. Private to src/scoring.

#include <string>
#include <string_view>
#include <vector>

#include "base/format.h"

namespace thalweg::scoring {

/// One drawing; colours come from the page's classes. Coordinates are pixels, y downwards.
class Svg {
 public:
  /// `id` is unique in the page. What a reader who does not see it is told is title and description.
  Svg(std::string_view id, double width, double height, std::string_view title, std::string_view description);

  void line(double x1, double y1, double x2, double y2, std::string_view css);
  void rectangle(double x, double y, double width, double height, std::string_view css, std::string_view tooltip = {});
  void circle(double x, double y, double radius, std::string_view css, std::string_view tooltip = {});
  /// Straight from point to point.
  void path(const std::vector<std::pair<double, double>>& points, std::string_view css);
  /// `anchor`: start, middle or end. The text is escaped.
  void text(double x, double y, std::string_view text, std::string_view css, std::string_view anchor = "start");
  /// What follows is cut at the rectangle, until unclip().
  void clip(double x, double y, double width, double height);
  void unclip();
  [[nodiscard]] std::string done() &&;

 private:
  std::string id_;
  std::string out_;
};

/// Where ticks stand between two numbers: multiples of 1, 2 or 5 times a power of ten, about `wanted` of them.
[[nodiscard]] std::vector<double> ticks(double low, double high, int wanted);

/// A tick as text, with as many digits as the step between ticks needs.
[[nodiscard]] std::string tick_text(double tick, const std::vector<double>& all);

}  // namespace thalweg::scoring
