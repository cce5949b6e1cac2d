#include "engine/compiler.h"

namespace thalweg {

namespace {
constexpr bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }
}  // namespace

void NameScan::words(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (!is_word(text[at])) {
      ++at;
      continue;
    }
    const std::size_t begin = at;
    while (at < text.size() && is_word(text[at])) ++at;
    if (begin > 0 && text[begin - 1] == '.') continue;  // a field
    if (const auto found = ids_.find(text.substr(begin, at - begin)); found != ids_.end()) found_.push_back(found->second);
  }
}

void NameScan::tags(std::string_view text) {
  for (std::size_t at = text.find('{'); at != std::string_view::npos && at + 1 < text.size(); at = text.find('{', at + 1)) {
    if (text[at + 1] != '{' && text[at + 1] != '%') continue;
    const std::size_t end = text.find(text[at + 1] == '{' ? "}}" : "%}", at + 2);
    words(text.substr(at + 2, end == std::string_view::npos ? end : end - at - 2));
    if (end == std::string_view::npos) return;
    at = end;
  }
}

void NameScan::any(const Node& node) {
  if (node.is_string()) {
    const std::string_view text = node.value.as_string();
    if (text.find("{{") != std::string_view::npos || text.find("{%") != std::string_view::npos) return tags(text);
    return words(text);
  }
  for (const Node& item : node.items) any(item);
  for (const Node::Member& member : node.members) any(member.node);
}

void NameScan::values(const Node& node) {
  if (node.is_string()) return tags(node.value.as_string());
  for (const Node& item : node.items) values(item);
  for (const Node::Member& member : node.members) values(member.node);
}

std::vector<std::uint32_t> NameScan::stage(const Node& stage, const Contract* contract) {
  found_.clear();
  for (const Node::Member& member : stage.members) {
    if (member.key != "with") {
      if (member.key != "id" && member.key != "uses") any(member.node);
      continue;
    }
    for (const Node::Member& given : member.node.members) {
      const Field* field = contract == nullptr ? nullptr : find_field(*contract, given.key);
      const Binding binding = field == nullptr ? Binding::value : field->binding;
      if (binding == Binding::value) values(given.node);
      if (binding != Binding::value && binding != Binding::constant) any(given.node);
    }
  }
  std::ranges::sort(found_);
  found_.erase(std::ranges::unique(found_).begin(), found_.end());
  return found_;
}

}  // namespace thalweg
