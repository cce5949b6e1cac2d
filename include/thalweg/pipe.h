#pragma once
// Typed pipelines, written operator by operator and checked by the compiler. docs/typed.md has the table of operators.

#include <chrono>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "thalweg/codec.h"
#include "thalweg/pipe/layers.h"
#include "thalweg/pipe/operation.h"
#include "thalweg/pipe/policies.h"
#include "thalweg/pipe/ways.h"
#include "thalweg/pipeline.h"
#include "thalweg/sketch.h"

namespace thalweg {

/// A pipeline under construction, from In to Cur. Each operator gives a longer one and leaves this one as it is, so that
/// beginnings may be shared. A Pipe may also stand where an operator takes a function, as a part of several steps.
///
///     auto shout = thalweg::pipe<std::string>("shout").map("trim", trim).map("upper", upper).build(runtime);
///     if (shout) std::puts(shout->run(" hello ").value().c_str());
///
/// Where a function is taken stand f (then the pipeline cannot be printed), `"name", f`, or fn("name", f, options). A function
/// may take a `const Context&` behind its values: there are the deadline and the stop token. One that gives a Result fails its
/// stage, and so the run, with its error; one that throws fails with code internal.
template <class In, class Cur = In>
class Pipe : public detail::PolicyOperators<In, Cur>, public detail::LayerOperators<In, Cur> {
 public:
  using Input = In;
  using Output = Cur;

  explicit Pipe(std::string name = {}, detail::Steps steps = {}) : name_(std::move(name)), steps_(std::move(steps)) {}

  // Values

  /// f: Cur -> O. A function that gives Result<O> ends the run with its error.
  template <class... F>
    requires detail::Operates<Cur, F...>
  auto map(F&&... f) const {
    return part<detail::operation_t<Cur, F...>>({.does = detail::Does::append, .parts = {steps_of<Cur>(std::forward<F>(f)...)}});
  }
  /// f: Cur -> O or Result<O>. Its failure, also what it throws, is the next operator's value: Result<O>.
  template <class... F>
    requires detail::Operates<Cur, F...>
  auto try_map(F&&... f) const {
    return part<Result<detail::operation_t<Cur, F...>>>(
        {.does = detail::Does::attempt, .parts = {steps_of<Cur>(std::forward<F>(f)...)}});
  }
  /// Appends the steps of another pipe, or a function.
  template <class... F>
    requires detail::Operates<Cur, F...>
  auto then(F&&... f) const {
    return map(std::forward<F>(f)...);
  }
  /// Several steps as one stage, for policies that hold for all of them.
  template <class P>
    requires detail::Operates<Cur, P>
  auto group(P&& pipe) const {
    return part<detail::operation_t<Cur, P>>({.does = detail::Does::group, .parts = {steps_of<Cur>(std::forward<P>(pipe))}});
  }
  /// Any stage type by name: the value goes into `field`, the others stand in `rest` (strings in it are templates).
  template <class Out>
  auto stage(std::string uses, std::string field, Value rest = Value::map()) const {
    return part<Out>({.does = detail::Does::stage, .value = std::move(rest), .text = std::move(uses), .field = std::move(field)});
  }

  /// p: Cur -> bool. The value where p holds, else none. `filter` is `filter_allow`; `filter_block` is the other way round.
  template <class... F>
    requires detail::Predicate<Cur, F...>
  auto filter(F&&... p) const {
    return filter_allow(std::forward<F>(p)...);
  }
  template <class... F>
    requires detail::Predicate<Cur, F...>
  auto filter_allow(F&&... p) const {
    return part<std::optional<Cur>>({.does = detail::Does::keep, .functions = {detail::function<Cur>(std::forward<F>(p)...)}});
  }
  template <class... F>
    requires detail::Predicate<Cur, F...>
  auto filter_block(F&&... p) const {
    return part<std::optional<Cur>>(
        {.does = detail::Does::keep, .functions = {detail::function<Cur>(std::forward<F>(p)...)}, .flag = true});
  }

  // Several ways

