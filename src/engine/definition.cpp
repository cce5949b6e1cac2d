#include "engine/definition.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <tuple>

namespace thalweg {

const Node* Node::find(std::string_view key) const noexcept {
  for (const Member& member : members) {
    if (member.key == key) return &member.node;
  }
  return nullptr;
}

Value Node::to_value() const {
  switch (kind) {
    case Kind::scalar:
      return value;
    case Kind::list: {
      std::vector<Value> values;
      values.reserve(items.size());
      for (const Node& item : items) values.push_back(item.to_value());
      return Value::list(std::move(values));
    }
    case Kind::map: {
      std::vector<Entry> entries;
      entries.reserve(members.size());
      for (const Member& member : members) entries.push_back({Value(member.key), member.node.to_value()});
      return Value::map(std::move(entries));
    }
  }
  return {};
}

namespace {

// Walks a scalar's text in the file in step with its value. Each step stands on the raw bytes of one byte of the value.
class ScalarWalk {
 public:
  ScalarWalk(std::string_view text, const Node& scalar)
      : text_(text), style_(scalar.style), place_(scalar.place), at_(scalar.begin), block_(false) {
    if (style_ == Node::Style::single_quoted || style_ == Node::Style::double_quoted) place_.column += 1;
    if (style_ == Node::Style::literal || style_ == Node::Style::folded) {
      block_ = true;
      indent_ = place_.column - 1;
    }
  }

  Place walk(std::string_view value, std::size_t offset) {
    for (std::size_t i = 0; i < std::min(offset, value.size()); ++i) step(value[i]);
    // Line breaks that were folded away in front of the next byte belong to the byte before.
    if (offset < value.size() && !is_blank(value[offset])) skip_folded(value[offset]);
    return place_;
  }

 private:
  static bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\t'; }
  [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }

  void advance() {
    const char c = text_[at_++];
    if (c == '\n') {
      ++place_.line;
      place_.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
      ++place_.column;
    }
  }

  void skip_indent() {
    while (!at_end() && (text_[at_] == ' ' || text_[at_] == '\t') && (!block_ || place_.column <= indent_)) advance();
  }

  // The line break at the walk's place, perhaps behind blanks that folding drops.
  bool at_break() const {
    std::size_t i = at_;
    while (!block_ && i < text_.size() && (text_[i] == ' ' || text_[i] == '\t')) ++i;
    if (i < text_.size() && text_[i] == '\r') ++i;
    return i < text_.size() && text_[i] == '\n';
  }

  void skip_break() {
    while (!at_end() && text_[at_] != '\n') advance();
    if (!at_end()) advance();
    skip_indent();
  }

  void skip_folded(char next) {
    while (!at_end() && text_[at_] != next && (at_break() || escaped_break())) skip_break();
  }

  [[nodiscard]] bool escaped_break() const {
    return style_ == Node::Style::double_quoted && text_[at_] == '\\' && at_ + 1 < text_.size() &&
           (text_[at_ + 1] == '\n' || text_[at_ + 1] == '\r');
  }

  void step(char c) {
    if (at_end()) return;
    if (pending_ > 0) {  // a later byte of an escaped character: the escape was passed with the first
      --pending_;
      return;
    }
    if ((c == ' ' || c == '\n') && at_break()) return skip_break();
    if (!is_blank(c)) skip_folded(c);
    if (at_end()) return;
    if (style_ == Node::Style::double_quoted && text_[at_] == '\\') return escape(c);
    if (style_ == Node::Style::single_quoted && text_[at_] == '\'') advance();
    if (!at_end()) advance();
  }

  void escape(char first) {
    const char kind = at_ + 1 < text_.size() ? text_[at_ + 1] : '\\';
    std::size_t length = 2 + (kind == 'x' ? 2U : kind == 'u' ? 4U : kind == 'U' ? 8U : 0U);
    const auto lead = static_cast<unsigned char>(first);
    pending_ = lead >= 0xF0U ? 3 : lead >= 0xE0U ? 2 : lead >= 0xC0U ? 1 : 0;
    if (kind == 'u' && pending_ == 3) length = 12;  // a surrogate pair
    for (; length > 0 && !at_end(); --length) advance();
  }

  std::string_view text_;
  Node::Style style_;
  Place place_;
  std::size_t at_;
  bool block_;
  std::uint32_t indent_ = 0;
  std::size_t pending_ = 0;
};

}  // namespace

Place Definition::place_in(const Node& scalar, std::size_t offset) const {
  if (!scalar.is_string() || scalar.place.line == 0) return scalar.place;
  return ScalarWalk(text, scalar).walk(scalar.value.as_string(), offset);
}

Error problems_error(std::string_view file, std::vector<Problem> problems) {
  std::ranges::sort(problems, {}, [](const Problem& p) { return std::tie(p.place, p.path, p.message); });
  std::string text;
  for (const Problem& problem : problems) {
    if (!text.empty()) text += '\n';
    fmt::format_to(std::back_inserter(text), "{}:{}:{}: ", file, problem.place.line, problem.place.column);
    if (!problem.path.empty()) fmt::format_to(std::back_inserter(text), "{}: ", problem.path);
    text += problem.message;
  }
  return {Code::invalid_argument, std::move(text)};
}

Result<Definition> read_definition(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::unexpected(system_error(errno, fmt::format("cannot open {}", path)));
  std::string text;
  ssize_t got = 0;
  do {
    const std::size_t filled = text.size();
    text.resize(filled + (filled == 0 ? 16'384 : filled));
    do {
      got = ::read(fd, text.data() + filled, text.size() - filled);
    } while (got < 0 && errno == EINTR);
    text.resize(filled + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  } while (got > 0 && text.size() <= kMaxDefinitionBytes);
  const int error = errno;
  ::close(fd);
  if (got < 0) return std::unexpected(system_error(error, fmt::format("cannot read {}", path)));
  return parse_definition(path, std::move(text));
}

}  // namespace thalweg
