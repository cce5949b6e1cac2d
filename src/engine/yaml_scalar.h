#pragma once
// What a YAML scalar means: the core schema of YAML 1.2 (10.3.2) and its tags.

#include <string>
#include <string_view>

#include "thalweg/value.h"

namespace thalweg {

struct YamlScalar {
  bool is_number = false;
  Value value;
  std::string problem;  ///< set when it is a number that does not fit, which is never rounded
};

[[nodiscard]] YamlScalar plain_scalar(std::string_view text);

/// The same with the tag (in full, empty when there is none) that stands before it: `!!int "7"` is 7, `!!str 7` a text.
[[nodiscard]] YamlScalar tagged_scalar(std::string_view text, bool plain, std::string_view tag);

/// What is wrong with a list's or map's tag; empty when nothing is.
[[nodiscard]] std::string collection_tag_problem(std::string_view tag, bool list);

}  // namespace thalweg
