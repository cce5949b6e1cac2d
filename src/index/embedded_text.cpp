#include "index/embedded_text.h"

namespace thalweg::index {

std::string embedded_text(const Value& passage) {
  const std::string_view title = passage.find("title")->as_string();
  const std::string_view section = passage.find("section")->as_string();
  const std::string_view text = passage.find("text")->as_string();
  std::string all(title);
  if (!section.empty() && section != title) all += (all.empty() ? "" : " > ") + std::string(section);
  if (!all.empty()) all += "\n\n";
  all += text;
  return all;
}

}  // namespace thalweg::index
