#include "scoring/models/probe_fit.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>
#include <numeric>
#include <optional>
#include <thread>

#include "base/dot.h"
#include "calibration/cholesky.h"
#include "calibration/logistic.h"
#include "calibration/logit.h"

namespace thalweg::scoring {

namespace {

// A cosine varies about a fifth as much as a vector's parts do together: with this factor one penalty does for both.
constexpr double kNearness = 5;
constexpr std::size_t kMostMemory = std::size_t{1} << 30;  // for the systems that are solved at once; one is always

// Some rows of the data; where these are no more than the unknowns, how near they are to each other.
struct Part {
  std::span<const std::size_t> rows;
  bool dual = false;
  std::vector<double> products;  // dual: rows x rows, of the vectors
};

Part part_of(const ProbeData& data, std::span<const std::size_t> rows) {
  Part part{.rows = rows, .dual = rows.size() <= data.width + 1, .products = {}};
  if (!part.dual) return part;
  part.products.resize(rows.size() * rows.size());
  const auto vector = [&](std::size_t row) { return data.vectors.data() + rows[row] * data.width; };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = 0;
      for (std::size_t k = 0; k < data.width; ++k) sum += static_cast<double>(vector(i)[k]) * static_cast<double>(vector(j)[k]);
      part.products[i * rows.size() + j] = part.products[j * rows.size() + i] = sum;
    }
  }
  return part;
}

double cosine_of(const ProbeData& data, std::size_t row, std::size_t label) {
  return data.cosines[row * data.labels.size() + label];
}

// What all labels together say of nearness: sigmoid(nearness * cosine + bias).
LabelProbe common_probe(const ProbeData& data, std::span<const std::size_t> rows) {
  std::vector<double> features;
  std::vector<double> targets;
  for (std::size_t label = 0; label < data.labels.size(); ++label) {
    for (const std::size_t row : rows) {
      features.push_back(cosine_of(data, row, label));
      features.push_back(1);
      targets.push_back(data.present[label][row]);
    }
  }
  const double weak[] = {1e-3, 0, 0, 1e-3};  // so that labels that are nowhere present have an optimum
  const auto fit = calibration::fit_logistic({.width = 2, .features = features, .targets = targets, .precision = weak}, {0, 0});
  return {.weights = std::vector<double>(data.width), .nearness = fit.weights[0], .bias = fit.weights[1]};
}

// On the features themselves: as many unknowns as these.
LabelProbe fit_primal(const ProbeData& data, const Part& part, std::size_t label, double ridge) {
  const std::size_t n = part.rows.size(), width = data.width + 2;
  std::vector<double> features;
  std::vector<double> targets;
  features.reserve(n * width);
  for (const std::size_t row : part.rows) {
    const auto vector = std::span(data.vectors).subspan(row * data.width, data.width);
    features.insert(features.end(), vector.begin(), vector.end());
    features.push_back(kNearness * cosine_of(data, row, label));
    features.push_back(1);
    targets.push_back(data.present[label][row]);
  }
  std::vector<double> precision(width * width);
  for (std::size_t i = 0; i + 1 < width; ++i) precision[i * width + i] = ridge;
  auto fit = calibration::fit_logistic({.width = width, .features = features, .targets = targets, .precision = precision},
                                       std::vector<double>(width));
  LabelProbe probe{.weights = {}, .nearness = kNearness * fit.weights[width - 2], .bias = fit.weights[width - 1]};
  fit.weights.resize(data.width);
  probe.weights = std::move(fit.weights);
  return probe;
}

