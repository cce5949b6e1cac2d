#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/dot.h"
#include "models/encoder_stage.h"
#include "models/stages.h"

namespace thalweg::models {

namespace {

enum : std::size_t { kText, kLabels, kDescriptions, kThreshold, kModel };

struct Asked {
  std::string text;
  std::vector<Text> labels;        // as they are called
  std::vector<Text> descriptions;  // as they are compared
  double threshold;
};

Result<Asked> read(const Call& call) {
  Asked asked{.text = std::string(call.argument(kText).as_string()), .labels = {}, .descriptions = {}, .threshold = -1};
  if (!call.argument(kLabels).is_null()) asked.labels = TRY(texts_of(call.argument(kLabels), "labels"));
  asked.descriptions = asked.labels;
  if (const Value& threshold = call.argument(kThreshold); !threshold.is_null()) asked.threshold = threshold.as_number();
  if (const Value& descriptions = call.argument(kDescriptions); descriptions.is_map()) {
    for (const Entry& entry : descriptions.entries()) {
      const auto label = std::ranges::find(asked.labels, entry.key.as_string(), &Text::text);
      if (label == asked.labels.end()) {
        return fail(Code::invalid_argument, "'descriptions' describes '{}', which is none of the labels", entry.key.as_string());
      }
      asked.descriptions[static_cast<std::size_t>(label - asked.labels.begin())].text = entry.value.as_string();
    }
  }
  return asked;
}

Result<std::vector<Text>> texts_for(const Encoder& encoder, const Asked& asked) {
  std::vector<Text> texts{{.text = asked.text}};
  if (encoder.kind() == EncoderKind::classifier) {
    if (!asked.labels.empty()) {
      return fail(Code::invalid_argument,
                  "the model is a classifier with labels of its own; leave 'labels' out, or use an embedding model");
    }
    return texts;
  }
  if (asked.labels.empty()) return fail(Code::invalid_argument, "an embedding model needs 'labels' to choose from");
  texts.insert(texts.end(), asked.descriptions.begin(), asked.descriptions.end());
  return texts;
}

// Shares of the logits that add up to 1; of a single one the logistic function.
std::vector<double> probabilities(std::span<const float> logits) {
  std::vector<double> shares;
  if (logits.size() == 1) return {1 / (1 + std::exp(-static_cast<double>(logits[0])))};
  const auto most = static_cast<double>(*std::ranges::max_element(logits));
  double sum = 0;
  for (const float logit : logits) {
    shares.push_back(std::exp(static_cast<double>(logit) - most));
    sum += shares.back();
  }
  for (double& share : shares) share /= sum;
  return shares;
}

Value answer_of(const Encoder& encoder, const Rows& rows, const Asked& asked) {
  std::vector<std::pair<std::string, double>> scores;
  if (encoder.kind() == EncoderKind::classifier) {
    const std::vector<double> shares = probabilities(rows.row(0));
    for (std::size_t i = 0; i < shares.size(); ++i) scores.emplace_back(encoder.labels()[i], shares[i]);
  } else {
    for (std::size_t i = 0; i < asked.labels.size(); ++i)
      scores.emplace_back(asked.labels[i].text, dot(rows.row(0), rows.row(i + 1)));
  }
  // Of equal scores the label named first.
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(
      order, [&](std::size_t a, std::size_t b) { return std::pair(-scores[a].second, a) < std::pair(-scores[b].second, b); });
  std::vector<Value> all;
  for (const std::size_t i : order) all.push_back(Value::map({{"label", scores[i].first}, {"score", scores[i].second}}));
  const auto& [best, score] = scores[order.front()];
  return Value::map(
      {{"label", score >= asked.threshold ? Value(best) : Value()}, {"score", score}, {"scores", Value::list(std::move(all))}});
}

class Classify final : public EncoderStage {
 public:
  explicit Classify(std::shared_ptr<Models> models) : EncoderStage(std::move(models), kModel) {}
  void start(CallRef call) const override {
    auto read_in = read(*call);
    if (!read_in) return call->finish(std::unexpected(read_in.error()));
    const auto asked = std::make_shared<const Asked>(std::move(*read_in));
    encode(
        call, [asked](const Encoder& encoder) { return texts_for(encoder, *asked); },
        [asked](const Encoder& encoder, const Rows& rows) -> Result<Value> { return answer_of(encoder, rows, *asked); });
  }
};

}  // namespace

void add_classify(Catalog& catalog, const std::shared_ptr<Models>& models) {
  catalog.add(
      {
          .name = "classify",
          .version = "1",
          .summary = "Gives a text the label that fits best.",
          .description =
              "With an embedding model, the label whose name or description is nearest to the text in meaning; scores are cosine "
              "similarities. With a classifier (a folder of Hugging Face, by path), one of the model's own labels; scores are "
              "probabilities that add up to 1. `label` is null when the best score is below `threshold`; `scores` lists all "
              "labels, "
              "best first.",
          .example = R"yaml(name: sort-mail
input: {mail: string}
stages:
  - id: topic
    uses: classify
    with:
      text: "{{ input.mail }}"
      labels: [billing, technical]
      descriptions: {billing: invoices and payments, technical: the program crashes or shows errors}
output: {topic: "{{ topic.label }}"}
tests:
  - input: {mail: I was charged twice this month.}
    expect: {topic: billing}
)yaml",
          .fields = {{.name = "text", .type = Type(Type::Kind::string), .description = "the text to classify"},
                     {.name = "labels",
                      .type = lang::parse_type("list<string>?").value(),
                      .description = "to choose from, at least one; of a classifier they are the model's own",
                      .required = false},
                     {.name = "descriptions",
                      .type = lang::parse_type("map<string, string>?").value(),
                      .description = "of labels what they mean, where the name alone does not say it",
                      .required = false},
                     {.name = "threshold",
                      .type = lang::parse_type("double?").value(),
                      .description = "the least score a label must have; without it the best one always wins",
                      .required = false},
                     model_field("an embedding model or a classifier: a name `thalweg models` lists, or a path")},
          .output = lang::parse_type("{label: string?, score: double, scores: list<{label: string, score: double}>}").value(),
          .waits = true,
      },
      [models](const Configuration&) -> Result<std::unique_ptr<Stage>> { return std::make_unique<Classify>(models); });
}

}  // namespace thalweg::models
