#pragma once
// Debian's manuals as the tests read them.

#include <string>
#include <vector>

#include "documents/passages.h"
#include "documents/reader.h"

namespace thalweg::documents {

inline const std::vector<std::string> kManuals{"/usr/share/doc/debian-policy", "/usr/share/doc/debian/FAQ",
                                               "/usr/share/developers-reference", "/usr/share/debian-reference"};

inline Result<std::vector<Document>> read_manuals() {
  std::vector<Document> documents;
  const std::vector<std::string> files =
      TRY(find_files(kManuals, {.patterns = {"*.html"}, .exclude = {"genindex.html", "search.html"}}));
  for (const std::string& path : files) {
    documents.push_back(TRY(read_file(path)));
  }
  return documents;
}

}  // namespace thalweg::documents
