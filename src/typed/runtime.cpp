#include "thalweg/runtime.h"

#include "base/cores.h"
#include "base/error.h"
#include "stages/stages.h"
#include "typed/function_stage.h"
#include "typed/runtime_state.h"

namespace thalweg {

namespace detail {

namespace {
/// A catalogue together with the one below it.
struct Layered {
  explicit Layered(std::shared_ptr<const Catalog> under) : below(std::move(under)), own(below.get()) {}
  std::shared_ptr<const Catalog> below;
  Catalog own;
};
}  // namespace

RuntimeState::RuntimeState(std::unique_ptr<Clock> own, Clock* given, std::size_t threads, StageTypes types)
    : own_clock(std::move(own)),
      clock(given != nullptr ? *given : *own_clock),
      stages(std::move(types)),
      executor(clock, usable_cores(threads)) {}

Result<std::shared_ptr<Catalog>> RuntimeState::catalog() {
  const auto layered = std::make_shared<Layered>(stages.catalog());
  const std::lock_guard lock(mutex);
  for (const auto& [name, function] : functions) TRY(typed::add_function(layered->own, name, function));
  return std::shared_ptr<Catalog>(layered, &layered->own);
}

Result<> RuntimeState::check(const Function& function) {
  TRY(typed::check_function_name(function.name));
  if (stages.catalog()->find(function.name) != nullptr) {
    return fail(Code::already_exists, "'{}' is the name of a stage type; give the function another", function.name);
  }
  const std::lock_guard lock(mutex);
  const auto known = functions.find(function.name);
  const bool another = known != functions.end() && known->second.identity != function.identity;
  if (another && !(function.captures && known->second.captures)) {
    return fail(Code::already_exists, "another function is known as '{}' already; give this one another name", function.name);
  }
  return {};
}

Result<> RuntimeState::add(Function function) {
  TRY(check(function));
  const std::lock_guard lock(mutex);
  const auto [known, is_new] = functions.try_emplace(function.name, function);
  if (is_new || known->second.identity == function.identity) return {};
  return fail(Code::already_exists, "another function is known as '{}' already; give this one another name", function.name);
}

}  // namespace detail

StageTypes StageTypes::flow() {
  auto catalog = std::make_shared<Catalog>();
  stages::register_stages(*catalog);
  return StageTypes(std::move(catalog));
}

Runtime::Runtime(std::size_t threads, StageTypes stages)
    : state_(std::make_shared<detail::RuntimeState>(make_system_clock(), nullptr, threads, std::move(stages))) {}
Runtime::Runtime(Clock& clock, std::size_t threads, StageTypes stages)
    : state_(std::make_shared<detail::RuntimeState>(nullptr, &clock, threads, std::move(stages))) {}

Context Runtime::context() const { return Context(state_->clock); }
Clock& Runtime::clock() const { return state_->clock; }
const StageTypes& Runtime::stage_types() const { return state_->stages; }
Result<> Runtime::add(detail::Function function) const { return state_->add(std::move(function)); }

}  // namespace thalweg
