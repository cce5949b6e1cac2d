#pragma once
// What several stages need: whole numbers in range, and stopping in long loops.

#include <cstdint>
#include <string_view>

#include "engine/stage.h"

namespace thalweg::stages {

/// A whole number of at least `least`.
inline Result<std::size_t> count_in(const Value& value, std::string_view name, std::int64_t least) {
  if (!value.is_int() || value.as_int() < least) {
    return fail(Code::invalid_argument, "'{}' must be a whole number of at least {}", name, least);
  }
  return static_cast<std::size_t>(value.as_int());
}

/// For Field::limits: a closed set of names, a bound.
template <class Names>
Value one_of(const Names& names) {
  return Value::map({{"enum", Value::list(std::vector<Value>(std::begin(names), std::end(names)))}});
}
inline Value at_least(std::int64_t least) { return Value::map({{"minimum", least}}); }

/// Asks every 1,000 items whether the run is to stop.
class Pace {
 public:
  explicit Pace(const Context& context) : context_(context) {}
  Result<> step() { return ++count_ % kItems == 0 ? context_.check() : Result<>(); }

 private:
  static constexpr std::uint32_t kItems = 1'000;
  const Context& context_;
  std::uint32_t count_ = 0;
};

/// Adds which item it was.
inline Error at_item(const Error& error, std::size_t index) { return error.at(fmt::format("items[{}]", index)); }

/// An index as a value.
inline Value number(std::size_t count) { return Value(static_cast<std::int64_t>(count)); }

/// The locals of the stages that walk over `items`.
inline std::vector<Local> item_locals() { return {{"item", Type(), "items"}, {"index", Type(Type::Kind::integer), ""}}; }

}  // namespace thalweg::stages
