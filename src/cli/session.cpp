#include "cli/session.h"

#include <sys/random.h>

#include <cerrno>

#include "base/time_text.h"

namespace thalweg::cli {

Result<std::unique_ptr<Session>> Session::open(Program& program, std::int64_t threads) {
  if (threads < 0) return fail(Code::invalid_argument, "--threads must not be negative");
  auto interrupt = TRY(Interrupt::watch());
  return std::unique_ptr<Session>(new Session(program, std::move(interrupt), usable_cores(static_cast<std::size_t>(threads))));
}

Session::Session(Program& program, std::unique_ptr<Interrupt> interrupt, std::size_t threads)
    : clock_(program.clock),
      interrupt_(std::move(interrupt)),
      log_(program.clock),
      cores_(threads),
      models_(std::make_shared<models::LocalModels>()),
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
