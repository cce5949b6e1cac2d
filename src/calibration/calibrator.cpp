#include "calibration/calibrator.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>

#include "base/kind_words.h"
#include "calibration/logit.h"

namespace thalweg::calibration {
namespace {

constexpr std::array kMethods = {Method::none,     Method::legacy,      Method::platt,
                                 Method::isotonic, Method::temperature, Method::beta};
constexpr std::array<std::string_view, kMethods.size()> kNames = {"none", "legacy", "platt", "isotonic", "temperature", "beta"};

// The names of a method's numbers, in the order of the constructor.
std::span<const std::string_view> parameters(Method method) noexcept {
  static constexpr std::array<std::string_view, 3> kLetters = {"a", "b", "c"};
  static constexpr std::array<std::string_view, 1> kTemperature = {"t"};
  switch (method) {
    case Method::legacy:
    case Method::platt:
      return std::span(kLetters).first(2);
    case Method::beta:
      return kLetters;
    case Method::temperature:
      return kTemperature;
    case Method::none:
    case Method::isotonic:
      break;
  }
  return {};
}

// The earlier system's shortcut: parameters this near to (1, 0) stand for the score itself.
bool legacy_identity(double a, double b) noexcept {
  constexpr double kNear = std::numeric_limits<float>::epsilon();
  return std::abs(a - 1) < kNear && std::abs(b) < kNear;
}

double keep_nan(double raw, double calibrated) noexcept { return raw == raw ? calibrated : raw; }

Result<std::vector<double>> numbers(const Value& map, std::string_view key) {
  const Value* list = map.find(key);
  if (list == nullptr) return fail(Code::invalid_argument, "'{}' is missing; it must be a list of numbers", key);
  if (!list->is_list())
    return fail(Code::invalid_argument, "'{}' must be a list of numbers, not {}", key, in_words(list->kind()));
  std::vector<double> out;
  out.reserve(list->size());
  for (const Value& item : list->items()) {
    if (!item.is_number()) {
      return fail(Code::invalid_argument, "'{}[{}]' must be a number, not {}", key, out.size(), in_words(item.kind()));
    }
    out.push_back(item.as_number());
  }
  return out;
}

Result<double> number(const Value& map, std::string_view key) {
  const Value* value = map.find(key);
  if (value == nullptr) return fail(Code::invalid_argument, "'{}' is missing; it must be a number", key);
  if (!value->is_number()) return fail(Code::invalid_argument, "'{}' must be a number, not {}", key, in_words(value->kind()));
  if (!std::isfinite(value->as_number()))
    return fail(Code::invalid_argument, "'{}' must be finite, not {}", key, value->as_number());
  return value->as_number();
}

Result<> only_keys(const Value& map, Method method) {
  std::vector<std::string_view> known = {"method"};
  const auto own = parameters(method);
  known.insert(known.end(), own.begin(), own.end());
  if (method == Method::isotonic) known.insert(known.end(), {"x", "y"});
  for (const Entry& entry : map.entries()) {
    const std::string_view key = entry.key.is_string() ? entry.key.as_string() : std::string_view();
    if (std::ranges::find(known, key) == known.end()) {
      return fail(Code::invalid_argument, "unknown key '{}'; a calibration of method '{}' has {}", key, name(method),
                  fmt::join(known, ", "));
    }
  }
  return {};
}

}  // namespace

struct Calibrator::Knots {
  std::vector<double> x, y;           // as given
  std::vector<double> clipped, odds;  // clip(x) and logit(x), strictly ascending
  std::vector<double> height;         // y of each of those
};

std::span<const Method> methods() noexcept { return kMethods; }

std::string_view name(Method method) noexcept { return kNames[static_cast<std::size_t>(method)]; }

Result<Method> method_named(std::string_view name) {
  if (const auto found = std::ranges::find(kNames, name); found != kNames.end()) return kMethods[found - kNames.begin()];
  const std::string near = nearest(name, kNames);
  return fail(Code::invalid_argument, "unknown calibration method '{}'{}; there are {}", name,
              near.empty() ? "" : fmt::format(" (did you mean '{}'?)", near), fmt::join(kNames, ", "));
}

Result<Calibrator> Calibrator::isotonic(std::span<const double> x, std::span<const double> y) {
  if (x.empty()) return fail(Code::invalid_argument, "'x' holds no knot");
  if (x.size() != y.size()) return fail(Code::invalid_argument, "'x' holds {} knots, and 'y' {}", x.size(), y.size());
  auto knots = std::make_shared<Knots>();
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!(x[i] >= 0 && x[i] <= 1)) return fail(Code::invalid_argument, "'x[{}]' must be within [0, 1], not {}", i, x[i]);
    if (!(y[i] >= 0 && y[i] <= 1)) return fail(Code::invalid_argument, "'y[{}]' must be within [0, 1], not {}", i, y[i]);
    if (i > 0 && x[i] <= x[i - 1])
      return fail(Code::invalid_argument, "'x[{}]' = {} must be above x[{}] = {}", i, x[i], i - 1, x[i - 1]);
    if (i > 0 && y[i] < y[i - 1]) {
      return fail(Code::invalid_argument, "'y[{}]' = {} must not be below y[{}] = {}", i, y[i], i - 1, y[i - 1]);
    }
    const double odds = logit(x[i]);
    if (!knots->odds.empty() && odds <= knots->odds.back()) {
      knots->height.back() = y[i];
      continue;
    }
    knots->clipped.push_back(clip(x[i]));
    knots->odds.push_back(odds);
    knots->height.push_back(y[i]);
  }
  knots->x.assign(x.begin(), x.end());
  knots->y.assign(y.begin(), y.end());
  Calibrator calibrator(Method::isotonic, 0);
  calibrator.knots_ = std::move(knots);
  return calibrator;
}

