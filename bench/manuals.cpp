#include "bench/manuals.h"

#include "documents/reader.h"

namespace thalweg::bench {

std::vector<std::string> manuals() {
  const documents::FindOptions html{.patterns = {"*.html"}, .exclude = {"genindex.html", "search.html"}};
  auto found = documents::find_files({"/usr/share/doc/debian-policy", "/usr/share/doc/debian/FAQ",
                                      "/usr/share/developers-reference", "/usr/share/debian-reference"},
                                     html);
  return found ? *found : std::vector<std::string>();
}

}  // namespace thalweg::bench
