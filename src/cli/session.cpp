#include "cli/session.h"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>

#include "base/size_text.h"
#include "base/time_text.h"

namespace thalweg::cli {

void SessionOptions::declare_for_one_model(Options& options) {
  options.value("--threads", "N", threads, "threads to compute with (as many as the machine grants)");
  options.value("--context-size", "N", context_size,
                "tokens that a language model takes at once (4096, or what it was made for)");
}

void SessionOptions::declare(Options& options) {
  declare_for_one_model(options);
  options.value("--model-memory", "SIZE", model_memory, "what models may take together: 500MB, 2GB (half of what is there)");
}

Result<models::LocalModelsOptions> SessionOptions::models() const {
  models::LocalModelsOptions made;
  if (context_size < 0) return fail(Code::invalid_argument, "--context-size must be at least 1");
  if (context_size > 0) made.language_model.context_size = static_cast<std::size_t>(context_size);
  if (model_memory.empty()) return made;
  const auto size = parse_size(model_memory);
  if (!size) return fail(Code::invalid_argument, "--model-memory {}", size.error().message());
  made.memory_limit = std::max<std::uint64_t>(*size, 1);  // 0 is no choice there
  return made;
}

Result<std::unique_ptr<Session>> Session::open(Program& program, const SessionOptions& options) {
  if (options.threads < 0) return fail(Code::invalid_argument, "--threads must not be negative");
  auto models = TRY(options.models());
  auto interrupt = TRY(Interrupt::watch());
  const std::size_t threads = usable_cores(static_cast<std::size_t>(options.threads));
  return std::unique_ptr<Session>(new Session(program, std::move(interrupt), threads, std::move(models)));
}

Session::Session(Program& program, std::unique_ptr<Interrupt> interrupt, std::size_t threads, models::LocalModelsOptions models)
    : clock_(program.clock),
      interrupt_(std::move(interrupt)),
      log_(program.clock),
      cores_(threads),
      models_(std::make_shared<models::LocalModels>(std::move(models))),
      catalog_(make_catalog(models_)),
      pipelines_(catalog_),
      executor_(clock_, cores_) {}

Result<> Session::keep_results(const Context& context, const std::string& url) {
  results_ = TRY(StoredResults::open(context, url, log_));
  return {};
}

Context Session::context_on(Clock& clock, std::uint64_t seed) {
  return Context(clock, seed).with_stop(interrupt_->token()).with_cores(cores_).with_log(log_);
}

Result<Context> Session::context(std::string_view timeout) {
  // Programs that try again after a failure at the same time must not do so in step.
  std::uint64_t seed = 0;
  if (::getrandom(&seed, sizeof seed, 0) != static_cast<ssize_t>(sizeof seed))
    return std::unexpected(system_error(errno, "cannot draw a random number"));
  Context context = context_on(clock_, seed);
  if (timeout.empty()) return context;
  const auto span = parse_duration(timeout, DurationUnits::with_days);
  if (!span || *span <= Duration{} || span->seconds > 1'000'000'000) {
    return fail(Code::invalid_argument, "--timeout '{}' is no time such as 30s, 500ms or 2m", timeout);
  }
  return context.with_deadline(clock_.now() + span->seconds * kSecond + span->nanos);
}

}  // namespace thalweg::cli
