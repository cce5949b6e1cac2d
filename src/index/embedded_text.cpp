#include "index/embedded_text.h"

#include "text/sentences.h"

namespace thalweg::index {

namespace {

constexpr std::size_t kShortest = 12;  // bytes of a sentence that says something

}  // namespace

std::vector<std::string> embedded_texts(const Value& passage) {
  const std::string_view title = passage.find("title")->as_string();
  const std::string_view section = passage.find("section")->as_string();
  const std::string_view text = passage.find("text")->as_string();
  std::string whole(title);
  if (!section.empty() && section != title) whole += fmt::format("{}{}", whole.empty() ? "" : " > ", section);
  if (!whole.empty()) whole += "\n\n";
  whole += text;
  std::vector<std::string> all{std::move(whole)};

  const std::size_t cut = section.rfind(" > ");
  const std::string_view inner = section.empty() ? title : cut == std::string_view::npos ? section : section.substr(cut + 3);
  const auto add = [&](std::string_view sentence) {
    if (sentence.size() < kShortest) return;
    all.push_back(inner.empty() ? std::string(sentence) : fmt::format("{}: {}", inner, sentence));
  };
  for (const text::Block& block : text::blocks(text)) {
    if (block.kind == text::BlockKind::layout) {
      add(block.span.in(text));
    } else {
      for (const text::Span& span : text::sentences(text, block)) add(span.in(text));
    }
  }
  return all;
}

}  // namespace thalweg::index
