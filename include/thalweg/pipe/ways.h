#pragma once
// The operators that are written in several calls: fan_out, parallel, router, branch, retry. Part of pipe.h.

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "thalweg/pipe/operation.h"

namespace thalweg::detail {

template <class Held, class O>
inline constexpr bool fits_beside = std::is_void_v<Held> || std::same_as<Held, O>;

/// fan_out(), before the first add: what it will give is not known yet.
template <class In, class Cur>
struct FanOut {
  Pipe<In, Cur> pipe;
  template <class... F>
    requires Operates<Cur, F...>
  auto add(F&&... f) const {
    return Fan<In, Cur, operation_t<Cur, F...>>(pipe, {}).add(std::forward<F>(f)...);
  }
  /// No operators at all: an empty list of this type.
  template <class Out>
  auto gather() const {
    return pipe.template part<std::vector<Out>>({.does = Does::fan_out});
  }
};

template <class In, class Cur, class Out>
class Fan {
 public:
  Fan(Pipe<In, Cur> pipe, std::vector<Steps> parts) : pipe_(std::move(pipe)), parts_(std::move(parts)) {}
  template <class... F>
    requires Operates<Cur, F...>
  Fan add(F&&... f) const {
    static_assert(std::same_as<operation_t<Cur, F...>, Out>, "thalweg: all parts of a fan_out give the same type");
    auto parts = parts_;
    parts.push_back(Operation<Cur, F...>::steps(std::forward<F>(f)...));
    return Fan(pipe_, std::move(parts));
  }
  auto gather() const { return pipe_.template part<std::vector<Out>>({.does = Does::fan_out, .parts = parts_}); }

 private:
  Pipe<In, Cur> pipe_;
  std::vector<Steps> parts_;
};

template <class In, class Cur, class Out>
class Fork {
 public:
  Fork(Pipe<In, Cur> pipe, std::vector<Steps> parts) : pipe_(std::move(pipe)), parts_(std::move(parts)) {}
  template <class... F>
    requires Operates<Cur, F...>
  auto fork(F&&... f) const {
    using O = operation_t<Cur, F...>;
    static_assert(fits_beside<Out, O>, "thalweg: all parts of a parallel give the same type");
    auto parts = parts_;
    parts.push_back(Operation<Cur, F...>::steps(std::forward<F>(f)...));
    return Fork<In, Cur, O>(pipe_, std::move(parts));
  }
  auto join() const
    requires(!std::is_void_v<Out>)
  {
    return pipe_.template part<std::vector<Result<Out>>>({.does = Does::parallel, .parts = parts_});
  }
  /// No parts at all: an empty list of this type.
  template <class O>
  auto join() const
    requires std::is_void_v<Out>
  {
    return pipe_.template part<std::vector<Result<O>>>({.does = Does::parallel});
  }

 private:
  Pipe<In, Cur> pipe_;
  std::vector<Steps> parts_;
};

template <class In, class Cur, class Out>
class Router {
 public:
  Router(Pipe<In, Cur> pipe, std::vector<Function> predicates, std::vector<Steps> parts)
      : pipe_(std::move(pipe)), predicates_(std::move(predicates)), parts_(std::move(parts)) {}
  template <class P, class F>
    requires Predicate<Cur, P> && Operates<Cur, F>
  auto route(P&& predicate, F&& f) const {
    using O = operation_t<Cur, F>;
    static_assert(fits_beside<Out, O>, "thalweg: all parts of a router give the same type");
    auto predicates = predicates_;
    predicates.push_back(function<Cur>(std::forward<P>(predicate)));
    auto parts = parts_;
    parts.push_back(Operation<Cur, F>::steps(std::forward<F>(f)));
    return Router<In, Cur, O>(pipe_, std::move(predicates), std::move(parts));
  }
  template <class... F>
    requires Operates<Cur, F...>
  auto otherwise(F&&... f) const {
    using O = operation_t<Cur, F...>;
    static_assert(fits_beside<Out, O>, "thalweg: all parts of a router give the same type");
    auto parts = parts_;
    parts.push_back(Operation<Cur, F...>::steps(std::forward<F>(f)...));
    return pipe_.template part<std::optional<O>>(
        {.does = Does::route, .functions = predicates_, .parts = std::move(parts), .flag = true});
  }
  auto or_none() const
    requires(!std::is_void_v<Out>)
  {
    return pipe_.template part<std::optional<Out>>({.does = Does::route, .functions = predicates_, .parts = parts_});
  }

 private:
  Pipe<In, Cur> pipe_;
  std::vector<Function> predicates_;
  std::vector<Steps> parts_;
};

template <class In, class Cur>
class When {
 public:
  When(Pipe<In, Cur> pipe, Function predicate) : pipe_(std::move(pipe)), predicate_(std::move(predicate)) {}
  template <class... F>
    requires Operates<Cur, F...>
  auto then(F&&... f) const {
    return Then<In, Cur, operation_t<Cur, F...>>(pipe_, predicate_, Operation<Cur, F...>::steps(std::forward<F>(f)...));
  }

 private:
  Pipe<In, Cur> pipe_;
  Function predicate_;
};

template <class In, class Cur, class Out>
class Then {
 public:
  Then(Pipe<In, Cur> pipe, Function predicate, Steps then)
      : pipe_(std::move(pipe)), predicate_(std::move(predicate)), then_(std::move(then)) {}
  template <class... F>
    requires Operates<Cur, F...>
  auto or_else(F&&... f) const {
    static_assert(std::same_as<operation_t<Cur, F...>, Out>, "thalweg: both sides of a branch give the same type");
    return pipe_.template part<Out>(
        {.does = Does::branch, .functions = {predicate_}, .parts = {then_, Operation<Cur, F...>::steps(std::forward<F>(f)...)}});
  }
  auto or_pass() const
    requires std::same_as<Cur, Out>
  {
    return pipe_.template part<Out>({.does = Does::branch, .functions = {predicate_}, .parts = {then_, nullptr}});
  }

 private:
  Pipe<In, Cur> pipe_;
  Function predicate_;
  Steps then_;
};

template <class In, class Cur>
class Retrying {
 public:
  explicit Retrying(Pipe<In, Cur> pipe) : pipe_(std::move(pipe)) {}
  /// Calls after the first.
  Retrying attempts(std::uint32_t n) const {
    return with([&](RetryOptions& options) { options.attempts = n; });
  }
  Retrying delay(std::chrono::nanoseconds span) const {
    return with([&](RetryOptions& options) { options.delay = nanos(span); });
  }
  Retrying backoff(double factor) const {
    return with([&](RetryOptions& options) { options.backoff = factor; });
  }
  Retrying cap(std::chrono::nanoseconds span) const {
    return with([&](RetryOptions& options) { options.cap = nanos(span); });
  }
  Retrying jitter(double part) const {
    return with([&](RetryOptions& options) { options.jitter = part; });
  }
  /// Only these errors are worth another call.
  Retrying on(std::vector<Code> codes) const {
    return with([&](RetryOptions& options) { options.on = std::move(codes); });
  }
  template <class... F>
    requires Operates<Cur, F...>
  auto run(F&&... f) const {
    return pipe_.template part<Result<operation_t<Cur, F...>>>(
        {.does = Does::attempt, .parts = {Operation<Cur, F...>::steps(std::forward<F>(f)...)}, .retry = options_});
  }

 private:
  Retrying with(auto&& set) const {
    Retrying copy = *this;
    set(copy.options_);
    return copy;
  }
  Pipe<In, Cur> pipe_;
  RetryOptions options_;
};

}  // namespace thalweg::detail
