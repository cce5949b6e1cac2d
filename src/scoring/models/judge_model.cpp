// Raw scores from a language model: how much likelier "yes" is than "no" as its first word.

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>
#include <optional>

#include "scoring/digest.h"
#include "scoring/models/label_model.h"

namespace thalweg::scoring {

namespace {

// The text first and the hypothesis last, so that what labels have in common is computed once.
constexpr std::string_view kJudgePrompt =
    "Here is a message.\n\nMessage: {text}\n\nIs this true of the message? {hypothesis}\nAnswer with one word, yes or no.";
constexpr std::int64_t kAlternatives = 20;

std::string prompt_for(std::string_view prompt, std::string_view text, std::string_view hypothesis) {
  std::string out;
  while (!prompt.empty()) {
    const std::size_t open = prompt.find('{');
    out += prompt.substr(0, open);
    if (open == std::string_view::npos) break;
    prompt.remove_prefix(open);
    if (prompt.starts_with("{text}")) {
      out += text;
      prompt.remove_prefix(6);
    } else if (prompt.starts_with("{hypothesis}")) {
      out += hypothesis;
      prompt.remove_prefix(12);
    } else {
      out += '{';
      prompt.remove_prefix(1);
    }
  }
  return out;
}

// " Yes." to "yes".
std::string word(std::string_view token) {
  std::string out;
  for (const char c : token) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
      out += static_cast<char>(c | 0x20);
    else if (c != ' ' && c != '.' && c != '\n')
      return {};
  }
  return out;
}

// Of the first token. One that is not among the alternatives counts as the least likely of them: it is at most that.
Result<double> share_of_yes(const std::string& model, const models::Generated& generated) {
  if (generated.tokens.empty()) return fail(Code::internal, "model '{}' said nothing", model);
  double yes = 0;
  double no = 0;
  double least = 1;
  for (const auto& [token, logprob] : generated.tokens.front().top) {
    const double probability = std::exp(logprob);
    least = std::min(least, probability);
    const std::string said = word(token);
    if (said == "yes") yes += probability;
    if (said == "no") no += probability;
  }
  if (yes == 0 && no == 0) {
    return fail(Code::failed_precondition,
                "model '{}' answers neither yes nor no but '{}'; give a 'prompt' that it understands, or another model", model,
                generated.tokens.front().text);
  }
  yes = std::max(yes, yes == 0 ? least : 0);
  no = std::max(no, no == 0 ? least : 0);
  return yes / (yes + no);
}

// One batch: text by text, hypothesis by hypothesis; the model works them off in this order.
struct Batch {
  RawScores scores;
  std::optional<Error> error;
  std::mutex mutex;
  std::size_t left = 0;
  Nanos began = 0;
  LabelModel::Done done;
};

class JudgeModel final : public LabelModel {
 public:
  JudgeModel(std::string name, std::string identity, std::shared_ptr<models::LanguageModel> model, std::string prompt,
             std::vector<std::string> hypotheses)
      : name_(std::move(name)),
        identity_(std::move(identity)),
        model_(std::move(model)),
        prompt_(std::move(prompt)),
        hypotheses_(std::move(hypotheses)) {}

  void score(std::vector<Input> inputs, const Context& context, Done done) override {
    const auto batch = std::make_shared<Batch>();
    batch->left = inputs.size() * hypotheses_.size();
    batch->scores.values.resize(batch->left);
    batch->began = context.now();
    if (batch->left == 0) return done(std::move(batch->scores));
    batch->done = std::move(done);
    Clock& clock = context.clock();
    std::size_t place = 0;
    for (const Input& input : inputs) {
      for (const std::string& hypothesis : hypotheses_) {
        models::GenerateRequest request;
        request.messages.push_back({.role = "user", .content = prompt_for(prompt_, input.text, hypothesis)});
        request.max_tokens = 1;
        request.logprobs = kAlternatives;
        model_->generate(
            std::move(request), context, [](std::string_view) { return true; },
            [batch, place, &clock, name = name_](Result<models::Generated> generated) {
              Result<double> share =
                  generated ? share_of_yes(name, *generated) : Result<double>(std::unexpected(generated.error()));
              const std::lock_guard lock(batch->mutex);
              if (share)
                batch->scores.values[place] = *share;
              else if (!batch->error)
                batch->error = share.error();
              if (generated) batch->scores.tokens += generated->prompt_tokens;
              if (--batch->left > 0) return;
              batch->scores.inference_ns = clock.now() - batch->began;
              batch->done(batch->error ? Result<RawScores>(std::unexpected(*batch->error)) : std::move(batch->scores));
            });
        ++place;
      }
    }
  }
  [[nodiscard]] const std::string& name() const noexcept override { return name_; }
  [[nodiscard]] const std::string& identity() const noexcept override { return identity_; }

 private:
  const std::string name_;
  const std::string identity_;
  const std::shared_ptr<models::LanguageModel> model_;
  const std::string prompt_;
  const std::vector<std::string> hypotheses_;
};

}  // namespace

Result<std::string> judge_identity(const ModelConfig& config, const LabelsAsked& labels, models::Models& models) {
  std::vector<std::string> parts{"text_generation 1",
                                 TRY(models.identity(config.model.empty() ? models::kDefaultLanguageModel : config.model)),
                                 std::string(config.prompt.empty() ? kJudgePrompt : config.prompt)};
  parts.insert(parts.end(), labels.names.begin(), labels.names.end());
  parts.insert(parts.end(), labels.hypotheses.begin(), labels.hypotheses.end());
  return digest(parts);
}

Result<std::shared_ptr<LabelModel>> open_judge_model(const ModelConfig& config, const LabelsAsked& labels,
                                                     const std::shared_ptr<models::Models>& models) {
  const std::string name(config.model.empty() ? std::string(models::kDefaultLanguageModel) : config.model);
  auto model = TRY(models->language_model(name));
  const std::string prompt(config.prompt.empty() ? std::string(kJudgePrompt) : config.prompt);
  std::string identity = TRY(judge_identity(config, labels, *models));
  return std::make_shared<JudgeModel>(name, std::move(identity), std::move(model), prompt, labels.hypotheses);
}

}  // namespace thalweg::scoring