  /// fan_out().add(f).add(g).gather(): every one in turn on the same value, results in the order of adding.
  auto fan_out() const { return detail::FanOut<In, Cur>{*this}; }
  /// parallel().fork(f).fork(g).join(): side by side; each slot has its own Result, none disturbs the others.
  auto parallel() const { return detail::Fork<In, Cur, void>(*this, {}); }
  /// Begins f beside what follows; wait() gives its Result.
  template <class... F>
    requires detail::Operates<Cur, F...>
  auto fork(F&&... f) const {
    return part<Forked<detail::operation_t<Cur, F...>>>(
        {.does = detail::Does::attempt, .parts = {steps_of<Cur>(std::forward<F>(f)...)}});
  }
  auto wait() const
    requires detail::is_forked<Cur>
  {
    return same<Result<detail::inside_t<Cur>>>();
  }
  /// router().route(p, f).route(q, g).otherwise(h), or .or_none(): the first whose predicate holds; an optional, none when none
  /// does. Predicates and functions are given as f, fn(name, f) or a Pipe.
  auto router() const { return detail::Router<In, Cur, void>(*this, {}, {}); }
  /// branch().when(p).then(f).or_else(g): one of the two. or_pass() instead of or_else: the value itself, where f keeps the type.
  auto branch() const { return *this; }
  template <class... F>
    requires detail::Predicate<Cur, F...>
  auto when(F&&... p) const {
    return detail::When<In, Cur>(*this, detail::function<Cur>(std::forward<F>(p)...));
  }

  // Results

  /// v: T -> Result<>: the first error wins, an error before passes untouched.
  template <class... F>
    requires detail::is_result<Cur> && detail::Callable<detail::function_t<F...>, detail::inside_t<Cur>>
  auto and_(F&&... v) const {
    static_assert(std::same_as<detail::outcome_t<detail::function_t<F...>, detail::inside_t<Cur>>, std::monostate>,
                  "thalweg: and_ takes a function that gives Result<void>");
    return part<Cur>(
        {.does = detail::Does::check, .functions = {detail::function<detail::inside_t<Cur>>(std::forward<F>(v)...)}});
  }
  /// The value, or `other` in place of an error.
  template <class T>
    requires detail::is_result<Cur> && std::convertible_to<T, detail::inside_t<Cur>>
  auto or_(T&& other) const {
    return unwrap_or(std::forward<T>(other));
  }
  /// f: Error -> T, in place of an error.
  template <class... F>
    requires detail::is_result<Cur> && detail::Callable<detail::function_t<F...>, Error>
  auto or_else_map(F&&... f) const {
    static_assert(std::convertible_to<detail::outcome_t<detail::function_t<F...>, Error>, detail::inside_t<Cur>>,
                  "thalweg: or_else_map takes a function from Error to the value's type");
    return part<detail::inside_t<Cur>>(
        {.does = detail::Does::recover, .functions = {detail::function<Error>(std::forward<F>(f)...)}});
  }
  /// The value; an error, or none, ends the run: with that error, or not_found.
  auto unwrap() const
    requires(detail::is_result<Cur> || detail::is_optional<Cur>)
  {
    return part<detail::inside_t<Cur>>({.does = unwrapping()});
  }
  /// The same, `message` in front of the error's own.
  auto expect(std::string message) const
    requires(detail::is_result<Cur> || detail::is_optional<Cur>)
  {
    return part<detail::inside_t<Cur>>({.does = unwrapping(), .text = std::move(message)});
  }
  template <class T>
    requires(detail::is_result<Cur> || detail::is_optional<Cur>) && std::convertible_to<T, detail::inside_t<Cur>>
  auto unwrap_or(T&& other) const {
    return literal<detail::inside_t<Cur>>({.does = unwrapping()}, detail::inside_t<Cur>(std::forward<T>(other)));
  }
  /// f: Error -> T of a Result, () -> T of an optional.
  template <class... F>
    requires(detail::is_result<Cur> && detail::Callable<detail::function_t<F...>, Error>)
  auto unwrap_or_else(F&&... f) const {
    return or_else_map(std::forward<F>(f)...);
  }
  template <class... F>
    requires(detail::is_optional<Cur> && detail::Callable<detail::function_t<F...>>)
  auto unwrap_or_else(F&&... f) const {
    return part<detail::inside_t<Cur>>({.does = detail::Does::or_else, .functions = {detail::function<>(std::forward<F>(f)...)}});
  }
  /// The value of a Result, none for an error.
  auto ok() const
    requires detail::is_result<Cur>
  {
    return part<std::optional<detail::inside_t<Cur>>>({.does = detail::Does::ok});
  }
  /// The value of an optional, this error when there is none.
  auto ok_or(const Error& error) const
    requires detail::is_optional<Cur>
  {
    return part<Result<detail::inside_t<Cur>>>({.does = detail::Does::ok_or, .value = to_value(error)});
  }