// With K = X X' = L L', the regression on the rows of L has the same solution, and as many unknowns as rows.
std::optional<LabelProbe> fit_dual(const ProbeData& data, const Part& part, std::size_t label, double ridge) {
  const std::size_t n = part.rows.size();
  std::vector<double> gram(part.products);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j)
      gram[i * n + j] += kNearness * kNearness * cosine_of(data, part.rows[i], label) * cosine_of(data, part.rows[j], label);
    gram[i * n + i] += 1e-12;  // equal texts make it singular
  }
  if (!calibration::factorise(gram, n)) return std::nullopt;
  std::vector<double> features(n * (n + 1));
  std::vector<double> targets(n);
  std::vector<double> precision((n + 1) * (n + 1));
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j) features[i * (n + 1) + j] = gram[i * n + j];
    features[i * (n + 1) + n] = 1;
    targets[i] = data.present[label][part.rows[i]];
    precision[i * (n + 1) + i] = ridge;
  }
  const auto fit = calibration::fit_logistic({.width = n + 1, .features = features, .targets = targets, .precision = precision},
                                             std::vector<double>(n + 1));
  // alpha = L'^-1 v, the weights of the rows; from them those of the features.
  std::vector<double> alpha(fit.weights.begin(), fit.weights.end() - 1);
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t j = i + 1; j < n; ++j) alpha[i] -= gram[j * n + i] * alpha[j];
    alpha[i] /= gram[i * n + i];
  }
  LabelProbe probe{.weights = std::vector<double>(data.width), .nearness = 0, .bias = fit.weights[n]};
  for (std::size_t i = 0; i < n; ++i) {
    const auto vector = std::span(data.vectors).subspan(part.rows[i] * data.width, data.width);
    for (std::size_t k = 0; k < data.width; ++k) probe.weights[k] += alpha[i] * static_cast<double>(vector[k]);
    probe.nearness += alpha[i] * kNearness * kNearness * cosine_of(data, part.rows[i], label);
  }
  return probe;
}

std::optional<LabelProbe> fit_label(const ProbeData& data, const Part& part, std::size_t label, double ridge) {
  std::size_t present = 0;
  for (const std::size_t row : part.rows) present += data.present[label][row];
  if (present == 0 || present == part.rows.size()) return std::nullopt;
  return part.dual ? fit_dual(data, part, label, ridge) : fit_primal(data, part, label, ridge);
}

/// Runs `work(i)` for all i below n on so many threads.
template <class Work>
void for_each_on(std::size_t threads, std::size_t n, Work work) {
  std::atomic<std::size_t> next = 0;
  const auto take = [&] {
    for (std::size_t i = next++; i < n; i = next++) work(i);
  };
  std::vector<std::jthread> helpers;
  for (std::size_t i = 1; i < std::min(threads, n); ++i) helpers.emplace_back(take);
  take();
}

class Fitting {
 public:
  Fitting(const ProbeData& data, const ProbeOptions& options, std::size_t outer)
      : data_(data), options_(options), total_(outer * data.labels.size() * fits_a_label()) {}

  Result<ProbeFit> fit(std::span<const std::size_t> rows) {
    double ridge = options_.ridges.front();
    if (options_.ridges.size() > 1) ridge = TRY(choose(rows));
    ProbeFit out{.probe = {.model = {}, .width = data_.width, .labels = {}}, .ridge = ridge};
    const auto probes = TRY(fit_all(part_of(data_, rows), ridge));
    for (std::size_t label = 0; label < probes.size(); ++label) out.probe.labels.emplace(data_.labels[label], probes[label]);
    return out;
  }

 private:
  [[nodiscard]] std::size_t fits_a_label() const {
    return options_.ridges.size() > 1 ? options_.ridges.size() * options_.folds + 1 : 1;
  }

