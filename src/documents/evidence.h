#pragma once
// Whether what was found or quoted is what answers a question, and how sure a mean over questions is.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thalweg::documents {

/// One place where the answer to a question stands.
struct Place {
  std::string document;  ///< the end of its path, from a slash on; empty: in whatever document
  std::string passage;   ///< word for word; white space does not count
};

/// The places that answer a question, any of which will do.
///
/// A text shows the answer when it is of a place's document and holds its passage, or a whole sentence of the passage (of at
/// least 20 bytes; see text/sentences.h): where passages are cut is then no matter. A quote is shorter: it also shows the answer
/// when it is itself a part of the passage (of at least 20 bytes).
class Evidence {
 public:
  explicit Evidence(std::vector<Place> places);

  [[nodiscard]] bool shown_in(std::string_view document, std::string_view text) const;
  [[nodiscard]] bool quoted_in(std::string_view document, std::string_view quote) const;
  [[nodiscard]] const std::vector<Place>& places() const noexcept { return places_; }

 private:
  [[nodiscard]] bool shown(std::string_view document, std::string_view text, bool parts_count) const;
  std::vector<Place> places_;                        // their white space made single spaces
  std::vector<std::vector<std::string>> sentences_;  // of each passage, the long ones
};

/// A mean with the ends of its 95 % interval.
struct Estimate {
  double mean = 0;
  double low = 0;
  double high = 0;
};

/// By the percentile bootstrap (Efron 1979): 2,000 samples as large as the given one, drawn from it with replacement; the same
/// draws every time. Zeros when there are no values.
[[nodiscard]] Estimate estimate(std::span<const double> values);

}  // namespace thalweg::documents
