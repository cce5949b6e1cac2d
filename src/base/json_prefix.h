#pragma once
// Whether more of a document may follow.

#include <cstddef>
#include <string_view>

namespace thalweg {

/// How much of a text may stand at the beginning of a JSON document: the offset of the first byte that cannot, the text's size
/// when none is wrong. A text that breaks off inside a word, a number or a string counts as wrong where that begins.
[[nodiscard]] std::size_t json_prefix(std::string_view text);

}  // namespace thalweg
