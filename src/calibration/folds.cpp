#include "calibration/folds.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "thalweg/random.h"

namespace thalweg::calibration {

Result<Folds> Folds::stratified(std::span<const std::uint8_t> classes, std::size_t count, std::uint64_t seed) {
  if (count < 2) return fail(Code::invalid_argument, "{} folds: there must be at least 2, one to hold out and one to fit", count);
  if (classes.size() < count)
    return fail(Code::failed_precondition, "{} rows cannot be cut into {} folds", classes.size(), count);
  std::map<std::uint8_t, std::vector<std::size_t>> rows;
  for (std::size_t row = 0; row < classes.size(); ++row) rows[classes[row]].push_back(row);
  Folds folds;
  folds.count_ = count;
  folds.of_.resize(classes.size());
  Random random(seed);
  std::size_t dealt = 0;
  for (auto& [name, members] : rows) {
    for (std::size_t left = members.size(); left > 1; --left) std::swap(members[left - 1], members[random.below(left)]);
    for (const std::size_t row : members) folds.of_[row] = dealt++ % count;
  }
  return folds;
}

Folds Folds::leave_one_out(std::size_t rows) {
  Folds folds;
  folds.count_ = rows;
  folds.of_.resize(rows);
  std::iota(folds.of_.begin(), folds.of_.end(), 0);
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
