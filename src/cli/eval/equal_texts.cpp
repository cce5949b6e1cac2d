#include "cli/eval/equal_texts.h"

#include <string_view>
#include <unordered_map>

namespace thalweg::cli {

std::vector<std::size_t> equal_texts(std::span<const std::string> texts) {
  std::unordered_map<std::string_view, std::size_t> first;
  std::vector<std::size_t> out;
  out.reserve(texts.size());
  for (const std::string& text : texts) out.push_back(first.emplace(text, out.size()).first->second);
  return out;
}

}  // namespace thalweg::cli
