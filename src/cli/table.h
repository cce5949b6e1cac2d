#pragma once
// Columns of text.

#include <string>
#include <vector>

namespace thalweg::cli {

enum class Align : std::uint8_t { left, right };

/// Rows of cells, each column as wide as what stands in it and two spaces from the next; the first column to the left, the others
/// as said. A row of one cell is a line of its own, whatever its width. Every row ends with a line end.
/// Control characters in cells are written out.
[[nodiscard]] std::string table(std::vector<std::vector<std::string>> rows, Align others = Align::right);

}  // namespace thalweg::cli
