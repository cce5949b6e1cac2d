#pragma once
// Two runs over the same texts, text by text.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "calibration/interval.h"
#include "calibration/metrics.h"
#include "thalweg/random.h"

namespace thalweg::scoring {

/// A text as one run decided it; labels are those that both runs have, in one order.
struct Decided {
  bool expected = false;
  bool accepted = false;
  std::vector<bool> present;   ///< expected labels
  std::vector<bool> detected;  ///< detected ones
  double label_loss = 0;       ///< mean log-loss over the labels, in nats
};

/// How often what one run had wrong is right in the other, and the reverse; what both have alike says nothing.
struct Turned {
  std::uint64_t to_right = 0;
  std::uint64_t to_wrong = 0;
  /// How likely a split so uneven, or more, is when both turns are equally likely: McNemar's test, exact (two-sided binomial).
  [[nodiscard]] double p_value() const noexcept;
};

struct ComparedFigure {
  std::string_view name;  ///< "accuracy", "accepted", "label log-loss", "label F1"
  double before = 0;
  double after = 0;
  calibration::Interval difference;  ///< of after - before; NaN where the figure is not defined
};

struct ComparedLabel {
  calibration::Confusion before;
  calibration::Confusion after;
  Turned turned;
};

/// Counts pairs as they come. Beyond kGroups texts intervals are of kGroups groups made at random instead of single texts: as
/// wide but for about 1 %, and in a time and memory that do not grow.
class Comparison {
 public:
  static constexpr std::size_t kGroups = 4096;

  Comparison(std::size_t labels, std::uint64_t seed) : labels_(labels), seed_(seed), random_(seed) {}

  void add(const Decided& before, const Decided& after);

  [[nodiscard]] std::size_t texts() const noexcept { return texts_; }
  [[nodiscard]] const Turned& decisions() const noexcept { return decisions_; }
  [[nodiscard]] const std::vector<ComparedLabel>& labels() const noexcept { return labels_; }
  /// With 95 % intervals of 10,000 paired resamples. Label figures only where there are labels. Precondition: texts() > 0.
  [[nodiscard]] std::vector<ComparedFigure> figures() const;

 private:
  // What a text, or a group of them, adds to the figures of one run.
  struct Sums {
    double right = 0, accepted = 0, loss = 0;
    double true_positives = 0, false_detections = 0, missed = 0;  // of labels
    Sums& operator+=(const Sums& other) noexcept;
  };
  struct Group {
    double texts = 0;
    std::array<Sums, 2> sums;
    Group& operator+=(const Group& other) noexcept;
  };
  static Sums sums_of(const Decided& decided);
  void keep(const Group& group);

  std::vector<ComparedLabel> labels_;
  std::uint64_t seed_;
  Random random_;
  std::size_t texts_ = 0;
  Turned decisions_;
  std::vector<Group> groups_;
};

}  // namespace thalweg::scoring