  // Lists

  /// For every item, up to `concurrency` at once; results in the items' order. The first failure, in that order, ends the run.
  template <class... F>
    requires detail::is_vector<Cur> && detail::Operates<detail::inside_t<Cur>, F...>
  auto each(F&&... f) const {
    return each(Concurrency{8}, std::forward<F>(f)...);
  }
  struct Concurrency {
    std::size_t items;
  };
  template <class... F>
    requires detail::is_vector<Cur> && detail::Operates<detail::inside_t<Cur>, F...>
  auto each(Concurrency concurrency, F&&... f) const {
    return part<std::vector<detail::operation_t<detail::inside_t<Cur>, F...>>>(
        {.does = detail::Does::each,
         .parts = {steps_of<detail::inside_t<Cur>>(std::forward<F>(f)...)},
         .count = static_cast<std::int64_t>(concurrency.items)});
  }
  /// f: T -> std::vector<U> for every item, one after the other in the result.
  template <class... F>
    requires detail::is_vector<Cur> && detail::Operates<detail::inside_t<Cur>, F...>
  auto flat_map(F&&... f) const {
    return each(std::forward<F>(f)...).flatten();
  }
  auto flatten() const
    requires detail::is_vector<Cur> && detail::is_vector<detail::inside_t<Cur>>
  {
    return part<detail::inside_t<Cur>>({.does = detail::Does::flatten});
  }
  /// f: (total, item) -> total, from `first`, in order.
  template <class T, class... F>
    requires detail::is_vector<Cur> && detail::Callable<detail::function_t<F...>, T, detail::inside_t<Cur>>
  auto reduce(T first, F&&... f) const {
    static_assert(std::convertible_to<detail::outcome_t<detail::function_t<F...>, T, detail::inside_t<Cur>>, T>,
                  "thalweg: reduce takes a function from the total and an item to the next total");
    return literal<T>(
        {.does = detail::Does::reduce, .functions = {detail::function<T, detail::inside_t<Cur>>(std::forward<F>(f)...)}}, first);
  }
  /// Parts of n, the last may be shorter. n = 0 is an error of build().
  auto chunk(std::size_t n) const
    requires detail::is_vector<Cur>
  {
    return part<std::vector<Cur>>({.does = detail::Does::chunk, .count = static_cast<std::int64_t>(n)});
  }
  /// Every n neighbours; a shorter list gives none. n = 0 is an error of build().
  auto window(std::size_t n) const
    requires detail::is_vector<Cur>
  {
    return part<std::vector<Cur>>({.does = detail::Does::window, .count = static_cast<std::int64_t>(n)});
  }
  auto concat(const Cur& more) const
    requires detail::is_vector<Cur>
  {
    return literal<Cur>({.does = detail::Does::concat}, more);
  }

  // Time

