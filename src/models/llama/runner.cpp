#include "models/llama/runner.h"

#include <numeric>

#include "models/llama/guard.h"

namespace thalweg::models::llama {

namespace {
constexpr std::size_t kRows = 64;  // whose logits are kept at once: a row has an entry for every token there is
}  // namespace

Runner::Runner(llama_model& model, ContextHandle context, std::size_t window, std::size_t batch)
    : context_(std::move(context)),
      vocabulary_(llama_model_get_vocab(&model)),
      window_(window),
      batch_(batch),
      kept_(*context_, window, batch) {
  llama_set_abort_callback(
      context_.get(),
      [](void* self) {
        const Context* const asked = static_cast<Runner*>(self)->asked_;
        return asked != nullptr && !asked->check();
      },
      this);
}

Runner::~Runner() { threads_.detach(*context_); }

Result<> Runner::begin(const Context& context) {
  cores_ = TRY(Cores::take(context));
  threads_.use(*context_, cores_.count());
  asked_ = &context;
  return {};
}

void Runner::end() noexcept {
  asked_ = nullptr;
  cores_ = {};
}

Result<> Runner::compute(std::span<const llama_token> tokens, Outputs outputs, bool block) {
  TRY(asked_->check());
  const std::size_t count = tokens.size();
  Tokens copy(tokens.begin(), tokens.end());  // the library takes them as changeable
  std::vector<llama_pos> places(count);
  std::iota(places.begin(), places.end(), static_cast<llama_pos>(kept_.size()));
  std::vector<std::int32_t> sequences(count, 1);
  llama_seq_id sequence = 0;
  std::vector<llama_seq_id*> sequence_of(count, &sequence);
  std::vector<std::int8_t> wanted(count, outputs == Outputs::all ? 1 : 0);
  wanted.back() = 1;
  const llama_batch batch{
      static_cast<std::int32_t>(count), copy.data(), nullptr, places.data(), sequences.data(), sequence_of.data(), wanted.data()};
  std::int32_t code = 0;
  const auto done = guarded(Code::internal, "compute tokens", [&](const Watch& watch) -> Result<> {
    code = llama_decode(context_.get(), batch);
    if (code == 1) return fail(Code::resource_exhausted, "the key/value cache is full");
    if (code != 0 && code != 2) return fail(Code::internal, "cannot compute tokens: {}", watch.said());
    return {};
  });
  if (done && code == 0) {
    kept_.add(tokens, block);
    return {};
  }
  kept_.settle();
  TRY(asked_->check());  // broken off
  if (!done) return done;
  return fail(Code::internal, "the computation was broken off, and nobody asked for it");
}

Result<std::size_t> Runner::read(std::span<const llama_token> prompt, const std::function<void()>& pause) {
  const std::size_t known = kept_.recall(prompt);
  for (std::size_t at = known; at < prompt.size();) {
    if (at != known) {
      pause();
      TRY(cores_.share(*asked_));
      threads_.use(*context_, cores_.count());
    }
    std::size_t end = kept_.border_after(at);
    // Never one token alone, which the library computes in another way, by the number of threads: the last two go together.
    if (end + 1 == prompt.size() && end - at > 1) --end;
    if (end > prompt.size() || (prompt.size() - at == 2 && batch_ > 1)) end = prompt.size();
    TRY(compute(prompt.subspan(at, end - at), Outputs::last, end == kept_.border_after(at)));
    at = end;
  }
  return known;
}

Result<> Runner::step(llama_token token) {
  TRY(cores_.share(*asked_));
  threads_.use(*context_, cores_.count());
  return compute(std::span(&token, 1), Outputs::last, false);
}

Result<> Runner::read_all(std::span<const llama_token> tokens,
                          const std::function<void(std::size_t, std::span<const float>)>& row) {
  kept_.clear();
  for (std::size_t at = 0; at < tokens.size();) {
    TRY(cores_.share(*asked_));
    threads_.use(*context_, cores_.count());
    const std::size_t count = std::min({kRows, batch_, tokens.size() - at});
    TRY(compute(tokens.subspan(at, count), Outputs::all, false));
    for (std::size_t i = 0; i < count; ++i) row(at + i, logits(static_cast<std::int32_t>(i)));
    at += count;
  }
  return {};
}

std::span<float> Runner::logits(std::int32_t of) { return {llama_get_logits_ith(context_.get(), of), vocabulary_.size()}; }

}  // namespace thalweg::models::llama
