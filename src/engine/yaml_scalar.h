#pragma once
// What an unquoted YAML scalar means: the core schema of YAML 1.2 (10.3.2).

#include <string>
#include <string_view>

#include "base/value.h"

namespace thalweg {

struct YamlScalar {
  bool is_number = false;
  Value value;
  std::string problem;  ///< set when it is a number that does not fit, which is never rounded
};

[[nodiscard]] YamlScalar plain_scalar(std::string_view text);

}  // namespace thalweg
