#pragma once
// The data the tests fit: the loom texts, and what scikit-learn said of them.

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "calibration/sample.h"
#include "thalweg/json.h"
#include "thalweg/random.h"

namespace thalweg::calibration::testing {

inline Value read_json(const std::string& path) {
  std::ifstream file(path);
  REQUIRE_MESSAGE(file.is_open(), path);
  std::stringstream text;
  text << file.rdbuf();
  auto value = parse_json(text.str());
  REQUIRE(value.has_value());
  return *std::move(value);
}

/// One label's column.
struct Column {
  std::string label;
  std::vector<double> raw;
  std::vector<std::uint8_t> present;

  [[nodiscard]] Sample sample() const noexcept { return {raw, present}; }
  [[nodiscard]] Column without(std::size_t row) const {
    Column out = *this;
    out.raw.erase(out.raw.begin() + static_cast<std::ptrdiff_t>(row));
    out.present.erase(out.present.begin() + static_cast<std::ptrdiff_t>(row));
    return out;
  }
};

struct Loom {
  std::vector<Column> labels;  ///< in the order of their names
  std::vector<std::uint8_t> accept;
};

/// The 112 texts in the order of label.samples.json.
inline Loom loom() {
  const Value scores = read_json("../data/loom/scores.json"), truth = read_json("../data/loom/label.samples.json");
  Loom out;
  for (const Entry& entry : scores.find("samples")->items()[0].find("scores")->entries()) {
    out.labels.push_back({std::string(entry.key.as_string()), {}, {}});
  }
  std::ranges::sort(out.labels, {}, &Column::label);
  for (const Value& sample : truth.find("samples")->items()) {
    const auto scored = std::ranges::find_if(scores.find("samples")->items(),
                                             [&](const Value& other) { return *other.find("id") == *sample.find("id"); });
    const auto expected = sample.find("expected_labels")->items();
    for (Column& column : out.labels) {
      column.raw.push_back(scored->find("scores")->find(column.label)->as_number());
      const bool there = std::ranges::any_of(expected, [&](const Value& name) { return name.as_string() == column.label; });
      column.present.push_back(there ? 1 : 0);
    }
    out.accept.push_back(sample.find("expected_decision")->as_string() == "accept" ? 1 : 0);
  }
  REQUIRE(out.labels.size() == 26);
  REQUIRE(out.accept.size() == 112);
  return out;
}

/// Scores with many ties; sklearn_reference.py makes the same.
inline Column made(std::uint64_t seed, std::size_t rows) {
  Random random(seed);
  Column out{"made", {}, {}};
  for (std::size_t i = 0; i < rows; ++i) {
    const double raw = static_cast<double>(static_cast<int>(random.uniform() * 101)) / 100;
    out.raw.push_back(raw);
    out.present.push_back(random.uniform() < 0.1 + 0.7 * raw * raw ? 1 : 0);
  }
  return out;
}

inline std::vector<double> doubles(const Value& list) {
  std::vector<double> out;
  for (const Value& item : list.items()) out.push_back(item.as_number());
  return out;
}

inline Value reference() { return read_json("sklearn_reference.json"); }

}  // namespace thalweg::calibration::testing
