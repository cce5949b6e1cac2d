// Generation beside a plain loop over llama.cpp's interface: same library, file, threads and samplers, calls in turn. The plain
// loop reads a prompt at once, thalweg in blocks.
//
//     build/llama_peer [MODEL.gguf]
#include <llama.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "base/cores.h"
#include "bench/harness.h"
#include "models/language_model.h"

using namespace thalweg;

namespace {

constexpr std::size_t kWindow = 2048, kBatch = 512;

// How the plain loop reads a prompt: at once, as one would, or cut where thalweg cuts it, which gives the same bits.
enum class Reading : bool { at_once, cut };

// Every prompt differs from the first token on, so that nothing is known from the one before.
std::string prompt_of(int number) {
  std::string text = fmt::format("{}. What follows is about rivers and valleys.", number);
  for (int i = 0; i < 12; ++i)
    text += fmt::format(" The river number {} begins {} km away and runs through a deep valley.", i, i * 7 + 1);
  return text + " In short:";
}

class Raw {
 public:
  Raw(const char* path, int threads) {
    model_.reset(llama_model_load_from_file(path, llama_model_default_params()));
    llama_context_params params = llama_context_default_params();
    params.n_ctx = kWindow;
    params.n_batch = params.n_ubatch = kBatch;
    params.n_threads = params.n_threads_batch = threads;
    params.no_perf = true;
    context_.reset(llama_init_from_model(model_.get(), params));
    ggml_threadpool_params pool = ggml_threadpool_params_default(threads);
    pool.poll = 0;
    pool_.reset(ggml_threadpool_new(&pool));
    llama_attach_threadpool(context_.get(), pool_.get(), pool_.get());
    sampler_.reset(llama_sampler_chain_init(llama_sampler_chain_default_params()));
    for (llama_sampler* one : {llama_sampler_init_top_k(40), llama_sampler_init_top_p(0.95F, 1),
                               llama_sampler_init_min_p(0.05F, 1), llama_sampler_init_temp(0.8F), llama_sampler_init_dist(7)}) {
      llama_sampler_chain_add(sampler_.get(), one);
    }
  }

  std::string generate(const std::string& prompt, int most, Reading reading = Reading::at_once) {
    const llama_vocab* const vocabulary = llama_model_get_vocab(model_.get());
    std::vector<llama_token> tokens(prompt.size() + 8);
    tokens.resize(static_cast<std::size_t>(llama_tokenize(vocabulary, prompt.data(), static_cast<int>(prompt.size()),
                                                          tokens.data(), static_cast<int>(tokens.size()), true, true)));
    llama_memory_clear(llama_get_memory(context_.get()), false);
    llama_sampler_reset(sampler_.get());
    for (std::size_t at = 0; at < tokens.size();) {
      std::size_t end = reading == Reading::at_once ? tokens.size() : std::min(tokens.size(), at + (at < 128 ? 32 : 128));
      if (end + 1 == tokens.size()) --end;  // the last two go together
      llama_decode(context_.get(), llama_batch_get_one(tokens.data() + at, static_cast<int>(end - at)));
      at = end;
    }
    std::string text;
    for (int i = 0; i < most; ++i) {
      llama_token token = llama_sampler_sample(sampler_.get(), context_.get(), -1);
      if (llama_vocab_is_eog(vocabulary, token)) break;
      std::array<char, 128> piece{};
      const int size = llama_token_to_piece(vocabulary, token, piece.data(), static_cast<int>(piece.size()), 0, false);
      text.append(piece.data(), static_cast<std::size_t>(std::max(size, 0)));
      if (i + 1 < most) llama_decode(context_.get(), llama_batch_get_one(&token, 1));
    }
    return text;
  }

 private:
  template <auto Function>
  struct Free {
    template <class T>
    void operator()(T* held) const noexcept {
      Function(held);
    }
  };
  std::unique_ptr<llama_model, Free<llama_model_free>> model_;
  std::unique_ptr<ggml_threadpool, Free<ggml_threadpool_free>> pool_;
  std::unique_ptr<llama_context, Free<llama_free>> context_;
  std::unique_ptr<llama_sampler, Free<llama_sampler_free>> sampler_;
};

class Ours {
 public:
  Ours(const char* path, Clock& clock, CoreBudget& cores) : context_(Context(clock).with_cores(cores)) {
    auto model = models::open_language_model(path, {.context_size = kWindow});
    if (!model) {
      std::fprintf(stderr, "llama_peer: %s\n", model.error().text().c_str());
      std::exit(1);
    }
    model_ = std::move(*model);
  }

  std::string generate(const std::string& prompt, int most) {
    models::GenerateRequest request;
    request.prompt = prompt;
    request.max_tokens = most;
    request.temperature = 0.8;
    request.seed = 7;
    return model_->generate(std::move(request), context_, [](std::string_view) { return true; }).value().text;
  }

 private:
  Context context_;
  std::shared_ptr<models::LanguageModel> model_;
};

}  // namespace

int main(int count, char** arguments) {
  const char* const path = count > 1 ? arguments[1] : THALWEG_SMOLLM2;
  llama_log_set([](ggml_log_level, const char*, void*) {}, nullptr);
  llama_backend_init();
  const auto clock = make_system_clock();
  CoreBudget cores(usable_cores());
  Raw raw(path, static_cast<int>(cores.cores()));
  Ours ours(path, *clock, cores);
  for (int i = 0; i < 3; ++i) {
    const std::string theirs = raw.generate(prompt_of(i), 24, Reading::cut), text = ours.generate(prompt_of(i), 24);
    if (theirs == text) continue;
    std::fprintf(stderr, "llama_peer: the texts differ:\n%s\n--\n%s\n", theirs.c_str(), text.c_str());
    return 1;
  }
  bench::Report report(*clock, {.total = kMillisecond, .least = 80});
  int raw_number = 0, our_number = 0;
  const auto raw_text = [&] { bench::keep(raw.generate(prompt_of(raw_number++), 48)); };
  const auto our_text = [&] { bench::keep(ours.generate(prompt_of(our_number++), 48)); };
  report.ratio("raw/thalweg.generate", raw_text, our_text);
  const auto raw_first = [&] { bench::keep(raw.generate(prompt_of(raw_number++), 1)); };
  const auto our_first = [&] { bench::keep(ours.generate(prompt_of(our_number++), 1)); };
  report.ratio("raw/thalweg.first_token", raw_first, our_first);
  const auto raw_load = [&] { bench::keep(Raw(path, static_cast<int>(cores.cores()))); };
  const auto our_load = [&] { bench::keep(Ours(path, *clock, cores)); };
  report.ratio("raw/thalweg.load", raw_load, our_load);
  std::fputs(bench::to_text(report.results()).c_str(), stdout);
}
