#include "scoring/confusion.h"

#include <algorithm>
#include <cmath>

namespace thalweg::scoring {

namespace {
double share(std::int64_t part, std::int64_t whole) noexcept {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}
}  // namespace

void Confusion::add(bool expected, bool given) noexcept {
  (expected ? given ? true_positive : false_negative : given ? false_positive : true_negative) += 1;
}

void Confusion::merge(const Confusion& other) noexcept {
  true_positive += other.true_positive;
  false_positive += other.false_positive;
  true_negative += other.true_negative;
  false_negative += other.false_negative;
}

double Confusion::accuracy() const noexcept { return share(correct(), total()); }
double Confusion::precision() const noexcept { return share(true_positive, given()); }
double Confusion::recall() const noexcept { return share(true_positive, expected()); }
double Confusion::specificity() const noexcept { return share(true_negative, true_negative + false_positive); }
double Confusion::f1() const noexcept { return share(2 * true_positive, 2 * true_positive + false_positive + false_negative); }
double Confusion::balanced_accuracy() const noexcept { return (recall() + specificity()) / 2; }
double Confusion::majority() const noexcept { return share(std::max(expected(), total() - expected()), total()); }

double Confusion::matthews() const noexcept {
  const auto tp = static_cast<double>(true_positive);
  const auto fp = static_cast<double>(false_positive);
  const auto tn = static_cast<double>(true_negative);
  const auto fn = static_cast<double>(false_negative);
  const double under = std::sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn));
  return under == 0 ? 0 : (tp * tn - fp * fn) / under;
}

Value Confusion::to_value() const {
  return Value::map({{"true_positive", true_positive},
                     {"false_positive", false_positive},
                     {"true_negative", true_negative},
                     {"false_negative", false_negative},
                     {"precision", precision()},
                     {"recall", recall()},
                     {"f1", f1()}});
}

}  // namespace thalweg::scoring
