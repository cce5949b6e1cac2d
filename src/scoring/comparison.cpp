#include "scoring/comparison.h"

#include <algorithm>
#include <cmath>

#include "calibration/binomial.h"
#include "calibration/bootstrap.h"

namespace thalweg::scoring {

double Turned::p_value() const noexcept {
  const std::uint64_t all = to_right + to_wrong;
  if (all == 0) return 1;
  return std::min(1.0, 2 * std::exp(calibration::log_at_most(std::min(to_right, to_wrong), all, 0.5)));
}

Comparison::Sums& Comparison::Sums::operator+=(const Sums& other) noexcept {
  right += other.right;
  accepted += other.accepted;
  loss += other.loss;
  true_positives += other.true_positives;
  false_detections += other.false_detections;
  missed += other.missed;
  return *this;
}

Comparison::Group& Comparison::Group::operator+=(const Group& other) noexcept {
  texts += other.texts;
  for (std::size_t side = 0; side < sums.size(); ++side) sums[side] += other.sums[side];
  return *this;
}

Comparison::Sums Comparison::sums_of(const Decided& decided) {
  Sums sums{.right = decided.accepted == decided.expected ? 1.0 : 0.0,
            .accepted = decided.accepted ? 1.0 : 0.0,
            .loss = decided.label_loss};
  for (std::size_t i = 0; i < decided.present.size(); ++i) {
    if (decided.detected[i]) ++(decided.present[i] ? sums.true_positives : sums.false_detections);
    if (decided.present[i] && !decided.detected[i]) ++sums.missed;
  }
  return sums;
}

void Comparison::keep(const Group& group) {
  if (texts_ <= kGroups) {
    groups_.push_back(group);
    return;
  }
  if (texts_ == kGroups + 1) {  // from here on by groups
    const std::vector<Group> singles = std::exchange(groups_, std::vector<Group>(kGroups));
    for (const Group& single : singles) groups_[random_.below(kGroups)] += single;
  }
  groups_[random_.below(kGroups)] += group;
}

void Comparison::add(const Decided& before, const Decided& after) {
  ++texts_;
  const auto turn = [](Turned& turned, bool was_right, bool is_right) {
    if (was_right != is_right) ++(is_right ? turned.to_right : turned.to_wrong);
  };
  turn(decisions_, before.accepted == before.expected, after.accepted == after.expected);
  for (std::size_t i = 0; i < labels_.size(); ++i) {
    labels_[i].before.add(before.detected[i], before.present[i]);
    labels_[i].after.add(after.detected[i], after.present[i]);
    turn(labels_[i].turned, before.detected[i] == before.present[i], after.detected[i] == after.present[i]);
  }
  keep({.texts = 1, .sums = {sums_of(before), sums_of(after)}});
}

std::vector<ComparedFigure> Comparison::figures() const {
  using Read = double (*)(const Group&, std::size_t side);
  constexpr std::array<Read, 4> kRead{
      [](const Group& group, std::size_t side) { return group.sums[side].right / group.texts; },
      [](const Group& group, std::size_t side) { return group.sums[side].accepted / group.texts; },
      [](const Group& group, std::size_t side) { return group.sums[side].loss / group.texts; },
      [](const Group& group, std::size_t side) {  // NaN where no label is expected or detected
        const Sums& sums = group.sums[side];
        return 2 * sums.true_positives / (2 * sums.true_positives + sums.false_detections + sums.missed);
      }};
  constexpr std::array<std::string_view, 4> kNames{"accuracy", "accepted", "label log-loss", "label F1"};
  const std::size_t count = labels_.empty() ? 2 : kRead.size();
  Group all;
  for (const Group& group : groups_) all += group;
  const auto intervals = calibration::bootstrap(groups_.size(), count,
                                                [&](std::span<const std::size_t> drawn, std::span<double> out) {
                                                  Group sum;
                                                  for (const std::size_t group : drawn) sum += groups_[group];
                                                  for (std::size_t i = 0; i < count; ++i)
                                                    out[i] = kRead[i](sum, 1) - kRead[i](sum, 0);
                                                },
                                                {.resamples = 10'000, .seed = seed_});
  std::vector<ComparedFigure> figures;
  for (std::size_t i = 0; i < count; ++i)
    figures.push_back({.name = kNames[i], .before = kRead[i](all, 0), .after = kRead[i](all, 1), .difference = intervals[i]});
  return figures;
}

}  // namespace thalweg::scoring
