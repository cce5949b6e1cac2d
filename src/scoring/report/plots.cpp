#include "scoring/report/plots.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/utf8.h"
#include "scoring/report/html.h"
#include "scoring/report/svg.h"

namespace thalweg::scoring {

namespace {

using html::count;
using html::number;
using html::percent;
using html::round_percent;
using html::share;

constexpr double kWide = 848;
constexpr std::size_t kMostBins = 400;
constexpr double kFarthest = 1e6;  // a score
constexpr std::size_t kMostPoints = 400;

// A linear scale from numbers to pixels.
struct Scale {
  double low, high;   // numbers
  double begin, end;  // pixels
  double operator()(double number) const { return begin + (number - low) / (high - low) * (end - begin); }
};

struct Bin {
  double from, to;
  std::array<double, 4> counts;  // true accept, false reject, true reject, false accept
  [[nodiscard]] double above() const { return counts[0] + counts[1]; }
  [[nodiscard]] double below() const { return counts[2] + counts[3]; }
};

std::vector<Bin> bins_of(const Value& scores) {
  std::vector<Bin> bins;
  for (const Value& bin : html::list(scores, "bins").first(std::min(kMostBins, html::list(scores, "bins").size()))) {
    const auto from = number(bin, "from");
    const auto to = number(bin, "to");
    if (!from || !to || !(*to > *from) || std::abs(*from) > kFarthest || std::abs(*to) > kFarthest ||
        (!bins.empty() && *from < bins.back().to - 1e-9))
      continue;
    const auto part = [&](std::string_view key) { return static_cast<double>(count(bin, key).value_or(0)); };
    bins.push_back({*from, *to, {part("true_accept"), part("false_reject"), part("true_reject"), part("false_accept")}});
  }
  return bins;
}

void draw_bin(Svg& svg, const Bin& bin, const Scale& x, double axis, double pixels_each) {
  const double left = x(bin.from) + 0.5;
  const double width = std::max(0.5, x(bin.to) - x(bin.from) - 1);
  constexpr std::array<std::string_view, 4> kCss{"accept-soft", "accept", "reject-soft", "reject"};
  constexpr std::array<std::string_view, 4> kName{"rightly accepted", "wrongly rejected", "rightly rejected", "wrongly accepted"};
  std::array<double, 2> filled{};  // above and below the axis
  for (std::size_t i = 0; i < 4; ++i) {
    if (bin.counts[i] == 0) continue;
    const double height = std::max(1.0, bin.counts[i] * pixels_each);
    double& side = filled[i / 2];
    const double top = i < 2 ? axis - 0.5 - side - height : axis + 0.5 + side;
    side += height;
    svg.rectangle(
        left, top, width, height, kCss[i],
        fmt::format("{} {}, score {} to {}", bin.counts[i], kName[i], html::fixed(bin.from, 3), html::fixed(bin.to, 3)));
  }
}

struct Threshold {
  double value;
  std::string_view name;
  int row;  // of its label: a label stands lower where it would touch the one before
};

std::vector<Threshold> thresholds_of(const Value& scores, const Scale& x) {
  std::vector<Threshold> all;
  for (const Value& threshold : html::list(scores, "thresholds")) {
    const auto value = number(threshold, "value");
    if (value && *value >= x.low && *value <= x.high && all.size() < 6) all.push_back({*value, html::text(threshold, "name"), 0});
  }
  std::ranges::sort(all, {}, &Threshold::value);
  for (std::size_t i = 1; i < all.size(); ++i) {
    if (x(all[i].value) - x(all[i - 1].value) < 150) all[i].row = all[i - 1].row + 1;
  }
  return all;
}

constexpr double kRow = 15;

void draw_thresholds(Svg& svg, const std::vector<Threshold>& all, const Scale& x, double bottom) {
  for (const Threshold& threshold : all) {
    const double at = x(threshold.value);
    svg.line(at, 2 + threshold.row * kRow, at, bottom, "threshold");
    const bool left = at > x.end - 150;
    const std::string label = fmt::format("{} {}", threshold.name.empty() ? "threshold" : utf8::cut(threshold.name, 24),
                                          html::fixed(threshold.value, 2));
    svg.text(at + (left ? -5 : 5), 11 + threshold.row * kRow, label, "label", left ? "end" : "start");
  }
}

struct RiskPoint {
  double threshold, accepted, risk, bound;
};

std::optional<RiskPoint> risk_point(const Value& point) {
  const auto threshold = number(point, "threshold");
  const auto accepted = share(point, "accepted");
  const auto risk = share(point, "risk");
  const auto bound = share(point, "bound");
  if (!threshold || !accepted || !risk || !bound) return {};
  return RiskPoint{*threshold, *accepted, *risk, *bound};
}

// As many as can be seen, with both ends; by the share accepted.
std::vector<RiskPoint> risk_points(const Value& risk) {
  const auto given = html::list(risk, "curve");
  std::vector<RiskPoint> points;
  const std::size_t step = given.size() / kMostPoints + 1;
  for (std::size_t i = 0; i < given.size(); i += i + 1 == given.size() ? 1 : std::min(step, given.size() - 1 - i)) {
    if (const auto point = risk_point(given[i])) points.push_back(*point);
  }
  std::ranges::sort(points, {}, [](const RiskPoint& point) { return std::pair(point.accepted, point.bound); });
  return points;
}

}  // namespace

std::string interval_plot(const std::string& id, const Value& accuracy, std::optional<double> mark, double width) {
  const auto value = share(accuracy, "value");
  if (!value) return {};
  const auto low = share(accuracy, "low");
  const auto high = share(accuracy, "high");
  std::string told = percent(*value);
  if (low && high) told += fmt::format(", interval {} to {}", percent(*low), percent(*high));
  if (mark) told += fmt::format("; compared with {}", percent(*mark));
  Svg svg(id, width, 16, "Share and interval", told);
  const auto x = [&](double share) { return 5 + std::clamp(share, 0.0, 1.0) * (width - 10); };
  svg.line(x(0), 8, x(1), 8, "track");
  if (mark) svg.line(x(*mark), 2, x(*mark), 14, "mark");
  if (low && high) svg.line(x(*low), 8, x(*high), 8, "interval");
  svg.circle(x(*value), 8, 4, "accept");
  return std::move(svg).done();
}

std::string score_histogram(const Value& scores) {
  const std::vector<Bin> bins = bins_of(scores);
  if (bins.empty()) return {};
  const double above = std::ranges::max(bins, {}, &Bin::above).above();
  const double below = std::ranges::max(bins, {}, &Bin::below).below();
  if (above + below <= 0) return {};
  const Scale x{bins.front().from, bins.back().to, 44, kWide - 12};
  const std::vector<Threshold> thresholds = thresholds_of(scores, x);
  const double top = 12 + kRow * (thresholds.empty() ? 0 : 1 + std::ranges::max(thresholds, {}, &Threshold::row).row);
  const double pixels_each = 190 / (above + below);
  const double axis = top + above * pixels_each;
  const double bottom = axis + below * pixels_each;
  Svg svg("scores", kWide, bottom + 40, "Scores of what should be accepted and of what should be rejected",
          fmt::format(
              "A histogram of {} bins from {} to {}. Bars above the axis count texts that should be accepted, bars below it "
              "texts that should be rejected; what was decided wrongly is in full colour. The numbers are in the table below.",
              bins.size(), html::fixed(x.low, 2), html::fixed(x.high, 2)));
  for (const auto& [most, sign] : {std::pair(above, -1.0), std::pair(below, 1.0)}) {
    const std::vector<double> marks = ticks(0, most, std::clamp(static_cast<int>(most * pixels_each / 36), 1, 4));
    for (const double tick : marks) {
      if (tick <= 0 || tick != std::floor(tick)) continue;
      const double y = axis + sign * tick * pixels_each;
      svg.line(x.begin, y, x.end, y, "grid");
      svg.text(x.begin - 7, y + 4, html::count_text(static_cast<std::int64_t>(tick)), "tick", "end");
    }
  }
  for (const Bin& bin : bins) draw_bin(svg, bin, x, axis, pixels_each);
  svg.line(x.begin, axis, x.end, axis, "axis");
  draw_thresholds(svg, thresholds, x, bottom + 6);
  const std::vector<double> marks = ticks(x.low, x.high, 8);
  for (const double tick : marks) svg.text(x(tick), bottom + 21, tick_text(tick, marks), "tick", "middle");
  svg.text(x.end, bottom + 36, "score", "tick", "end");
  return std::move(svg).done();
}

std::string risk_curve(const Value& risk) {
  const std::vector<RiskPoint> points = risk_points(risk);
  if (points.size() < 2) return {};
  const auto target = share(risk, "target");
  const Value* const picked = risk.find("chosen");
  const auto chosen = picked == nullptr ? std::nullopt : risk_point(*picked);
  double most = std::max(target.value_or(0) * 2.4, std::ranges::max(points, {}, &RiskPoint::risk).risk * 1.2);
  if (chosen) most = std::max(most, chosen->bound * 1.5);
  most = std::clamp(most, 0.01, 1.0);
  constexpr double kTop = 30;
  constexpr double kBottom = 250;
  const Scale x{0, 1, 52, kWide - 150};
  const Scale y{0, most, kBottom, kTop};
  Svg svg("risk", kWide, 292, "Share of wrong among the accepted, by the share accepted",
          fmt::format("Two curves from {} to {} accepted: the share observed, and an upper bound of it.{} The numbers are in the "
                      "table below.",
                      percent(points.front().accepted), percent(points.back().accepted),
                      target ? fmt::format(" The target is {}.", round_percent(*target)) : ""));
  const std::vector<double> across = ticks(0, most * 100, 5);
  for (const double tick : across) {
    svg.line(x.begin, y(tick / 100), x.end, y(tick / 100), "grid");
    svg.text(x.begin - 7, y(tick / 100) + 4, tick_text(tick, across) + "%", "tick", "end");
  }
  for (int tick = 0; tick <= 100; tick += 20) svg.text(x(tick / 100.0), kBottom + 18, fmt::format("{}%", tick), "tick", "middle");
  svg.text(x.begin, kBottom + 36, "share of texts accepted", "tick");
  std::vector<std::pair<double, double>> observed;
  std::vector<std::pair<double, double>> bound;
  for (const RiskPoint& point : points) {
    observed.emplace_back(x(point.accepted), y(point.risk));
    bound.emplace_back(x(point.accepted), y(point.bound));
  }
  svg.clip(x.begin, kTop - 2, x.end - x.begin + 4, kBottom - kTop + 4);
  svg.path(bound, "line accept-line");
  svg.path(observed, "line ink-line");
  svg.unclip();
  const double end_bound = std::max(bound.back().second, kTop + 4);
  const double end_observed = std::max(observed.back().second, end_bound + 16);  // the bound is above what it bounds
  svg.text(x.end + 8, end_bound + 4, "upper bound", "label accept-text");
  svg.text(x.end + 8, end_observed + 4, "observed", "label");
  if (target) {
    svg.line(x.begin, y(*target), x.end, y(*target), "threshold");
    svg.text(x.begin + 6, y(*target) - 5, "target " + round_percent(*target), "label reject-text");
  }
  if (chosen) {
    const double at = x(chosen->accepted);
    svg.line(at, y(0), at, kTop - 22, "chosen");
    svg.circle(at, y(std::min(chosen->bound, most)), 5, "accept");
    const bool left = at > (x.begin + x.end) / 2;
    svg.text(at + (left ? -6 : 6), kTop - 13,
             fmt::format("threshold {}: {} accepted", html::fixed(chosen->threshold, 3), percent(chosen->accepted)), "label",
             left ? "end" : "start");
  }
  return std::move(svg).done();
}

std::string reliability_plot(const std::string& id, const Value& label) {
  struct Point {
    double predicted, observed, count;
    std::optional<double> low, high;
  };
  std::vector<Point> points;
  for (const Value& point : html::list(label, "points")) {
    const auto predicted = share(point, "predicted");
    const auto observed = share(point, "observed");
    if (!predicted || !observed || points.size() >= 100) continue;
    points.push_back({*predicted, *observed, static_cast<double>(count(point, "count").value_or(1)), share(point, "low"),
                      share(point, "high")});
  }
  if (points.empty()) return {};
  const double most = std::max(1.0, std::ranges::max(points, {}, &Point::count).count);
  Svg svg(id, 150, 146, "Reliability",
          fmt::format("Observed frequency against predicted probability at {} points.", points.size()));
  const Scale x{0, 1, 24, 144};
  const Scale y{0, 1, 126, 6};
  svg.rectangle(x.begin, y.end, x.end - x.begin, y.begin - y.end, "frame");
  svg.line(x(0), y(0), x(1), y(1), "diagonal");
  for (const double tick : {0.0, 0.5, 1.0}) {
    svg.text(x(tick), 140, html::fixed(tick, tick == 0.5 ? 1 : 0), "tick", tick == 0 ? "start" : tick == 1 ? "end" : "middle");
    svg.text(x.begin - 5, y(tick) + (tick == 1 ? 8 : tick == 0 ? 0 : 4), html::fixed(tick, tick == 0.5 ? 1 : 0), "tick", "end");
  }
  for (const Point& point : points) {
    if (!point.low || !point.high) continue;
    svg.line(x(point.predicted), y(*point.low), x(point.predicted), y(*point.high), "whisker");
  }
  for (const Point& point : points) {
    svg.circle(
        x(point.predicted), y(point.observed), 2 + 4 * std::sqrt(point.count / most), "accept",
        fmt::format("predicted {}, observed {}, {} texts", percent(point.predicted), percent(point.observed), point.count));
  }
  return std::move(svg).done();
}

}  // namespace thalweg::scoring
