#include "calibration/folds.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "thalweg/random.h"

namespace thalweg::calibration {

std::vector<std::vector<std::size_t>> rows_of(Groups groups, std::size_t rows) {
  std::vector<std::vector<std::size_t>> out;
  std::unordered_map<std::size_t, std::size_t> places;
  for (std::size_t row = 0; row < rows; ++row) {
    const auto [place, first] = places.emplace(groups.empty() ? row : groups[row], out.size());
    if (first) out.emplace_back();
    out[place->second].push_back(row);
  }
  return out;
}

Result<Folds> Folds::stratified(std::span<const std::uint8_t> classes, std::size_t count, std::uint64_t seed, Groups groups) {
  if (count < 2) return fail(Code::invalid_argument, "{} folds: there must be at least 2, one to hold out and one to fit", count);
  const auto together = rows_of(groups, classes.size());
  if (together.size() < count)
    return fail(Code::failed_precondition, "{} {}texts cannot be cut into {} folds; label more of them, or take fewer folds",
                together.size(), together.size() < classes.size() ? "different " : "", count);
  std::map<std::uint8_t, std::vector<std::size_t>> members;
  for (std::size_t group = 0; group < together.size(); ++group) members[classes[together[group].front()]].push_back(group);
  Folds folds;
  folds.count_ = count;
  folds.of_.resize(classes.size());
  Random random(seed);
  std::size_t dealt = 0;
  for (auto& [name, alike] : members) {
    for (std::size_t left = alike.size(); left > 1; --left) std::swap(alike[left - 1], alike[random.below(left)]);
    for (const std::size_t group : alike) {
      for (const std::size_t row : together[group]) folds.of_[row] = dealt % count;
      ++dealt;
    }
  }
  return folds;
}

Folds Folds::leave_one_out(std::size_t rows, Groups groups) {
  const auto together = rows_of(groups, rows);
  Folds folds;
  folds.count_ = together.size();
  folds.of_.resize(rows);
  for (std::size_t group = 0; group < together.size(); ++group) {
    for (const std::size_t row : together[group]) folds.of_[row] = group;
  }
  return folds;
}

std::vector<std::size_t> Folds::inside(std::size_t fold) const {
  std::vector<std::size_t> out;
  for (std::size_t row = 0; row < of_.size(); ++row) {
    if (of_[row] == fold) out.push_back(row);
  }
  return out;
}

std::vector<std::size_t> Folds::outside(std::size_t fold) const {
  std::vector<std::size_t> out;
  out.reserve(of_.size());
  for (std::size_t row = 0; row < of_.size(); ++row) {
    if (of_[row] != fold) out.push_back(row);
  }
  return out;
}

}  // namespace thalweg::calibration
