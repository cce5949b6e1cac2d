// Probes fitted on vectors: with fewer rows than unknowns, and with more.
#include "scoring/models/probe_fit.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "calibration/logit.h"
#include "must.h"
#include "thalweg/random.h"

using namespace thalweg;
using namespace thalweg::scoring;

namespace {

// Vectors of length 1; the first label depends on one direction, the second on nearness, the third is nowhere.
ProbeData drawn(std::size_t texts, std::size_t width, bool with_copies) {
  Random random(7);
  ProbeData data{.width = width, .vectors = {}, .labels = {"first", "near", "nowhere"}, .cosines = {}, .present = {{}, {}, {}}};
  for (std::size_t text = 0; text < texts; ++text) {
    if (with_copies && text % 3 == 2) {
      data.vectors.insert(data.vectors.end(), data.vectors.end() - static_cast<std::ptrdiff_t>(width), data.vectors.end());
      for (int label = 0; label < 3; ++label) data.cosines.push_back(data.cosines[data.cosines.size() - 3]);
    } else {
      std::vector<double> vector(width);
      double square = 0;
      for (double& part : vector) {
        part = random.uniform() - 0.5;
        square += part * part;
      }
      for (const double part : vector) data.vectors.push_back(static_cast<float>(part / std::sqrt(square)));
      for (int label = 0; label < 3; ++label) data.cosines.push_back(random.uniform() - 0.5);
    }
    data.present[0].push_back(data.vectors[text * width] + 0.2 * (random.uniform() - 0.5) > 0 ? 1 : 0);
    data.present[1].push_back(data.cosines[text * 3 + 1] + 0.2 * (random.uniform() - 0.5) > 0 ? 1 : 0);
    data.present[2].push_back(0);
  }
  return data;
}

// The greatest first derivative of log-loss + ridge / 2 * squared weights where the probe stands: 0 at the optimum. The weight of
// 5 * cosine is a fifth of `nearness`.
double slope(const ProbeData& data, const LabelProbe& probe, std::size_t label, double ridge) {
  std::vector<double> gradient(data.width + 2);
  for (std::size_t k = 0; k < data.width; ++k) gradient[k] = ridge * probe.weights[k];
  gradient[data.width] = ridge * probe.nearness / 5;
  for (std::size_t text = 0; text < data.texts(); ++text) {
    double odds = probe.bias + probe.nearness * data.cosines[text * data.labels.size() + label];
    const float* const vector = data.vectors.data() + text * data.width;
    for (std::size_t k = 0; k < data.width; ++k) odds += probe.weights[k] * static_cast<double>(vector[k]);
    const double residual = calibration::sigmoid(odds) - data.present[label][text];
    for (std::size_t k = 0; k < data.width; ++k) gradient[k] += residual * static_cast<double>(vector[k]);
    gradient[data.width] += residual * 5 * data.cosines[text * data.labels.size() + label];
    gradient[data.width + 1] += residual;
  }
  double most = 0;
  for (const double one : gradient) most = std::max(most, std::abs(one));
  return most;
}

}  // namespace

TEST_CASE("a probe is the optimum of its regression, with few rows as with many, and with copies among them") {
  for (const bool copies : {false, true}) {
    for (const std::size_t texts : {12, 33, 34, 40, 300}) {  // 32 dimensions: up to 33 rows are solved on the rows' products
      CAPTURE(texts);
      CAPTURE(copies);
      const ProbeData data = drawn(texts, 32, copies);
      std::vector<std::size_t> all(texts);
      std::iota(all.begin(), all.end(), std::size_t{0});
      const ProbeFit fit = must(fit_probe(data, all, {.ridges = {0.1}, .threads = 2}));
      for (std::size_t label = 0; label < 2; ++label)
        CHECK(slope(data, fit.probe.labels.at(data.labels[label]), label, 0.1) < 1e-9);
      const LabelProbe& nowhere = fit.probe.labels.at("nowhere");
      CHECK(std::ranges::all_of(nowhere.weights, [](double weight) { return weight == 0; }));
    }
  }
}

TEST_CASE("threads change nothing, and fewer texts than folds are refused") {
  const ProbeData data = drawn(60, 16, false);
  std::vector<std::size_t> all(60);
  std::iota(all.begin(), all.end(), std::size_t{0});
  const ProbeFit one = must(fit_probe(data, all, {}));
  CHECK(must(fit_probe(data, all, {.threads = 3})).probe.to_value() == one.probe.to_value());
  const auto few = fit_probe(data, std::span(all).first(3), {});
  REQUIRE_FALSE(few);
  CHECK(few.error().code() == Code::failed_precondition);
}
