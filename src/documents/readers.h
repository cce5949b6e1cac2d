#pragma once
// One reader per format: UTF-8 text to a document's title and sections.

#include <string_view>

#include "base/error.h"
#include "documents/document.h"

namespace thalweg::documents {

/// HTML and XHTML, however broken. Navigation, scripts, styles, page headers and footers, tables of contents and alphabetical
/// indexes are left out. Errors: invalid_argument when it is nested or attributed beyond what any document needs (which would
/// take minutes).
[[nodiscard]] Result<Document> read_html(std::string_view text);

/// Markdown as GitHub writes it, with tables.
[[nodiscard]] Result<Document> read_markdown(std::string_view text);

/// Plain text: blocks parted by empty lines; lines underlined with === or --- and short numbered lines ("2.3. Name") are
/// headings.
[[nodiscard]] Result<Document> read_plain(std::string_view text);

}  // namespace thalweg::documents
