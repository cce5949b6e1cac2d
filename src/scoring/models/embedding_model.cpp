// Raw scores from sentence embeddings: nearness to the hypothesis, or a probe on the vector.

#include <optional>

#include "base/dot.h"
#include "scoring/digest.h"
#include "scoring/models/kept_vectors.h"
#include "scoring/models/label_model.h"
#include "scoring/models/probe.h"

namespace thalweg::scoring {

namespace {

class EmbeddingModel final : public LabelModel {
 public:
  EmbeddingModel(std::string name, std::string identity, std::shared_ptr<models::Encoder> encoder, models::Rows hypotheses,
                 std::vector<std::optional<LabelProbe>> probes)
      : name_(std::move(name)),
        identity_(std::move(identity)),
        encoder_(std::move(encoder)),
        parts_(std::make_shared<const Parts>(std::move(hypotheses), std::move(probes))) {}

  void score(std::vector<Input> inputs, const Context& context, Done done) override {
    std::vector<models::Text> texts;
    texts.reserve(inputs.size());
    for (Input& input : inputs) texts.push_back({.text = std::move(input.text), .part_done = std::move(input.part_done)});
    const Nanos began = context.now();
    Clock& clock = context.clock();
    encoder_->encode(std::move(texts), context,
                     [parts = parts_, began, &clock, done = std::move(done)](Result<models::Rows> rows) mutable {
                       if (!rows) return done(std::unexpected(rows.error()));
                       RawScores scores{.values = {}, .inference_ns = clock.now() - began, .tokens = rows->tokens};
                       scores.values.reserve(rows->size() * parts->probes.size());
                       for (std::size_t row = 0; row < rows->size(); ++row) parts->append(rows->row(row), scores.values);
                       done(std::move(scores));
                     });
  }
  [[nodiscard]] const std::string& name() const noexcept override { return name_; }
  [[nodiscard]] const std::string& identity() const noexcept override { return identity_; }

 private:
  struct Parts {
    models::Rows hypotheses;
    std::vector<std::optional<LabelProbe>> probes;  // by column
    void append(std::span<const float> vector, std::vector<double>& out) const {
      for (std::size_t i = 0; i < probes.size(); ++i)
        out.push_back(probe_score(probes[i] ? &*probes[i] : nullptr, vector, dot(vector, hypotheses.row(i))));
    }
  };
  const std::string name_;
  const std::string identity_;
  const std::shared_ptr<models::Encoder> encoder_;
  const std::shared_ptr<const Parts> parts_;
};

Result<std::optional<Probe>> probe_of(const ModelConfig& config) {
  if (config.probe.empty()) return std::nullopt;
  return TRY(read_probe(config.probe));
}

std::string identity_of(const std::string& model, const std::optional<Probe>& probe, const LabelsAsked& labels) {
  std::vector<std::string> parts{"sentence_embeddings 1", model};
  if (probe) {
    for (const auto& [label, one] : probe->labels) {
      parts.push_back(label);
      parts.emplace_back(reinterpret_cast<const char*>(one.weights.data()), one.weights.size() * sizeof(double));
      parts.push_back(fmt::format("{} {}", one.nearness, one.bias));
    }
  }
  parts.insert(parts.end(), labels.names.begin(), labels.names.end());
  parts.insert(parts.end(), labels.hypotheses.begin(), labels.hypotheses.end());
  return digest(parts);
}

// Of each column the probe, where the file at `path` has one.
Result<std::vector<std::optional<LabelProbe>>> probes_of(const std::string& path, Probe probe, const LabelsAsked& labels,
                                                         const models::Encoder& encoder, const std::string& model) {
  std::vector<std::optional<LabelProbe>> out(labels.names.size());
  if (probe.width != encoder.width() || probe.model != model) {
    return fail(
        Code::failed_precondition,
        "{} was fitted on the vectors of another model ({}, not {}); fit it anew with 'thalweg eval train --method probe'", path,
        probe.model, model);
  }
  for (auto& [name, label] : probe.labels) {
    const auto column = std::ranges::find(labels.names, name);
    if (column == labels.names.end()) {
      return fail(Code::invalid_argument, "{}: labels.{}: the configuration has no such label", path, name);
    }
    const std::string& hypothesis = labels.hypotheses[static_cast<std::size_t>(column - labels.names.begin())];
    if (label.hypothesis != digest({&hypothesis, 1})) {
      return fail(Code::failed_precondition,
                  "{}: labels.{} was fitted with another hypothesis than \"{}\"; fit the probe anew with 'thalweg eval train "
                  "--method probe', or leave it out (model.probe: \"\")",
                  path, name, hypothesis);
    }
    out[static_cast<std::size_t>(column - labels.names.begin())] = std::move(label);
  }
  return out;
}

}  // namespace

Result<std::string> embedding_identity(const ModelConfig& config, const LabelsAsked& labels, models::Models& models) {
  const std::string model = TRY(models.identity(config.model.empty() ? models::kDefaultEncoder : config.model));
  return identity_of(model, TRY(probe_of(config)), labels);
}

Result<std::shared_ptr<LabelModel>> open_embedding_model(const ModelConfig& config, const LabelsAsked& labels,
                                                         const ModelSource& source, const Context& context) {
  const std::string name(config.model.empty() ? std::string(models::kDefaultEncoder) : config.model);
  auto encoder = TRY(source.models->encoder(name));
  if (encoder->kind() != models::EncoderKind::embedding) {
    return fail(Code::invalid_argument,
                "model '{}' gives logits, not vectors; use an embedding model, or the type zero_shot_classification", name);
  }
  const std::string model = TRY(source.models->identity(name));
  auto probe = TRY(probe_of(config));
  std::string identity = identity_of(model, probe, labels);
  std::vector<std::optional<LabelProbe>> probes(labels.names.size());
  if (probe) probes = TRY(probes_of(config.probe, std::move(*probe), labels, *encoder, model));
  const std::string kept = source.folder.empty() ? "" : source.folder + "/vectors";
  models::Rows hypotheses = TRY(kept_vectors(kept, model, labels.hypotheses, *encoder, context));
  return std::make_shared<EmbeddingModel>(name, std::move(identity), std::move(encoder), std::move(hypotheses),
                                          std::move(probes));
}

}  // namespace thalweg::scoring
