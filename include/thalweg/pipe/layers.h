#pragma once
// The operators that end a pipeline in one result with an entry for each of its layers. Part of pipe.h.

#include <concepts>
#include <string>
#include <utility>

#include "thalweg/pipe/operation.h"

namespace thalweg {

namespace scoring {
class PipelineResult;
}
template <>
struct Codec<scoring::PipelineResult>;  // thalweg/scoring.h

namespace detail {

template <class In, class Cur>
class LayerOperators {
 public:
  /// What f makes of the value, or its failure, becomes the layer `name` of what collect() gives; the value itself goes on.
  ///
  ///     pipe<TextContext>("gate").layer("score", config.pipe()).layer("length", "characters", characters).collect()
  template <class... F>
    requires(sizeof...(F) > 0) && Operates<Cur, F...>
  Pipe<In, Cur> layer(std::string name, F&&... f) const {
    return pipe().template part<Cur>(
        {.does = Does::layer, .parts = {Operation<Cur, F...>::steps(std::forward<F>(f)...)}, .text = std::move(name)});
  }
  /// The value itself becomes that layer; of a Result its value or its error.
  Pipe<In, Cur> layer(std::string name) const {
    return pipe().template part<Cur>({.does = Does::layer, .text = std::move(name), .flag = is_result<Cur>});
  }
  /// A Layer, under its own name.
  template <class L>
    requires Layer<L> && Operates<Cur, L>
  Pipe<In, Cur> layer(const L& of) const {
    return layer(std::string(of.name()), of);
  }

  /// Ends in a PipelineResult (thalweg/scoring.h) of all layers before, with `meta`, a map, as the metadata of the whole. An
  /// entry that is a map with a `meta`, as scoring gives it, keeps that as its own. The runtime has the stage types of the
  /// program (StageTypes::all()).
  Pipe<In, scoring::PipelineResult> collect(Value meta = Value::map()) const {
    return pipe().template part<scoring::PipelineResult>({.does = Does::collect, .value = std::move(meta)});
  }

 private:
  const Pipe<In, Cur>& pipe() const { return static_cast<const Pipe<In, Cur>&>(*this); }
};

}  // namespace detail
}  // namespace thalweg
