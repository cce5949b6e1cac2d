// Raw scores from a cross-encoder for natural language inference: the text as premise, the label's sentence as hypothesis.

#include <algorithm>
#include <filesystem>
#include <optional>

#include "calibration/logit.h"
#include "scoring/digest.h"
#include "scoring/models/label_model.h"

namespace thalweg::scoring {

namespace {

struct Columns {
  std::size_t entailment;
  std::size_t against;  ///< contradiction, or not_entailment of a model with two labels
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
  return out;
}

// Which of the model's numbers is which cannot be told.
Error unnamed(const std::string& model, const models::Encoder& encoder) {
  const std::string file = encoder.labels_file().empty() ? "its config.json" : encoder.labels_file();
  const std::vector<std::string>& labels = encoder.labels();
  const auto problem = [&](std::string told, std::string_view advice) {
    return Error(Code::invalid_argument, fmt::format("model '{}': {}; {}", model, told, advice));
  };
  std::error_code ignored;
  if (!encoder.labels_file().empty() && !std::filesystem::exists(file, ignored)) {
    return problem(fmt::format("{} is missing, which says which of its {} numbers stand for entailment and contradiction", file,
                               labels.size()),
                   "put the config.json that the model was published with there");
  }
  bool named = false;
  for (std::size_t i = 0; i < labels.size(); ++i) named |= labels[i] != fmt::format("LABEL_{}", i);
  if (!named) {
    return problem(fmt::format("{} does not name its {} labels", file, labels.size()),
                   "write the names there in the order that the model's page tells, such as \"id2label\": {\"0\": "
                   "\"contradiction\", \"1\": \"neutral\", \"2\": \"entailment\"}");
  }
  return problem(fmt::format("{} names the labels {}", file, fmt::join(labels, ", ")),
                 "a model for natural language inference has entailment and contradiction (or not_entailment) in its id2label: "
                 "take such a model, or write these names there where it is one");
}

// From the names in the model's own config.json: their order differs between models.
Result<Columns> columns_of(const std::string& model, const models::Encoder& encoder) {
  const auto place = [&](std::initializer_list<std::string_view> names) -> std::optional<std::size_t> {
    for (std::size_t i = 0; i < encoder.labels().size(); ++i) {
      if (std::ranges::find(names, lower(encoder.labels()[i])) != names.end()) return i;
    }
    return std::nullopt;
  };
  const auto entailment = place({"entailment", "entail"});
  auto against = place({"contradiction", "contradict"});
  if (!against) against = place({"not_entailment", "not entailment", "non_entailment"});
  if (entailment && against) return Columns{*entailment, *against};
  return std::unexpected(unnamed(model, encoder));
}

class EntailmentModel final : public LabelModel {
 public:
  EntailmentModel(std::string name, std::string identity, std::shared_ptr<models::Encoder> encoder, Columns columns,
                  std::vector<std::string> hypotheses)
      : name_(std::move(name)),
        identity_(std::move(identity)),
        encoder_(std::move(encoder)),
        columns_(columns),
        hypotheses_(std::move(hypotheses)) {}

  void score(std::vector<Input> inputs, const Context& context, Done done) override {
    std::vector<models::Text> pairs;
    pairs.reserve(inputs.size() * hypotheses_.size());
    for (const Input& input : inputs) {
      std::function<void(double)> part_done;
      if (input.part_done) {
        part_done = [whole = input.part_done, of = static_cast<double>(hypotheses_.size())](double share) { whole(share / of); };
      }
      for (const std::string& hypothesis : hypotheses_)
        pairs.push_back({.text = input.text, .pair = hypothesis, .has_pair = true, .part_done = part_done});
    }
    const Nanos began = context.now();
    Clock& clock = context.clock();
    encoder_->encode(std::move(pairs), context,
                     [columns = columns_, began, &clock, done = std::move(done)](Result<models::Rows> rows) mutable {
                       if (!rows) return done(std::unexpected(rows.error()));
                       RawScores scores{.values = {}, .inference_ns = clock.now() - began, .tokens = rows->tokens};
                       scores.values.reserve(rows->size());
                       for (std::size_t row = 0; row < rows->size(); ++row) {
                         const std::span<const float> logits = rows->row(row);
                         scores.values.push_back(calibration::sigmoid(static_cast<double>(logits[columns.entailment]) -
                                                                      static_cast<double>(logits[columns.against])));
                       }
                       done(std::move(scores));
                     });
  }
  [[nodiscard]] const std::string& name() const noexcept override { return name_; }
  [[nodiscard]] const std::string& identity() const noexcept override { return identity_; }

 private:
  const std::string name_;
  const std::string identity_;
  const std::shared_ptr<models::Encoder> encoder_;
  const Columns columns_;
  const std::vector<std::string> hypotheses_;
};

}  // namespace

Result<std::string> entailment_identity(const ModelConfig& config, const LabelsAsked& labels, models::Models& models) {
  std::vector<std::string> parts{"zero_shot_classification 1", TRY(models.identity(config.model))};
  parts.insert(parts.end(), labels.names.begin(), labels.names.end());
  parts.insert(parts.end(), labels.hypotheses.begin(), labels.hypotheses.end());
  return digest(parts);
}

Result<std::shared_ptr<LabelModel>> open_entailment_model(const ModelConfig& config, const LabelsAsked& labels,
                                                          const std::shared_ptr<models::Models>& models) {
  auto encoder = TRY(models->encoder(config.model));
  if (encoder->kind() != models::EncoderKind::classifier) {
    return fail(Code::invalid_argument,
                "model '{}' gives vectors, not logits; use a cross-encoder for natural language inference, or the type "
                "sentence_embeddings",
                config.model);
  }
  const Columns columns = TRY(columns_of(config.model, *encoder));
  std::string identity = TRY(entailment_identity(config, labels, *models));
  return std::make_shared<EntailmentModel>(config.model, std::move(identity), std::move(encoder), columns, labels.hypotheses);
}

}  // namespace thalweg::scoring