std::span<const double> Calibrator::x() const noexcept { return knots_ ? std::span(knots_->x) : std::span<const double>(); }
std::span<const double> Calibrator::y() const noexcept { return knots_ ? std::span(knots_->y) : std::span<const double>(); }

// Calls `visit` with the function of one score: the one place where the formulas stand. All of it is inlined, so that each clone
// of the loop over many gets the formulas in its own instructions.
template <class Visit>
[[gnu::always_inline]] inline auto Calibrator::visit(Visit&& visit) const noexcept {
  const double a = first_, b = second_, c = third_;
  switch (method_) {
    case Method::legacy:
      if (legacy_identity(a, b)) break;
      return visit([a, b] [[gnu::always_inline]] (double raw) { return keep_nan(raw, sigmoid(a * between(0, raw, 1) + b)); });
    case Method::platt:
      return visit([a, b] [[gnu::always_inline]] (double raw) { return keep_nan(raw, sigmoid(a * logit(raw) + b)); });
    case Method::temperature:
      return visit([a] [[gnu::always_inline]] (double raw) { return keep_nan(raw, sigmoid(logit(raw) / a)); });
    case Method::beta:
      return visit([a, b, c] [[gnu::always_inline]] (double raw) {
        const double p = clip(raw);
        return keep_nan(raw, sigmoid(a * logarithm(p) - b * logarithm(1 - p) + c));
      });
    case Method::isotonic:
      return visit([&knots = *knots_] [[gnu::always_inline]] (double raw) {
        if (!(raw == raw)) return raw;
        const double p = clip(raw);
        const auto above = static_cast<std::size_t>(std::ranges::upper_bound(knots.clipped, p) - knots.clipped.begin());
        if (above == 0) return knots.height.front();
        const double low = knots.height[above - 1];
        if (above == knots.clipped.size() || knots.height[above] == low) return low;
        const double slope = (knots.height[above] - low) / (knots.odds[above] - knots.odds[above - 1]);
        return between(low, low + slope * (logit(p) - knots.odds[above - 1]), knots.height[above]);
      });
    case Method::none:
      break;
  }
  return visit([] [[gnu::always_inline]] (double raw) { return between(0, raw, 1); });
}

double Calibrator::apply(double raw) const noexcept {
  return visit([raw] [[gnu::always_inline]] (auto formula) { return formula(raw); });
}

// Compiled once for each width of vectors; all give the same bits. (Clones are chosen before a sanitizer is ready.)
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)
__attribute__((target_clones("avx512f", "avx2", "default")))
#endif
void Calibrator::apply(std::span<const double> raw, std::span<double> out) const noexcept {
  assert(raw.size() == out.size());
  visit([raw, out] [[gnu::always_inline]] (auto formula) {
    // A copy of their own: `out` may be `raw`, and no loop over numbers that may be its results becomes vector code.
    std::array<double, 64> scores;
    for (std::size_t begin = 0; begin < raw.size(); begin += scores.size()) {
      const std::size_t n = std::min(scores.size(), raw.size() - begin);
      std::copy_n(raw.data() + begin, n, scores.data());
      double* const results = out.data() + begin;
      for (std::size_t i = 0; i < n; ++i) results[i] = formula(scores[i]);
    }
  });
}

Value Calibrator::to_value() const {
  std::vector<Entry> entries = {{"method", name(method_)}};
  const std::array numbers = {first_, second_, third_};
  const auto names = parameters(method_);
  for (std::size_t i = 0; i < names.size(); ++i) entries.push_back({names[i], numbers[i]});
  if (method_ == Method::isotonic) {
    const auto list = [](std::span<const double> values) {
      return Value::list(std::vector<Value>(values.begin(), values.end()));
    };
    entries.push_back({"x", list(x())});
    entries.push_back({"y", list(y())});
  }
  return Value::map(std::move(entries));
}

Result<Calibrator> Calibrator::from_value(const Value& value) {
  if (!value.is_map()) return fail(Code::invalid_argument, "a calibration must be a map, not {}", in_words(value.kind()));
  const Value* method_name = value.find("method");
  if (method_name == nullptr)
    return fail(Code::invalid_argument, "'method' is missing; it must be one of {}", fmt::join(kNames, ", "));
  if (!method_name->is_string()) {
    return fail(Code::invalid_argument, "'method' must be a text, not {}", in_words(method_name->kind()));
  }
  const Method method = TRY(method_named(method_name->as_string()));
  TRY(only_keys(value, method));
  if (method == Method::isotonic) {
    const auto x = TRY(numbers(value, "x")), y = TRY(numbers(value, "y"));
    return isotonic(x, y);
  }
  std::array<double, 3> values{};
  const auto names = parameters(method);
  for (std::size_t i = 0; i < names.size(); ++i) values[i] = TRY(number(value, names[i]));
  if (method == Method::temperature && values[0] <= 0) {
    return fail(Code::invalid_argument, "'t' must be above 0, not {}", values[0]);
  }
  return Calibrator(method, values[0], values[1], values[2]);
}

bool operator==(const Calibrator& left, const Calibrator& right) noexcept {
  return left.method_ == right.method_ && left.first_ == right.first_ && left.second_ == right.second_ &&
         left.third_ == right.third_ && std::ranges::equal(left.x(), right.x()) && std::ranges::equal(left.y(), right.y());
}

}  // namespace thalweg::calibration
