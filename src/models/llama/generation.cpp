#include "models/llama/generation.h"

#include "models/llama/prompt.h"
#include "models/llama/sampler.h"
#include "models/text_stream.h"

namespace thalweg::models::llama {

namespace {

/// Gives the runner's cores back at the end of the scope.
class InWork {
 public:
  explicit InWork(Runner& runner) : runner_(runner) {}
  InWork(const InWork&) = delete;
  InWork& operator=(const InWork&) = delete;
  ~InWork() { runner_.end(); }

 private:
  Runner& runner_;
};

Result<Prompt> prompt_of(Loaded& loaded, const GenerateRequest& request, const Context& context) {
  const Vocabulary& vocabulary = loaded.runner.vocabulary();
  Tokens tokens = TRY(request.prompt ? vocabulary.tokens(*request.prompt, Vocabulary::Special::parsed)
                                     : loaded.chat.tokens(request.messages, context.clock().wall() / kSecond));
  return fit(std::move(tokens), static_cast<std::size_t>(request.max_tokens), loaded.runner.window(), request.overflow,
             vocabulary.first());
}

TokenProbability probability(const Vocabulary& vocabulary, std::span<const float> logits, llama_token token, std::size_t most) {
  const LogProbabilities found = log_probabilities(logits, token, most);
  TokenProbability told{vocabulary.bytes(token), found.chosen, {}};
  for (const auto& [other, logprob] : found.top) told.top.emplace_back(vocabulary.bytes(other, true), logprob);
  return told;
}

}  // namespace

Result<Generated> generate(Loaded& loaded, const GenerateRequest& request, const Context& context, Nanos asked,
                           LanguageModel::Sink& sink, const std::function<void()>& pause) {
  Runner& runner = loaded.runner;
  const Vocabulary& vocabulary = runner.vocabulary();
  std::optional<Grammar> grammar;
  if (request.schema) grammar.emplace(TRY(loaded.grammars.open(*request.schema)));
  const Prompt prompt = TRY(prompt_of(loaded, request, context));
  const InWork in_work(runner);
  TRY(runner.begin(context));
  const Nanos began = context.now();

  Generated made;
  made.queue_ns = began - asked;
  made.prompt_tokens = static_cast<std::int64_t>(prompt.tokens.size());
  made.dropped_tokens = static_cast<std::int64_t>(prompt.dropped);
  Sampler sampler(request, request.seed ? *request.seed : context.random(0).next(), vocabulary);
  for (const llama_token token : prompt.tokens) sampler.accept(token);
  made.cached_tokens = static_cast<std::int64_t>(TRY(runner.read(prompt.tokens, pause)));

  TextStream stream(request.stop);
  const auto tell = [&](const std::string& text) -> Result<> {
    made.text += text;
    if (text.empty() || sink(text)) return {};
    return fail(Code::cancelled, "the receiver of the text wants no more");
  };
  const bool probabilities = request.token_logprobs || request.logprobs > 0;
  std::vector<float> raw;  // before the schema has its say
  made.finish_reason = FinishReason::length;
  Nanos first = 0;
  for (;;) {
    const std::span<float> logits = runner.logits();
    if (probabilities) raw.assign(logits.begin(), logits.end());
    if (grammar) TRY(grammar->mask(logits));
    const llama_token token = TRY(sampler.choose(logits));
    if (first == 0) {
      first = context.now();
      made.prefill_ns = first - began;
      made.first_token_ns = first - asked;
    }
    if (vocabulary.ends(token)) {
      made.finish_reason = FinishReason::stop;
      made.follows_schema = grammar.has_value();
      break;
    }
    if (probabilities) made.tokens.push_back(probability(vocabulary, raw, token, static_cast<std::size_t>(request.logprobs)));
    ++made.completion_tokens;
    sampler.accept(token);
    TRY(tell(stream.push(vocabulary.bytes(token))));
    const bool complete = grammar && TRY(grammar->take(token));
    if (complete || stream.stopped()) {
      made.finish_reason = FinishReason::stop;
      made.follows_schema = complete && !stream.stopped();
      break;
    }
    if (made.completion_tokens == request.max_tokens) break;
    pause();
    TRY(runner.step(token));
  }
  made.decode_ns = context.now() - first;
  TRY(tell(stream.finish()));
  return made;
}

Result<std::vector<double>> score(Runner& runner, std::string_view text, const Context& context,
                                  const std::function<void()>& pause) {
  const Vocabulary& vocabulary = runner.vocabulary();
  Tokens tokens = TRY(vocabulary.tokens(text, Vocabulary::Special::none));
  const llama_token first = vocabulary.first();
  if (first != LLAMA_TOKEN_NULL) tokens.insert(tokens.begin(), first);
  std::vector<double> scores;
  if (tokens.size() < 2) return scores;
  const std::size_t window = runner.window();
  if (window < 2) return fail(Code::invalid_argument, "a window of {} token holds no token and one before it", window);
  const InWork in_work(runner);
  TRY(runner.begin(context));
  // Texts beyond the window are read in windows that overlap by half, so that every token behind the first window has at least
  // half a window in front of it.
  for (std::size_t from = 0; scores.size() + 1 < tokens.size(); from += window / 2) {
    pause();
    const std::span<const llama_token> part = std::span(tokens).subspan(from, std::min(window, tokens.size() - from));
    TRY(runner.read_all(part, [&](std::size_t at, std::span<const float> logits) {
      const std::size_t next = from + at + 1;
      if (next != scores.size() + 1 || at + 1 == part.size()) return;
      scores.push_back(log_probabilities(logits, tokens[next], 0).chosen);
    }));
  }
  return scores;
}

}  // namespace thalweg::models::llama