  Result<double> choose(std::span<const std::size_t> rows) {
    const std::vector<std::uint8_t> one_class(rows.size());
    const auto groups = data_.groups.empty() ? std::vector<std::size_t>() : calibration::pick(std::span(data_.groups), rows);
    const auto cut = calibration::Folds::stratified(one_class, options_.folds, options_.seed, groups);
    if (!cut) {
      return fail(cut.error().code(),
                  "too few texts: the penalty of probes is chosen over {} folds of those fitted on, which are {}", options_.folds,
                  rows.size());
    }
    const calibration::Folds& folds = *cut;
    std::vector<double> losses(options_.ridges.size());
    for (std::size_t fold = 0; fold < folds.count(); ++fold) {
      const auto inside = calibration::pick(rows, folds.inside(fold));
      const auto outside = calibration::pick(rows, folds.outside(fold));
      const Part part = part_of(data_, outside);
      for (std::size_t i = 0; i < losses.size(); ++i) {
        const auto probes = TRY(fit_all(part, options_.ridges[i]));
        for (const std::size_t row : inside) {
          const auto vector = std::span(data_.vectors).subspan(row * data_.width, data_.width);
          for (std::size_t label = 0; label < probes.size(); ++label)
            losses[i] += calibration::log_loss(data_.present[label][row] != 0,
                                               probe_score(&probes[label], vector, cosine_of(data_, row, label)));
        }
      }
    }
    return options_.ridges[static_cast<std::size_t>(std::ranges::min_element(losses) - losses.begin())];
  }

  Result<std::vector<LabelProbe>> fit_all(const Part& part, double ridge) {
    const LabelProbe common = common_probe(data_, part.rows);
    std::vector<LabelProbe> probes(data_.labels.size());
    const std::size_t bytes = (part.dual ? 2 * part.rows.size() : data_.width + 2) * part.rows.size() * sizeof(double);
    for_each_on(std::clamp<std::size_t>(kMostMemory / bytes, 1, options_.threads), probes.size(), [&](std::size_t label) {
      auto probe = fit_label(data_, part, label, ridge);
      if (probe)
        probes[label] = std::move(*probe);
      else
        probes[label] = common;
    });
    done_ += probes.size();
    if (options_.progress) TRY(options_.progress(done_, total_));
    return probes;
  }

  const ProbeData& data_;
  const ProbeOptions& options_;
  std::size_t done_ = 0;
  const std::size_t total_;
};

}  // namespace

Result<ProbeData> probe_data(models::Encoder& encoder, std::span<const std::string> texts, std::vector<std::string> labels,
                             std::span<const std::string> hypotheses, const Context& context) {
  if (encoder.kind() != models::EncoderKind::embedding)
    return fail(Code::invalid_argument, "a probe needs a model of type sentence_embeddings, and this one gives logits");
  const auto encode = [&](std::span<const std::string> all) {
    std::vector<models::Text> asked;
    for (const std::string& text : all) asked.push_back({.text = text});
    return encoder.encode(std::move(asked), context);
  };
  models::Rows vectors = TRY(encode(texts));
  const models::Rows meanings = TRY(encode(hypotheses));
  ProbeData data{.width = encoder.width(), .vectors = {}, .labels = std::move(labels), .cosines = {}, .present = {}};
  for (std::size_t text = 0; text < texts.size(); ++text) {
    for (std::size_t label = 0; label < hypotheses.size(); ++label)
      data.cosines.push_back(dot(vectors.row(text), meanings.row(label)));
  }
  data.vectors = std::move(vectors.values);
  return data;
}

Result<ProbeFit> fit_probe(const ProbeData& data, std::span<const std::size_t> rows, const ProbeOptions& options) {
  return Fitting(data, options, 1).fit(rows);
}

Result<std::vector<double>> cross_fit(const ProbeData& data, const calibration::Folds& folds, const ProbeOptions& options) {
  const std::size_t labels = data.labels.size();
  std::vector<double> raw(data.texts() * labels);
  Fitting fitting(data, options, folds.count());
  for (std::size_t fold = 0; fold < folds.count(); ++fold) {
    const ProbeFit fit = TRY(fitting.fit(folds.outside(fold)));
    for (const std::size_t row : folds.inside(fold)) {
      const auto vector = std::span(data.vectors).subspan(row * data.width, data.width);
      for (std::size_t label = 0; label < labels; ++label)
        raw[row * labels + label] = probe_score(&fit.probe.labels.at(data.labels[label]), vector, cosine_of(data, row, label));
    }
  }
  return raw;
}

}  // namespace thalweg::scoring
