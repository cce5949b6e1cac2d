#include "scoring/score_stage.h"

#include <memory>
#include <mutex>
#include <optional>

#include "scoring/config_file.h"
#include "scoring/shipped.h"
#include "scoring/stages.h"
#include "scoring/text_scorer.h"

namespace thalweg::scoring {

namespace {

enum : std::size_t { kText, kConfig };

/// The scorer of a stage: opened by its first call, on a thread that may wait.
class Opening : public std::enable_shared_from_this<Opening> {
 public:
  using Then = std::move_only_function<void(Result<std::shared_ptr<TextScorer>>)>;
  Opening(ScoreConfig config, ModelSource source) : config_(std::move(config)), source_(std::move(source)) {}

  [[nodiscard]] const ScoreConfig& config() const noexcept { return config_; }
  [[nodiscard]] const ModelSource& source() const noexcept { return source_; }

  void get(const Context& context, Then then) {
    if (auto ready = opened()) return then(std::move(ready));
    source_.models->later([self = shared_from_this(), context, then = std::move(then)]() mutable { then(self->open(context)); });
  }
  /// May wait.
  Result<std::shared_ptr<TextScorer>> open(const Context& context) {
    const std::lock_guard opening(opening_);
    if (auto ready = opened()) return ready;
    auto made = TRY(TextScorer::open(config_, source_, context));
    const std::lock_guard lock(mutex_);
    scorer_ = made;
    return made;
  }

 private:
  std::shared_ptr<TextScorer> opened() {
    const std::lock_guard lock(mutex_);
    return scorer_;
  }
  const ScoreConfig config_;
  const ModelSource source_;
  std::mutex opening_;
  std::mutex mutex_;
  std::shared_ptr<TextScorer> scorer_;
};

Value answer_of(const TextScorer& scorer, const BatchScores& scores, const ScoreResult& result) {
  std::vector<Value> detected;
  for (const std::string& label : result.detected_labels()) detected.emplace_back(label);
  Value answer = result.to_value();
  answer = std::move(answer).set("accepted", Value(result.accepted()));
  answer = std::move(answer).set("detected", Value::list(std::move(detected)));
  return std::move(answer).set("meta", scorer.meta(scores));
}

class Score final : public ScoringStage {
 public:
  explicit Score(std::shared_ptr<Opening> opening) : opening_(std::move(opening)) {}

  void start(CallRef call) const override {
    opening_->get(call->context(), [call, working = call->working()](Result<std::shared_ptr<TextScorer>> opened) {
      if (!opened) return call->finish(std::unexpected(opened.error()));
      const auto scorer = std::move(*opened);
      std::vector<Input> inputs(1);
      inputs[0].text = call->argument(kText).as_string();
      scorer->score(std::move(inputs), call->context(), [call, scorer, working](const BatchScores& scores) {
        const auto result = scorer->result(scores, 0);
        if (!result) return call->finish(std::unexpected(result.error()));
        call->finish(answer_of(*scorer, scores, *result));
      });
    });
  }
  [[nodiscard]] const ScoreConfig& config() const noexcept override { return opening_->config(); }
  [[nodiscard]] const ModelSource& source() const noexcept override { return opening_->source(); }
  [[nodiscard]] Result<Value> depends_on(std::span<const Value> /*arguments*/) const override {
    const auto clock = make_system_clock();
    const auto scorer = TRY(opening_->open(Context(*clock)));
    return Value(scorer->model().identity());
  }

 private:
  const std::shared_ptr<Opening> opening_;
};

}  // namespace

void add_score(Catalog& catalog, const ModelSource& source) {
  catalog.add(
      {
          .name = "score",
          .version = "1",
          .summary = "Decides whether a text is worth keeping, and says why, with every score.",
          .description =
              "By a configuration of labels and categories (docs/scoring.md). A rejected text is a result like any other: "
              "`accepted` is false, and `reason` says which category, label and threshold decided. `meta` has elapsed_ns, "
              "inference_ns, batch_size, model and version. Calls at the same time share the model's batches, and a text's "
              "scores do not depend on them. A model that fails is an error.",
          .example = R"yaml(name: gate
input: {message: string}
stages:
  - {id: gate, uses: score, with: {text: "{{ input.message }}"}}
output: {keep: "{{ gate.accepted }}", why: "{{ gate.reason.text }}"}
tests:
  - input: {message: See you later!}
    expect: {keep: false}
  - input: {message: Remember to call Mom on her birthday next Tuesday}
    expect: {keep: true}
)yaml",
          .fields = {{.name = "text", .type = Type(Type::Kind::string), .description = "the text to score"},
                     {.name = "config",
                      .type = Type(),
                      .description = "a configuration's file, the name of a shipped one, or a configuration itself",
                      .binding = Binding::constant,
                      .required = false,
                      .fallback = Value(kShippedConfig),
                      .limits = Value::map({{"type", Value::list({"string", "object"})}})}},
          .output = lang::parse_type("{decision: string, accepted: bool, score: double, reason: dyn, detected: list<string>, "
                                     "categories: dyn, meta: dyn}")
                        .value(),
          .waits = true,
      },
      [source](const Configuration& configuration) -> Result<std::unique_ptr<Stage>> {
        const Value* given = configuration.constant("config");
        auto config = config_of(given == nullptr ? Value(kShippedConfig) : *given);
        if (!config) return std::unexpected(config.error());
        return std::make_unique<Score>(std::make_shared<Opening>(std::move(config->score), source));
      });
}

}  // namespace thalweg::scoring
