#include "scoring/report/svg.h"

#include <algorithm>
#include <cmath>

#include "scoring/report/html.h"

namespace thalweg::scoring {

namespace {

// Tenths of a pixel are enough.
std::string px(double number) {
  std::string text = html::fixed(number, 1);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

std::string closed(std::string_view element, std::string_view tooltip) {
  if (tooltip.empty()) return "/>";
  return fmt::format("><title>{}</title></{}>", html::escape(tooltip), element);
}

}  // namespace

Svg::Svg(std::string_view id, double width, double height, std::string_view title, std::string_view description)
    : id_(html::escape(id)) {
  out_ = fmt::format(
      "<svg viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" role=\"img\" aria-labelledby=\"{2}-t {2}-d\">"
      "<title id=\"{2}-t\">{3}</title><desc id=\"{2}-d\">{4}</desc>",
      px(width), px(height), id_, html::escape(title), html::escape(description));
}

void Svg::line(double x1, double y1, double x2, double y2, std::string_view css) {
  out_ += fmt::format("<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" class=\"{}\"/>", px(x1), px(y1), px(x2), px(y2), css);
}

void Svg::rectangle(double x, double y, double width, double height, std::string_view css, std::string_view tooltip) {
  out_ += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" class=\"{}\"{}", px(x), px(y), px(width), px(height),
                      css, closed("rect", tooltip));
}

void Svg::circle(double x, double y, double radius, std::string_view css, std::string_view tooltip) {
  out_ += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"{}\" class=\"{}\"{}", px(x), px(y), px(radius), css,
                      closed("circle", tooltip));
}

void Svg::path(const std::vector<std::pair<double, double>>& points, std::string_view css) {
  if (points.empty()) return;
  out_ += "<path d=\"";
  for (std::size_t i = 0; i < points.size(); ++i) {
    out_ += fmt::format("{}{} {}", i == 0 ? "M" : "L", px(points[i].first), px(points[i].second));
  }
  out_ += fmt::format("\" class=\"{}\"/>", css);
}

void Svg::text(double x, double y, std::string_view text, std::string_view css, std::string_view anchor) {
  out_ += fmt::format("<text x=\"{}\" y=\"{}\" class=\"{}\" text-anchor=\"{}\">{}</text>", px(x), px(y), css, anchor,
                      html::escape(text));
}

void Svg::clip(double x, double y, double width, double height) {
  out_ += fmt::format(
      "<clipPath id=\"{0}-c\"><rect x=\"{1}\" y=\"{2}\" width=\"{3}\" height=\"{4}\"/></clipPath><g clip-path=\"url(#{0}-c)\">",
      id_, px(x), px(y), px(width), px(height));
}

void Svg::unclip() { out_ += "</g>"; }

std::string Svg::done() && { return std::move(out_) + "</svg>"; }

std::vector<double> ticks(double low, double high, int wanted) {
  if (!(high > low) || wanted < 1) return {low};
  const double rough = (high - low) / wanted;
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  const double left = rough / power;
  const double step = power * (left <= 1.5 ? 1 : left <= 3.5 ? 2 : left <= 7.5 ? 5 : 10);
  std::vector<double> all;
  const double slack = step * 1e-6;
  const double first = std::ceil((low - slack) / step);
  for (int i = 0; i < 100 && (first + i) * step <= high + slack; ++i) all.push_back((first + i) * step);
  return all;
}

std::string tick_text(double tick, const std::vector<double>& all) {
  const double step = all.size() < 2 ? std::abs(tick) : all[1] - all[0];
  const int digits = step <= 0 || step >= 1 ? 0 : std::min(6, static_cast<int>(std::ceil(-std::log10(step) - 1e-9)));
  return html::fixed(tick, digits);
}

}  // namespace thalweg::scoring
