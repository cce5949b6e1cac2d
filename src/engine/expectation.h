#pragma once
// Whether an output is what a test expects.

#include <optional>
#include <string>
#include <vector>

#include "engine/definition.h"
#include "thalweg/value.h"

namespace thalweg {

struct Difference {
  std::string path;  ///< inside the output: "sources[0].title"; empty for the whole
  std::string message;
};

/// Compares. A scalar is met by an equal one (1 equals 1.0), a list item by item, a map field by field: fields not mentioned may
/// be anything. A map whose keys are all matchers is a matcher; every one must hold:
///
///     contains: what a string has in it, or an item of a list (any matcher)      equals: exactly this, no matchers inside
///     approx: a number, `within` of it (1e-6 of its size)                        matches: a regular expression, anywhere
///     type: a type, as in `input`          size: of a string (code points), list or map     each: what every item is
///     at_least, at_most: bounds            not: what it is not                   one_of: a list of alternatives
///     absent: true, as a field of a map: it is not there, or null
///
/// A text stands for the timestamp, duration or bytes that it is the text of, and for a key that is an int or a bool.
/// Write `equals` around a map that only looks like a matcher.
[[nodiscard]] std::vector<Difference> check_expectation(const Value& expect, const Value& actual);

/// "path: message" a line.
[[nodiscard]] std::string differences_text(const std::vector<Difference>& differences);

struct ExpectationProblem {
  const Node* node;
  std::string message;
};
/// What is wrong with the expectation itself: a pattern, a type, a bound that is none.
[[nodiscard]] std::vector<ExpectationProblem> expectation_problems(const Node& expect);

}  // namespace thalweg
