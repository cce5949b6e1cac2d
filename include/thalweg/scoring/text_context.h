#pragma once
// What scoring takes.

#include <cstdint>
#include <string>

#include "thalweg/codec.h"
#include "thalweg/value.h"

namespace thalweg {

namespace scoring {

/// A text to be scored, and what is known of it.
struct TextContext {
  std::string text{};
  std::int64_t step = 0;      ///< its place among the texts of a run, from 0
  Value meta = Value::map();  ///< a map; of a data set's sample: {id, metadata?}
};

}  // namespace scoring

/// {text: string, step: int?, meta: dyn?}
template <>
struct Codec<scoring::TextContext> {
  static std::string type();
  static Result<Value> encode(const scoring::TextContext& context);
  static Result<scoring::TextContext> decode(const Value& value);
};

}  // namespace thalweg
