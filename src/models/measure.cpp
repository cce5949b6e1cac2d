#include "models/measure.h"

#include <algorithm>
#include <cmath>
#include <ctime>

#include "base/cores.h"
#include "base/machine.h"

namespace thalweg::models {

namespace {

constexpr std::size_t kTexts = 64;
constexpr std::size_t kRounds = 3;
constexpr std::int64_t kTokens = 64;
constexpr std::size_t kPiece = 1800;  // bytes of text that are read at once: about 450 tokens of English

// Sentences that differ from each other.
std::string sample(std::size_t number) {
  return fmt::format(
      "Entry {}: the river has cut its bed into the soft stone of the valley, and where the current is strongest the water runs "
      "deep and clear; boats of up to {} tons keep to that line, which the pilots have drawn on their charts since {}.",
      number, 3 + number * 7 % 90, 1700 + number * 13 % 300);
}

Measured fresh(const Context& context, std::int64_t memory) {
  Measured measured;
  measured.processor = processor_name();
  measured.threads = static_cast<std::int64_t>(context.cores() != nullptr ? context.cores()->cores() : usable_cores());
  measured.memory_bytes = memory;
  measured.at = Timestamp{std::time(nullptr), 0};
  return measured;
}

double per_second(std::int64_t count, std::int64_t ns) {
  return ns > 0 ? static_cast<double>(count) * 1e9 / static_cast<double>(ns) : 0;
}

}  // namespace

Result<Measured> measure(Encoder& encoder, const Context& context) {
  std::vector<Text> texts(kTexts);
  for (std::size_t i = 0; i < kTexts; ++i) texts[i].text = sample(i);
  std::vector<double> rates;
  for (std::size_t round = 0; round <= kRounds; ++round) {
    const Nanos start = context.now();
    TRY(encoder.encode(texts, context));
    if (round > 0) rates.push_back(per_second(kTexts, context.now() - start));  // the first one also makes the kernels
  }
  std::ranges::sort(rates);
  Measured measured = fresh(context, static_cast<std::int64_t>(encoder.memory_bytes()));
  measured.rate = rates[rates.size() / 2];
  return measured;
}

Result<Measured> measure(LanguageModel& model, const Context& context) {
  GenerateRequest request;
  std::string prompt;
  for (std::size_t i = 0; i < 4; ++i) prompt += sample(i) + " ";
  request.prompt = prompt + "Entry 4:";
  // In a small window there is room for the end of the prompt and for fewer tokens.
  request.max_tokens = std::clamp<std::int64_t>(static_cast<std::int64_t>(model.context_size() / 4), 1, kTokens);
  request.overflow = Overflow::truncate_start;
  const Generated made = TRY(model.generate(std::move(request), context, [](std::string_view) { return true; }));
  Measured measured = fresh(context, static_cast<std::int64_t>(model.memory_bytes()));
  measured.prefill = per_second(made.prompt_tokens - made.cached_tokens, made.prefill_ns);
  measured.rate = per_second(made.completion_tokens - 1, made.decode_ns);
  return measured;
}

Result<double> perplexity(LanguageModel& model, std::string_view text, const Context& context) {
  double sum = 0;
  std::size_t tokens = 0;
  while (!text.empty()) {
    std::size_t size = std::min(kPiece, text.size());
    while (size > 0 && size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) --size;
    if (size == 0) return fail(Code::invalid_argument, "the text is not UTF-8");
    for (const double logprob : TRY(model.score(text.substr(0, size), context))) {
      sum += logprob;
      ++tokens;
    }
    text.remove_prefix(size);
  }
  if (tokens == 0) return fail(Code::invalid_argument, "the text is too short to measure perplexity on");
  return std::exp(-sum / static_cast<double>(tokens));
}

}  // namespace thalweg::models
