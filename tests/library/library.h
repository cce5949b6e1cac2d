#pragma once
// What the tests of the library share.

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "must.h"
#include "scratch.h"
#include "thalweg/pipe.h"
#include "thalweg/scoring.h"

namespace library_test {

using thalweg::must;

/// One for all cases, so that models are loaded once.
inline const thalweg::Runtime& runtime() {
  static const thalweg::Runtime made(2, thalweg::StageTypes::all());
  return made;
}

inline const std::string kScores = std::filesystem::absolute("../data/loom/scores.json").string();
inline const std::string kSamples = std::filesystem::absolute("../data/loom/label.samples.json").string();

/// Three labels of the recorded scores.
inline thalweg::scoring::Config recorded(const std::string& more = "") {
  return must(thalweg::scoring::Config::parse("layers: {score: {model: {type: recorded, scores: \"" + kScores +
                                                  "\"}, threshold: 0.6, categories: {"
                                                  "work: {top_k: 1, labels: {task: {hypothesis: T., weight: 1}, "
                                                  "plan: {hypothesis: P., weight: 0.9}}}, "
                                                  "chat: {labels: {phatic: {hypothesis: H., veto: true, threshold: 0.01}}}}}}\n" +
                                                  more,
                                              "recorded.yaml"));
}

inline std::vector<thalweg::scoring::Sample> samples() {
  thalweg::scoring::Dataset data = must(thalweg::scoring::Dataset::open(kSamples, true));
  std::vector<thalweg::scoring::Sample> all;
  while (auto sample = must(data.next())) all.push_back(std::move(*sample));
  return all;
}

}  // namespace library_test
