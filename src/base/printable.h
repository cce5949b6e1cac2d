#pragma once
// Texts of others on a terminal: what would drive it is written out.

#include <string>
#include <string_view>

namespace thalweg {

/// The text with its control characters (but tabs and line ends) and what is no UTF-8 as escapes: `\x1b`, `\u009b`, `\xff`.
[[nodiscard]] std::string printable(std::string_view text);

/// The same on one line: line ends and tabs are escaped as well.
[[nodiscard]] std::string printable_line(std::string_view text);

}  // namespace thalweg
