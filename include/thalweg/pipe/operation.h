#pragma once
// What operators take: functions, named functions, layers, other pipes. Part of pipe.h.

#include <chrono>
#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "thalweg/codec.h"
#include "thalweg/layer.h"
#include "thalweg/sketch.h"

namespace thalweg {

template <class In, class Cur>
class Pipe;

/// A value that is on its way: what `fork` gives, until `wait`.
template <class T>
struct Forked {};

namespace detail {

template <class T>
inline constexpr bool is_pipe = false;
template <class In, class Cur>
inline constexpr bool is_pipe<Pipe<In, Cur>> = true;
template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;
template <class T>
inline constexpr bool is_forked = false;
template <class T>
inline constexpr bool is_forked<Forked<T>> = true;

template <class T>
struct Inside {};
template <class T>
struct Inside<std::vector<T>> {
  using type = T;
};
template <class T>
struct Inside<std::optional<T>> {
  using type = T;
};
template <>
struct Inside<std::expected<void, Error>> {
  using type = std::monostate;
};
template <class T>
struct Inside<std::expected<T, Error>> {
  using type = T;
};
template <class T>
struct Inside<Forked<T>> {
  using type = T;
};
template <class T>
using inside_t = typename Inside<T>::type;

/// What takes a T: f, or a name and f, or fn(name, f), or a Pipe that begins with a T.
template <class T, class... F>
struct Operation {};
template <class T, class... F>
  requires requires { typename function_t<F...>; } && Callable<function_t<F...>, T>
struct Operation<T, F...> {
  using type = outcome_t<function_t<F...>, T>;
  static Steps steps(F... f) {
    return std::make_shared<const Step>(Step{.functions = {bind<T>(detail::named(std::forward<F>(f)...))}});
  }
};
template <class T, class P>
  requires is_pipe<std::remove_cvref_t<P>> && std::same_as<typename std::remove_cvref_t<P>::Input, T>
struct Operation<T, P> {
  using type = typename std::remove_cvref_t<P>::Output;
  static Steps steps(const P& pipe) { return pipe.steps(); }
};
template <class T, class L>
  requires Layer<std::remove_cvref_t<L>> && std::same_as<typename std::remove_cvref_t<L>::Input, T> &&
           (!Callable<std::decay_t<L>, T>)
struct Operation<T, L> {
  using type = typename std::remove_cvref_t<L>::Output;
  static Steps steps(const L& layer) {
    return std::make_shared<const Step>(
        Step{.functions = {bind<T>(fn(std::string(layer.name()), [layer](const T& input, const Context& context) {
               return Result<type>(layer.process(input, context));
             }))}});
  }
};
template <class T, class... F>
concept Operates = requires { typename Operation<T, F...>::type; };
template <class T, class... F>
using operation_t = typename Operation<T, F...>::type;

template <class T, class... F>
concept Predicate = requires { typename function_t<F...>; } && Callable<function_t<F...>, T> &&
                    std::same_as<outcome_t<function_t<F...>, T>, bool>;

template <class... Args, class... F>
Function function(F&&... f) {
  return bind<Args...>(detail::named(std::forward<F>(f)...));
}

/// Keeps what is made inside an operator from going into vectors of other types.
template <class In, class Cur>
struct FanOut;
template <class In, class Cur, class Out>
class Fan;
template <class In, class Cur, class Out>
class Fork;
template <class In, class Cur, class Out>
class Router;
template <class In, class Cur>
class When;
template <class In, class Cur, class Out>
class Then;
template <class In, class Cur>
class Retrying;

constexpr Nanos nanos(std::chrono::nanoseconds span) noexcept { return span.count(); }

}  // namespace detail
}  // namespace thalweg
