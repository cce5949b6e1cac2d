#pragma once
// What the tests of typed pipelines share.

#include <doctest/doctest.h>

#include <string>

#include "thalweg/thalweg.h"

namespace test {

/// One for all cases of a file that need no time: functions of other files may have the same names.
[[maybe_unused]] static const thalweg::Runtime& runtime() {
  static const thalweg::Runtime made(2);
  return made;
}

template <class In, class Cur>
static thalweg::Pipeline<In, Cur> built(const thalweg::Pipe<In, Cur>& pipe, const thalweg::Runtime& on = runtime()) {
  auto made = pipe.build(on);
  REQUIRE_MESSAGE(made.has_value(), (made ? "" : made.error().text()));
  return *made;
}

/// What the pipeline gives for that input.
template <class In, class Cur>
static thalweg::Result<Cur> run(const thalweg::Pipe<In, Cur>& pipe, const In& input) {
  return built(pipe).run(input);
}

/// The words of what build() refuses.
template <class In, class Cur>
static std::string refused(const thalweg::Pipe<In, Cur>& pipe, const thalweg::Runtime& on = runtime()) {
  const auto made = pipe.build(on);
  return made ? "built" : made.error().text();
}

/// "42", or "NOT_FOUND: words".
template <class T>
std::string told(const thalweg::Result<T>& result) {
  if (!result) return std::string(thalweg::info(result.error().code()).name) + ": " + result.error().message();
  return thalweg::to_json(*thalweg::detail::encode<T>(*result)).value();
}

}  // namespace test
