#include "scoring/told_apart.h"

namespace thalweg::scoring {

std::pair<std::string, std::string> told_apart(double a, double b, int digits) {
  constexpr int kMost = 17;
  for (; digits <= kMost; ++digits) {
    auto both = std::pair(fmt::format("{:.{}f}", a, digits), fmt::format("{:.{}f}", b, digits));
    if (a == b || both.first != both.second) return both;
  }
  return {fmt::format("{}", a), fmt::format("{}", b)};
}

}  // namespace thalweg::scoring
