#include <algorithm>
#include <cctype>
#include <optional>

#include "documents/readers.h"

namespace thalweg::documents {

namespace {

std::string_view trimmed(std::string_view line) {
  while (!line.empty() && static_cast<unsigned char>(line.front()) <= ' ') line.remove_prefix(1);
  while (!line.empty() && static_cast<unsigned char>(line.back()) <= ' ') line.remove_suffix(1);
  return line;
}

// The level of a line of at least three equal marks: 1 for ===, ***, ###, 2 for ---, ~~~; 0 for anything else.
int underline_level(std::string_view line) {
  line = trimmed(line);
  if (line.size() < 3 || line.find_first_not_of(line.front()) != std::string_view::npos) return 0;
  return line.front() == '=' || line.front() == '*' || line.front() == '#' ? 1
         : line.front() == '-' || line.front() == '~'                      ? 2
                                                                           : 0;
}

// "2.3. Name" and "2.3 Name" at the line's start: as many levels as numbers. Sentences are longer or end with a full stop.
int numbered_level(std::string_view line) {
  if (line.size() > 80 || line.empty() || !std::isdigit(static_cast<unsigned char>(line.front()))) return 0;
  int level = 0;
  std::size_t at = 0;
  while (at < line.size() && std::isdigit(static_cast<unsigned char>(line[at]))) {
    while (at < line.size() && std::isdigit(static_cast<unsigned char>(line[at]))) ++at;
    ++level;
    if (at < line.size() && line[at] == '.') ++at;
  }
  if (at >= line.size() || line[at] != ' ') return 0;
  const std::string_view name = trimmed(line.substr(at));
  if (name.empty() || !std::isupper(static_cast<unsigned char>(name.front())) || name.ends_with('.') || name.contains("...."))
    return 0;
  return level >= 2 || line[at - 1] == '.' ? std::min(level, 6) : 0;
}

bool is_item(std::string_view line) {
  line = trimmed(line);
  return line.starts_with("- ") || line.starts_with("* ") || line.starts_with("\u2022 ") || line.starts_with("+ ");
}

// Laid out rather than running text: most lines have wide gaps or are indented more than the first.
bool laid_out(const std::vector<std::string_view>& lines) {
  if (lines.size() < 2) return false;
  const auto wide = std::ranges::count_if(lines, [](std::string_view line) {
    return line.starts_with("      ") || line.starts_with('\t') || trimmed(line).contains("   ") || trimmed(line).contains('|');
  });
  return 2 * static_cast<std::size_t>(wide) > lines.size();
}

class Reader {
 public:
  void line(std::string_view text) {
    if (trimmed(text).empty()) {
      block();
    } else if (const int level = underline_level(text); level != 0 && lines_.size() == 1) {
      heading(level, trimmed(lines_.front()));
      lines_.clear();
    } else if (level != 0 && lines_.empty()) {
      return;  // a rule
    } else {
      if (is_item(text)) block();
      lines_.push_back(text);
    }
  }

  Document finish() {
    block();
    document_.sections = builder_.finish();
    return std::move(document_);
  }

 private:
  void heading(int level, std::string_view text) {
    std::string title = single_spaced(text);
    if (document_.title.empty()) document_.title = title;
    builder_.heading(level, std::move(title));
  }

  void block() {
    if (lines_.empty()) return;
    if (lines_.size() == 1) {
      if (const int level = numbered_level(lines_.front()); level != 0) {
        heading(level, lines_.front());
        lines_.clear();
        return;
      }
    }
    std::string text;
    const bool layout = laid_out(lines_);
    for (const auto& one : lines_) {
      text += one;
      text += '\n';
    }
    if (layout) {
      builder_.layout(text);
    } else {
      std::string_view body = trimmed(text);
      const bool item = is_item(body);
      if (item) body.remove_prefix(body.find(' ') + 1);
      builder_.paragraph((item ? "- " : "") + std::string(body));
    }
    lines_.clear();
  }

  Document document_;
  Builder builder_;
  std::vector<std::string_view> lines_;
};

}  // namespace

Result<Document> read_plain(std::string_view text) {
  Reader reader;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    reader.line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return reader.finish();
}

}  // namespace thalweg::documents
