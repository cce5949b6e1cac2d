#include "documents/document.h"

namespace thalweg::documents {

namespace {

// Bytes of white space at `at`: ASCII blanks, U+00A0, U+2000-200A, U+2028, U+2029, U+202F, U+3000; 0 when there is none.
std::size_t blank_at(std::string_view text, std::size_t at) noexcept {
  const auto byte = static_cast<unsigned char>(text[at]);
  if (byte == ' ' || (byte >= '\t' && byte <= '\r')) return 1;
  if (text.substr(at, 2) == "\u00A0") return 2;
  const std::string_view three = text.substr(at, 3);
  if (three.size() < 3) return 0;
  if (three == "\u2028" || three == "\u2029" || three == "\u202F" || three == "\u3000") return 3;
  return three.starts_with("\xE2\x80") && static_cast<unsigned char>(three[2]) <= 0x8A ? 3 : 0;
}

// Bytes of characters nobody sees: soft hyphen, zero-width space and joiners, byte order mark.
std::size_t unseen_at(std::string_view text, std::size_t at) noexcept {
  if (text.substr(at, 2) == "\u00AD") return 2;
  const std::string_view three = text.substr(at, 3);
  return three == "\u200B" || three == "\u200C" || three == "\u200D" || three == "\u2060" || three == "\uFEFF" ? 3 : 0;
}

}  // namespace

std::string single_spaced(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool pending = false;
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte > ' ' && byte < 0x7F) {
      if (pending && !out.empty()) out += ' ';
      pending = false;
      out += text[at++];
    } else if (const std::size_t blank = blank_at(text, at); blank != 0) {
      pending = true;
      at += blank;
    } else if (const std::size_t unseen = unseen_at(text, at); unseen != 0) {
      at += unseen;
    } else if (byte < ' ' || byte == 0x7F) {
      ++at;  // control characters, NUL among them
    } else {
      if (pending && !out.empty()) out += ' ';
      pending = false;
      out += text[at++];
    }
  }
  return out;
}

void Builder::heading(int level, std::string text) {
  if (text.empty()) return;
  while (!open_.empty() && open_.back().first >= level) open_.pop_back();
  open_.emplace_back(level, std::move(text));
  fresh_ = true;
}

Section& Builder::here() {
  if (fresh_ || sections_.empty()) {
    Section section;
    for (const auto& [level, title] : open_) section.titles.push_back(title);
    section.level = open_.empty() ? 0 : open_.back().first;
    sections_.push_back(std::move(section));
    fresh_ = false;
  } else {
    sections_.back().text += "\n\n";
  }
  return sections_.back();
}

void Builder::paragraph(std::string_view text) {
  const std::string line = single_spaced(text);
  if (!line.empty() && line != "-") here().text += line;
}

void Builder::layout(std::string_view text) {
  std::string lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    while (!line.empty() && (static_cast<unsigned char>(line.back()) <= ' ')) line.remove_suffix(1);
    if (line.empty()) continue;
    if (!lines.empty()) lines += '\n';
    for (const char c : line) {
      if (static_cast<unsigned char>(c) >= ' ' || c == '\t') lines += c;
    }
  }
  if (!lines.empty()) here().text += lines;
}

std::vector<Section> Builder::finish() {
  std::erase_if(sections_, [](const Section& section) { return section.text.empty(); });
  return std::move(sections_);
}

Value to_value(const Document& document) {
  std::vector<Value> sections;
  sections.reserve(document.sections.size());
  for (const Section& section : document.sections) {
    std::vector<Value> titles(section.titles.begin(), section.titles.end());
    sections.push_back(
        Value::map({{"titles", Value::list(std::move(titles))}, {"level", section.level}, {"text", section.text}}));
  }
  return Value::map({{"path", document.path},
                     {"title", document.title},
                     {"hash", document.hash},
                     {"sections", Value::list(std::move(sections))}});
}

namespace {
Result<std::string> text_field(const Value& value, std::string_view name) {
  const Value* field = value.find(name);
  if (field == nullptr || !field->is_string()) return fail(Code::invalid_argument, "a document needs '{}', a string", name);
  return std::string(field->as_string());
}
}  // namespace

Result<Document> document_from(const Value& value) {
  Document document;
  document.path = TRY(text_field(value, "path"));
  document.title = TRY(text_field(value, "title"));
  if (value.find("hash") != nullptr) document.hash = TRY(text_field(value, "hash"));
  const Value* sections = value.find("sections");
  if (sections == nullptr || !sections->is_list()) return fail(Code::invalid_argument, "a document needs 'sections', a list");
  for (const Value& item : sections->items()) {
    Section section;
    section.text = TRY(text_field(item, "text"));
    if (const Value* level = item.find("level"); level != nullptr && level->is_int())
      section.level = static_cast<int>(level->as_int());
    if (const Value* titles = item.find("titles"); titles != nullptr && titles->is_list()) {
      for (const Value& title : titles->items()) {
        if (title.is_string()) section.titles.emplace_back(title.as_string());
      }
    }
    document.sections.push_back(std::move(section));
  }
  return document;
}

}  // namespace thalweg::documents
