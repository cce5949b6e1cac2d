#pragma once
// A look over HTML before it is parsed: the parser takes quadratic time on very deep nesting and on very many attributes.

#include <string_view>

#include "base/error.h"

namespace thalweg::documents {

inline constexpr std::size_t kMostHtmlDepth = 5'000;       ///< 26 ms of parsing; 100,000 take 10 s
inline constexpr std::size_t kMostHtmlAttributes = 5'000;  ///< in one tag: 35 ms; 20,000 take 0.6 s

/// invalid_argument with the offset where a limit is passed.
[[nodiscard]] Result<> check_html(std::string_view text);

}  // namespace thalweg::documents
