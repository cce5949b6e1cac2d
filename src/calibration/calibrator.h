#pragma once
// A fitted calibration: a function from a model's score to a probability.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "thalweg/value.h"

namespace thalweg::calibration {

/// The forms of a calibration. `raw` is a score in [0, 1], `p` is it clipped to [1e-7, 1 - 1e-7] (logit.h).
enum class Method : std::uint8_t {
  none,         ///< raw
  legacy,       ///< sigmoid(a raw + b); (1, 0) stands for raw itself
  platt,        ///< sigmoid(a logit(p) + b) (Platt 1999, on the log-odds)
  isotonic,     ///< a monotone curve through knots, linear in logit(p) (Zadrozny, Elkan 2002)
  temperature,  ///< sigmoid(logit(p) / t) (Guo, Pleiss, Sun, Weinberger 2017)
  beta,         ///< sigmoid(a ln p - b ln(1 - p) + c) (Kull, Silva Filho, Flach 2017)
};

/// All methods in their order.
[[nodiscard]] std::span<const Method> methods() noexcept;
/// As files and flags have it: "none", "legacy", "platt", ...
[[nodiscard]] std::string_view name(Method method) noexcept;
/// Errors: invalid_argument naming the nearest method.
[[nodiscard]] Result<Method> method_named(std::string_view name);

/// A calibration of one label, immutable; copying it costs a reference at most.
///
///     const auto calibrator = Calibrator::platt(1.7, -4.2);
///     calibrator.apply(0.93);                                // sigmoid(1.7 logit(0.93) - 4.2)
///     calibrator.to_value();                                 // {method: platt, a: 1.7, b: -4.2}
class Calibrator {
 public:
  /// The identity.
  Calibrator() noexcept = default;
  // Precondition of each: finite parameters; t > 0.
  [[nodiscard]] static Calibrator legacy(double a, double b) noexcept { return {Method::legacy, a, b}; }
  [[nodiscard]] static Calibrator platt(double a, double b) noexcept { return {Method::platt, a, b}; }
  [[nodiscard]] static Calibrator temperature(double t) noexcept { return {Method::temperature, t}; }
  [[nodiscard]] static Calibrator beta(double a, double b, double c) noexcept { return {Method::beta, a, b, c}; }
  /// The curve through (x[i], y[i]), straight in logit(x) between knots and level outside them. `x` are scores; those that differ
  /// only beyond the clipping count as one knot with the later y.
  /// Errors: invalid_argument naming the key and index (sizes differ or are 0, x not ascending, y descending, outside [0, 1]).
  [[nodiscard]] static Result<Calibrator> isotonic(std::span<const double> x, std::span<const double> y);

  /// The probability for a score, in [0, 1]; scores outside [0, 1] count as the nearer end, and a NaN stays NaN.
  [[nodiscard]] double apply(double raw) const noexcept;
  /// The same for many, bit for bit; `out` may be `raw`. Precondition: of one size.
  void apply(std::span<const double> raw, std::span<double> out) const noexcept;

  [[nodiscard]] Method method() const noexcept { return method_; }
  // The parameters as the method's formula names them; 0 where it has none.
  [[nodiscard]] double a() const noexcept { return method_ == Method::temperature ? 0 : first_; }
  [[nodiscard]] double b() const noexcept { return second_; }
  [[nodiscard]] double c() const noexcept { return third_; }
  [[nodiscard]] double t() const noexcept { return method_ == Method::temperature ? first_ : 0; }
  [[nodiscard]] std::span<const double> x() const noexcept;  ///< knots of isotonic: scores
  [[nodiscard]] std::span<const double> y() const noexcept;  ///< and their probabilities

  /// {method: platt, a: 1.7, b: -4.2}, {method: isotonic, x: [...], y: [...]}, {method: none}; nothing is rounded.
  [[nodiscard]] Value to_value() const;
  /// The calibration that to_value wrote. Errors: invalid_argument naming the key (missing, unknown, of another type, not
  /// finite).
  [[nodiscard]] static Result<Calibrator> from_value(const Value& value);

  friend bool operator==(const Calibrator& left, const Calibrator& right) noexcept;

 private:
  struct Knots;
  Calibrator(Method method, double first, double second = 0, double third = 0) noexcept
      : method_(method), first_(first), second_(second), third_(third) {}
  template <class Visit>
  auto visit(Visit&& visit) const noexcept;

  Method method_ = Method::none;
  double first_ = 0, second_ = 0, third_ = 0;
  std::shared_ptr<const Knots> knots_;
};

}  // namespace thalweg::calibration
