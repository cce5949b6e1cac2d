#include "models/llama/model.h"

#include <future>

#include "base/machine.h"
#include "models/llama/guard.h"

namespace thalweg::models::llama {

namespace {

constexpr std::size_t kMostBatch = 128;  // more tokens at once are hardly faster, and prompts would share less, see Kept
constexpr std::size_t kOutputs = 64;     // rows of logits at once, as Runner::read_all takes them

// The system would promise more memory than there is and end the program when it is used.
Result<> check_memory(std::uint64_t cache, std::size_t window) {
  constexpr std::uint64_t kBookkeeping = 64;  // bytes a token
  const std::uint64_t more = window * kBookkeeping, left = available_memory();
  const std::uint64_t needed = cache > UINT64_MAX - more ? UINT64_MAX : cache + more;
  if (needed <= left) return {};
  return fail(Code::resource_exhausted,
              "a window of {} tokens needs {} MB of memory, and {} MB are left: take a smaller one with --context-size", window,
              needed / 1'000'000, left / 1'000'000);
}

Result<ModelHandle> load(const std::string& path) {
  ModelHandle model;
  TRY(guarded(Code::data_loss, "load the model", [&](const Watch& watch) -> Result<> {
    llama_model_params params = llama_model_default_params();
    params.n_gpu_layers = 0;
    params.progress_callback = [](float, void*) { return true; };  // the library's own one prints dots
    model.reset(llama_model_load_from_file(path.c_str(), params));
    if (!model) return fail(Code::data_loss, "cannot load the model: {}", watch.said());
    return {};
  }));
  if (!llama_model_has_decoder(model.get()) || llama_model_has_encoder(model.get()) || llama_model_is_diffusion(model.get())) {
    return fail(Code::invalid_argument, "no language model that writes token after token");
  }
  return model;
}

Result<ContextHandle> make_context(llama_model& model, std::size_t window, std::size_t batch) {
  ContextHandle context;
  TRY(guarded(Code::data_loss, "use the model", [&](const Watch& watch) -> Result<> {
    llama_context_params params = llama_context_default_params();
    params.n_ctx = static_cast<std::uint32_t>(window);
    params.n_batch = static_cast<std::uint32_t>(batch);
    params.n_ubatch = params.n_batch;
    params.n_outputs_max = static_cast<std::uint32_t>(std::min(kOutputs, batch));
    params.n_seq_max = 1;
    params.offload_kqv = false;
    params.op_offload = false;
    params.no_perf = true;
    context.reset(llama_init_from_model(&model, params));
    if (!context) {
      const std::string said = watch.said();
      const bool memory = said.find("alloc") != std::string::npos;
      return fail(memory ? Code::resource_exhausted : Code::data_loss, "cannot use the model with a window of {} tokens: {}",
                  window, said);
    }
    return {};
  }));
  if (!llama_get_causal_attn(context.get())) {
    return fail(Code::invalid_argument, "no language model: it makes embeddings of texts, see encoders");
  }
  return context;
}

}  // namespace

Result<std::shared_ptr<LanguageModel>> Model::open(const std::string& path, const LanguageModelOptions& options) {
  prepare();
  const File file = TRY(File::open(path));
  ModelHandle model = TRY(load(path));
  const std::int32_t trained = llama_model_n_ctx_train(model.get());
  if (trained <= 0) return fail(Code::data_loss, "damaged: it says that it was trained with a window of {} tokens", trained);
  const std::size_t window = std::min(options.context_size, static_cast<std::size_t>(trained));
  const std::size_t batch = std::clamp<std::size_t>(options.batch_size, 1, std::min(window, kMostBatch));
  TRY(check_memory(file.header().cache_bytes(window), window));
  ContextHandle context = TRY(make_context(*model, window, batch));
  std::string_view quantisation = llama_ftype_name(llama_model_ftype(model.get()));
  for (const std::string_view prefix : {"(guessed) ", "all "}) {
    if (quantisation.starts_with(prefix)) quantisation.remove_prefix(prefix.size());
  }
  About about{.architecture = std::string(file.header().text("general.architecture")),
              .quantisation = std::string(quantisation),
              .parameters = llama_model_n_params(model.get()),
              .cache_bytes = file.header().cache_bytes(window)};
  auto loaded = std::make_shared<Loaded>(std::move(model), std::move(context), window, batch);
  return std::make_shared<Model>(std::move(about), std::move(loaded));
}

void Model::generate(GenerateRequest request, const Context& context, Sink sink, Done done) {
  if (const auto good = check(request); !good) return done(std::unexpected(good.error()));
  struct Work {
    GenerateRequest request;
    Sink sink;
    Done done;
  };
  auto work = std::make_shared<Work>(std::move(request), std::move(sink), std::move(done));
  const Nanos asked = context.now();
  worker_.add({.context = context,
               .work =
                   [this, work, context, asked, loaded = loaded_] {
                     Result<Generated> made = fail(Code::internal, "not generated");
                     {
                       const Stopped stopped(context, worker_.closing());
                       const auto good = guarded(Code::data_loss, "generate", [&](const Watch&) -> Result<> {
                         made = llama::generate(*loaded, work->request, stopped.context(), asked, work->sink,
                                                [this] { worker_.sweep(); });
                         return {};
                       });
                       if (!good) made = std::unexpected(good.error());
                       loaded->kept_bytes = loaded->runner.kept_bytes();
                     }
                     work->done(std::move(made));
                   },
               .give_up = [work](const Error& why) { work->done(std::unexpected(why)); }});
}

Result<std::vector<double>> Model::score(std::string_view text, const Context& context) {
  std::promise<Result<std::vector<double>>> promise;
  worker_.add({.context = context,
               .work =
                   [&, this] {
                     const Stopped stopped(context, worker_.closing());
                     Result<std::vector<double>> scores;
                     const auto good = guarded(Code::data_loss, "score a text", [&](const Watch&) -> Result<> {
                       scores = llama::score(loaded_->runner, text, stopped.context(), [this] { worker_.sweep(); });
                       return {};
                     });
                     promise.set_value(good ? std::move(scores) : std::unexpected(good.error()));
                   },
               .give_up = [&](const Error& why) { promise.set_value(std::unexpected(why)); }});
  return promise.get_future().get();
}

Result<std::size_t> Model::count_tokens(std::string_view text) const {
  std::size_t count = 0;
  TRY(guarded(Code::data_loss, "count tokens", [&](const Watch&) -> Result<> {
    count = TRY(loaded_->runner.vocabulary().tokens(text, Vocabulary::Special::none)).size();
    return {};
  }));
  return count;
}

std::size_t Model::context_size() const noexcept { return loaded_->runner.window(); }

std::uint64_t Model::memory_bytes() const noexcept {
  return llama_model_size(loaded_->model.get()) + about_.cache_bytes + loaded_->kept_bytes.load();
}

}  // namespace thalweg::models::llama
