#pragma once
// Rows of data sets as text.

#include <string>
#include <string_view>

#include "base/format.h"

namespace thalweg::scoring::test {

/// A good row in JSON; `more` stands behind its fields.
inline std::string row(std::string_view id, std::string_view more = "") {
  return fmt::format(
      R"({{"id": "{}", "text": "t", "expected_decision": "accept", "expected_labels": ["a"], "primary_category": "c"{}}})", id,
      more);
}

}  // namespace thalweg::scoring::test
