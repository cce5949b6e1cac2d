#pragma once
// Bytes to UTF-8.

#include <string>
#include <string_view>

#include "base/error.h"

namespace thalweg::documents {

/// The text as UTF-8, by the first of these that decides: a byte order mark; UTF-16 told by its zero bytes; valid UTF-8; for HTML
/// the charset its head declares; windows-1252. Bytes that stand for nothing become U+FFFD.
[[nodiscard]] Result<std::string> to_utf8(std::string bytes, bool html);

/// What a file that is no text is, by its first bytes ("a PDF document", "a PNG image", ...), or "" when it may be text.
[[nodiscard]] std::string_view binary_kind(std::string_view bytes) noexcept;

}  // namespace thalweg::documents
