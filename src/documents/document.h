#pragma once
// What a reader makes of a file: a title and sections of plain text.

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "thalweg/value.h"

namespace thalweg::documents {

/// A stretch of text under one heading. The text is UTF-8; its blocks are parted by one empty line:
///   a paragraph is one line,
///   a list item is one line that begins with "- " ("- term: ..." for definitions),
///   code, tables ("cell | cell") and other laid-out text have several lines and no empty ones.
struct Section {
  std::vector<std::string> titles;  ///< headings from the outermost to this section's own; empty before the first heading
  int level = 0;                    ///< of its own heading, 1..6; 0 before the first heading
  std::string text;
};

struct Document {
  std::string path;
  std::string title;
  std::string hash;  ///< of the file's bytes: 16 hex digits
  std::vector<Section> sections;
};

/// {path, title, hash, sections: [{titles, level, text}]}
[[nodiscard]] Value to_value(const Document& document);
/// The reverse. invalid_argument names what is missing.
[[nodiscard]] Result<Document> document_from(const Value& value);

/// Collects headings and blocks in reading order.
class Builder {
 public:
  /// A heading of level 1 (outermost) to 6. Empty ones are dropped.
  void heading(int level, std::string text);
  /// One line. White space in it is made single spaces; an empty one is dropped.
  void paragraph(std::string_view text);
  /// Several lines, kept as they are but for blanks at their ends and empty lines.
  void layout(std::string_view text);
  /// Sections without text are left out.
  [[nodiscard]] std::vector<Section> finish();

 private:
  Section& here();
  std::vector<Section> sections_;
  std::vector<std::pair<int, std::string>> open_;  // headings around this place
  bool fresh_ = true;                              // a heading came since the last block
};

/// Single spaces for every run of white space (no-break space too), none at the ends; soft hyphens and zero-width characters go.
[[nodiscard]] std::string single_spaced(std::string_view text);

}  // namespace thalweg::documents