  /// All before this as one: its result, or its failure, or deadline_exceeded when it takes longer; then it is stopped.
  auto timeout(std::chrono::nanoseconds span) const {
    return part<Result<Cur>>({.does = detail::Does::limit_time, .time = detail::nanos(span)});
  }
  /// What follows begins so much later.
  auto delay(std::chrono::nanoseconds span) const {
    return part<Cur>({.does = detail::Does::delay, .time = detail::nanos(span)});
  }
  /// retry().attempts(n).delay(d).backoff(m).run(f): one call, and up to n more after failures; gives Result<O>.
  auto retry() const { return detail::Retrying<In, Cur>(*this); }
  /// At most `calls` begin in any span of `per`, over all runs; others wait their turn.
  auto rate_limit(std::size_t calls, std::chrono::nanoseconds per) const {
    return part<Cur>({.does = detail::Does::rate_limit, .count = static_cast<std::int64_t>(calls), .time = detail::nanos(per)});
  }
  /// Goes on when no other run has come here for so long; a run that another one follows fails (aborted).
  auto debounce(std::chrono::nanoseconds quiet) const {
    return part<Cur>({.does = detail::Does::debounce, .time = detail::nanos(quiet)});
  }
  /// After some failures of f in a row, fails at once (unavailable) for a while, then lets one run try.
  template <class... F>
    requires detail::Operates<Cur, F...>
  auto circuit_breaker(BreakerOptions options, F&&... f) const {
    return part<detail::operation_t<Cur, F...>>(
        {.does = detail::Does::circuit_breaker, .parts = {steps_of<Cur>(std::forward<F>(f)...)}, .breaker = options});
  }
  /// f: std::vector<Cur> -> std::vector<O>, of the values of so many runs together, or of those that come within a time.
  template <class... F>
    requires detail::Operates<std::vector<Cur>, F...>
  auto batch(std::size_t size, std::chrono::nanoseconds within, F&&... f) const {
    using Results = detail::operation_t<std::vector<Cur>, F...>;
    static_assert(detail::is_vector<Results>, "thalweg: batch takes a function from a vector to a vector");
    return part<detail::inside_t<Results>>({.does = detail::Does::batch,
                                            .parts = {steps_of<std::vector<Cur>>(std::forward<F>(f)...)},
                                            .count = static_cast<std::int64_t>(size),
                                            .time = detail::nanos(within)});
  }

  /// The pipeline, checked and compiled. Errors: invalid_argument with every problem (a size of 0, a name that is no name),
  /// already_exists (a name that is that of another function or of a stage type).
  [[nodiscard]] Result<Pipeline<In, Cur>> build(const Runtime& runtime) const {
    auto built = detail::build(runtime, name_, steps_, detail::type_of<In>(), detail::type_of<Cur>());
    if (!built) return std::unexpected(built.error());
    return Pipeline<In, Cur>(std::move(*built));
  }

  [[nodiscard]] const detail::Steps& steps() const noexcept { return steps_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// For operators of several calls: one more step, after which the value is an Out.
  template <class Out>
  Pipe<In, Out> part(detail::Step step) const {
    static_assert(detail::is_forked<Out> || Crosses<Out>,
                  "thalweg: the type of this step's result has no Codec: give the struct a member `fields`, or specialise "
                  "thalweg::Codec for it (see thalweg/codec.h)");
    step.before = steps_;
    return Pipe<In, Out>(name_, std::make_shared<const detail::Step>(std::move(step)));
  }
  template <class T, class... F>
  static detail::Steps steps_of(F&&... f) {
    return detail::Operation<T, F...>::steps(std::forward<F>(f)...);
  }

 private:
  static constexpr detail::Does unwrapping() {
    return detail::is_optional<Cur> ? detail::Does::unwrap_optional : detail::Does::unwrap_result;
  }
  template <class Out>
  Pipe<In, Out> same() const {
    return Pipe<In, Out>(name_, steps_);
  }
  template <class Out>
  Pipe<In, Out> literal(detail::Step step, const auto& value) const {
    auto encoded = detail::encode<std::remove_cvref_t<decltype(value)>>(value);
    if (encoded) {
      step.value = std::move(*encoded);
    } else {
      step.error = encoded.error();
    }
    return part<Out>(std::move(step));
  }
  std::string name_;
  detail::Steps steps_;
};

/// Begins a pipeline that takes a T.
template <class T>
[[nodiscard]] Pipe<T> pipe(std::string name = {}) {
  static_assert(Crosses<T>,
                "thalweg: the input's type has no Codec: give the struct a member `fields`, or specialise "
                "thalweg::Codec for it (see thalweg/codec.h)");
  return Pipe<T>(std::move(name));
}

}  // namespace thalweg
