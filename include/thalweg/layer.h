#pragma once
// A stage of one's own as a type, where a function would do but a name, a configuration or an interface is wanted.

#include <concepts>
#include <string>

#include "thalweg/codec.h"
#include "thalweg/context.h"
#include "thalweg/error.h"

namespace thalweg {

/// Takes an Input and gives an Output, from several threads at once. Stands wherever a pipeline takes a function; the name is
/// that of its stage.
///
///     struct Length {
///       using Input = scoring::TextContext;
///       using Output = std::size_t;
///       Result<std::size_t> process(const Input& input, const Context&) const { return input.text.size(); }
///       std::string name() const { return "length"; }
///     };
template <class L>
concept Layer =
    requires {
      typename L::Input;
      typename L::Output;
    } && Crosses<typename L::Input> && Crosses<typename L::Output> &&
    requires(const L& layer, const typename L::Input& input, const Context& context) {
      { layer.process(input, context) } -> std::convertible_to<Result<typename L::Output>>;
      { layer.name() } -> std::convertible_to<std::string>;
    };

}  // namespace thalweg
