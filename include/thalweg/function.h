#pragma once
// The user's functions as the engine sees them: from values to a value.

#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "thalweg/codec.h"
#include "thalweg/context.h"
#include "thalweg/error.h"
#include "thalweg/value.h"

namespace thalweg {

struct FunctionOptions {
  std::string version = "1";  ///< part of what cached results are kept under: raise it when results change
  bool deterministic = true;  ///< the same arguments give the same result: may be cached
};

/// A function with a name: it can be printed in a definition, and is the stage type of that name when one is loaded.
template <class F>
struct Named {
  std::string name;
  F function;
  FunctionOptions options;
};
/// Names are letters, digits and _ . - and must not be those of stage types (`thalweg stages` lists them).
template <class F>
Named<std::decay_t<F>> fn(std::string name, F&& function, FunctionOptions options = {}) {
  return {std::move(name), std::forward<F>(function), std::move(options)};
}

namespace detail {

struct Parameter {
  std::string name;
  std::string type;
};

struct Function {
  std::string name;  ///< empty: cannot be printed
  FunctionOptions options;
  std::vector<Parameter> parameters;
  std::string result;
  const void* identity = nullptr;  ///< the same for the same function only
  bool captures = false;           ///< holds values of its own: two of one type may differ
  bool takes_context = false;
  std::function<Result<Value>(std::span<const Value>, const Context&)> call;
};

/// The parameters of functions with one or two, as fields of a stage.
inline constexpr std::array<std::string_view, 2> kParameterNames{"value", "item"};

/// What a function's result means for the run: a Result is its value, or the failure of the stage; void is null.
template <class R>
struct Outcome {
  using type = R;
};
template <class T>
struct Outcome<std::expected<T, Error>> {
  using type = T;
};
template <>
struct Outcome<void> {
  using type = std::monostate;
};
template <>
struct Outcome<std::expected<void, Error>> {
  using type = std::monostate;
};

template <class F, class... Args>
concept TakesContext = std::invocable<const F&, Args..., const Context&>;
/// Can be called with these, as const (functions are called from several threads), and with the Context behind them or without.
template <class F, class... Args>
concept Callable = TakesContext<F, Args...> || std::invocable<const F&, Args...>;

template <class F, class... Args>
struct Returned : std::invoke_result<const F&, Args...> {};
template <class F, class... Args>
  requires TakesContext<F, Args...>
struct Returned<F, Args...> : std::invoke_result<const F&, Args..., const Context&> {};

/// The type of a stage that calls F with these.
template <class F, class... Args>
using outcome_t = typename Outcome<std::remove_cvref_t<typename Returned<F, Args...>::type>>::type;

/// One address a type.
template <class F>
inline constexpr char kIdentity = 0;

template <class F, class... Args>
auto invoke(const F& function, const Context& context, Args&&... args) {
  if constexpr (TakesContext<F, Args...>) {
    return std::invoke(function, std::forward<Args>(args)..., context);
  } else {
    return std::invoke(function, std::forward<Args>(args)...);
  }
}

/// Calls with decoded arguments and encodes what comes back.
template <class... Args, class F>
Result<Value> call_typed(const F& function, std::span<const Value> values, const Context& context) {
  return [&]<std::size_t... I>(std::index_sequence<I...>) -> Result<Value> {
    std::tuple<Result<Args>...> decoded{decode<Args>(values[I])...};
    std::optional<Error> error;
    ((!error && !std::get<I>(decoded) ? (void)(error = inside(std::get<I>(decoded).error(), kParameterNames[I])) : void()), ...);
    if (error) return std::unexpected(*error);
    using R = std::remove_cvref_t<typename Returned<F, Args...>::type>;
    if constexpr (std::is_void_v<R>) {
      detail::invoke(function, context, std::move(*std::get<I>(decoded))...);
      return Value();
    } else if constexpr (is_result<R>) {
      R result = detail::invoke(function, context, std::move(*std::get<I>(decoded))...);
      if (!result) return std::unexpected(std::move(result).error());
      if constexpr (std::is_void_v<typename R::value_type>) {
        return Value();
      } else {
        return encode<typename R::value_type>(*result);
      }
    } else {
      return encode<R>(detail::invoke(function, context, std::move(*std::get<I>(decoded))...));
    }
  }(std::index_sequence_for<Args...>());
}

template <class... Args, class F>
Function bind(Named<F> named) {
  static_assert(Callable<F, Args...>, "thalweg: the function cannot be called with what the pipeline gives it here, as const");
  static_assert(sizeof...(Args) <= kParameterNames.size(), "thalweg: functions take at most two values");
  Function out;
  out.name = std::move(named.name);
  out.options = std::move(named.options);
  std::size_t number = 0;
  (out.parameters.push_back({std::string(kParameterNames[number++]), type_of<Args>()}), ...);
  out.result = type_of<outcome_t<F, Args...>>();
  out.takes_context = TakesContext<F, Args...>;
  const auto held = std::make_shared<const F>(std::move(named.function));
  if constexpr (std::is_empty_v<F>) {
    out.identity = &kIdentity<F>;
  } else if constexpr (std::is_pointer_v<F>) {
    out.identity = reinterpret_cast<const void*>(*held);
  } else {
    out.identity = held.get();
    out.captures = true;
  }
  out.call = [held](std::span<const Value> values, const Context& context) {
    return call_typed<Args...>(*held, values, context);
  };
  return out;
}

template <class T>
inline constexpr bool is_named = false;
template <class F>
inline constexpr bool is_named<Named<F>> = true;

template <class F>
auto named(F&& function) {
  if constexpr (is_named<std::remove_cvref_t<F>>) {
    return std::forward<F>(function);
  } else {
    return Named<std::decay_t<F>>{{}, std::forward<F>(function), {}};
  }
}
template <std::convertible_to<std::string> Name, class F>
auto named(Name&& name, F&& function) {
  return fn(std::string(std::forward<Name>(name)), std::forward<F>(function));
}

/// What is inside the arguments of an operator: f, or a name and f, or fn(name, f).
template <class... F>
using function_t = decltype(detail::named(std::declval<F>()...).function);

// The parameters of a function that is no template, without a Context at the end.
template <class... Args>
struct Types {};
template <class... Args>
struct Values {
  using type = Types<std::remove_cvref_t<Args>...>;
};
template <class A>
struct Values<A, const Context&> {
  using type = Types<std::remove_cvref_t<A>>;
};
template <class A, class B>
struct Values<A, B, const Context&> {
  using type = Types<std::remove_cvref_t<A>, std::remove_cvref_t<B>>;
};
template <>
struct Values<const Context&> {
  using type = Types<>;
};
template <class F>
struct Signature : Signature<decltype(&F::operator())> {};
template <class R, class... Args>
struct Signature<R (*)(Args...)> : Values<Args...> {};
template <class R, class... Args>
struct Signature<R (*)(Args...) noexcept> : Values<Args...> {};
template <class R, class C, class... Args>
struct Signature<R (C::*)(Args...) const> : Values<Args...> {};
template <class R, class C, class... Args>
struct Signature<R (C::*)(Args...) const noexcept> : Values<Args...> {};

template <class F, class... Args>
Function bind_as(Named<F> named, Types<Args...>) {
  return bind<Args...>(std::move(named));
}

}  // namespace detail
}  // namespace thalweg
