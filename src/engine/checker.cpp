#include "engine/checker.h"

#include <array>
#include <cmath>

#include "base/time_text.h"
#include "base/utf8.h"

namespace thalweg {

namespace {

// Words of the expression language and names the engine gives: no stage may be called so.
constexpr std::array<std::string_view, 23> kReserved{
    "input",    "now", "true",   "false", "null", "in",      "as",        "break",  "const", "continue", "else", "for",
    "function", "if",  "import", "let",   "loop", "package", "namespace", "return", "var",   "void",     "while"};

constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The byte a line and column (code points) of a text stand for.
std::size_t offset_of(std::string_view text, std::size_t line, std::size_t column) {
  std::size_t at = 0;
  for (; line > 1; --line) {
    const std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) break;
    at = end + 1;
  }
  for (; column > 1 && at < text.size(); --column) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) ++at;
  }
  return at;
}

}  // namespace

std::string Path::text() const {
  std::string before = outer == nullptr ? std::string() : outer->text();
  if (outer == nullptr) return before;
  if (key.empty()) return fmt::format("{}[{}]", before, index);
  return before.empty() ? utf8::cut(key) : fmt::format("{}.{}", before, utf8::cut(key));
}

std::optional<Nanos> parse_span(std::string_view text) {
  if (text.empty() || !(is_digit(text[0]) || text[0] == '.') || !is_letter(text.back()))
    return {};  // no sign; a unit also behind 0
  const auto duration = parse_duration(text, DurationUnits::with_days);
  if (!duration || duration->seconds >= kNever / kSecond) return {};
  return duration->seconds * kSecond + duration->nanos;
}

std::vector<std::string> code_names() {
  std::vector<std::string> names;
  for (int i = 1; i <= 16; ++i) {
    std::string name(info(static_cast<Code>(i)).name);
    names.push_back(name);
    std::ranges::transform(name, name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    names.push_back(std::move(name));
  }
  return names;
}

Result<Code> read_code(std::string_view text) {
  std::string upper(text);
  std::ranges::transform(upper, upper.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  const bool one_case = upper == text || std::ranges::none_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
  const Code code = one_case ? code_named(upper) : Code::ok;
  if (code != Code::ok) return code;
  std::vector<std::string_view> names;
  for (int i = 1; i <= 16; ++i) names.push_back(info(static_cast<Code>(i)).name);
  return fail(Code::invalid_argument, "unknown error code '{}'{}", utf8::cut(text), hint(upper, names));
}

std::string_view kind_of(const Node& node) noexcept {
  switch (node.kind) {
    case Node::Kind::list:
      return "a list";
    case Node::Kind::map:
      return "a map";
    case Node::Kind::scalar:
      break;
  }
  switch (node.value.kind()) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return "a bool";
    case Kind::integer:
    case Kind::unsigned_integer:
      return "an int";
    case Kind::real:
      return "a double";
    default:
      return "a string";
  }
}

void Checker::report(Place place, const Path& path, std::string message) {
  problems_.push_back({place, path.text(), std::move(message)});
}

void Checker::report_source(const Node& scalar, const Path& path, const std::vector<lang::SourceError>& found) {
  for (const lang::SourceError& problem : found) {
    const Place place = scalar.is_string()
                            ? definition_.place_in(scalar, offset_of(scalar.value.as_string(), problem.line, problem.column))
                            : scalar.place;
    report(place, path, problem.message);
  }
}

void Checker::wrong_form(const Node& node, const Path& path, std::string_view wanted) {
  report(node.place, path, fmt::format("must be {}, not {}", wanted, kind_of(node)));
}

bool Checker::block(const Node& node, const Path& path, const Block& block) {
  if (node.kind != Node::Kind::map) {
    wrong_form(node, path, fmt::format("a map ({})", block.name));
    return false;
  }
  for (const Node::Member& member : node.members) {
    if (block.find(member.key) != nullptr) continue;
    std::vector<std::string_view> names;
    for (const Key& key : block.keys) names.push_back(key.name);
    report(member.place, path,
           fmt::format("unknown key '{}' in {}{}", utf8::cut(member.key), block.name, hint(member.key, names)));
  }
  for (const Key& key : block.keys) {
    if (key.required && node.find(key.name) == nullptr) {
      report(node.place, path, fmt::format("the key '{}' is missing: {}", key.name, describe(key.form)));
    }
  }
  if (!block.one_of.empty()) {
    std::size_t given = 0;
    std::string names;
    for (const std::string_view key : block.one_of) {
      given += node.find(key) != nullptr ? 1 : 0;
      names += fmt::format("{}'{}'", names.empty() ? "" : " or ", key);
    }
    if (given != 1) report(node.place, path, fmt::format("exactly one of {} must be there", names));
  }
  return true;
}

std::optional<std::string> Checker::text(const Node& node, const Path& path) {
  if (node.is_string()) return std::string(node.value.as_string());
  const bool quotes_help = node.kind == Node::Kind::scalar && !node.is_null();
  report(node.place, path, fmt::format("must be a string, not {}{}", kind_of(node), quotes_help ? "; write it in quotes" : ""));
  return {};
}

std::optional<std::string> Checker::name(const Node& node, const Path& path) {
  auto found = text(node, path);
  if (!found) return {};
  const auto fits = [](char c) { return is_letter(c) || is_digit(c) || c == '.' || c == '_' || c == '-' || c == '/'; };
  if (!found->empty() && found->size() <= 200 && (is_letter(found->front()) || is_digit(found->front())) &&
      std::ranges::all_of(*found, fits)) {
    return found;
  }
  report(node.place, path, fmt::format("'{}' is no name: letters, digits and . _ - /, at most 200", utf8::cut(*found)));
  return {};
}

std::optional<std::string> Checker::id(const Node& node, const Path& path) {
  auto found = text(node, path);
  if (!found) return {};
  const auto fits = [](char c) { return is_letter(c) || is_digit(c) || c == '_'; };
  if (found->empty() || found->size() > 100 || is_digit(found->front()) || !std::ranges::all_of(*found, fits)) {
    std::string better = *found;
    std::ranges::replace_if(better, [&](char c) { return !fits(c); }, '_');
    if (!better.empty() && is_digit(better.front())) better.insert(0, "_");
    report(node.place, path,
           fmt::format("'{}' is no id: letters, digits and _, not beginning with a digit, at most 100{}", utf8::cut(*found),
                       better.empty() || better == *found ? "" : fmt::format("; did you mean '{}'?", utf8::cut(better))));
    return {};
  }
  if (std::ranges::find(kReserved, *found) != kReserved.end()) {
    report(node.place, path, fmt::format("'{}' is a reserved word; choose another id", *found));
    return {};
  }
  return found;
}

std::optional<Nanos> Checker::span(const Node& node, const Path& path) {
  if (!node.is_string()) {
    wrong_form(node, path, "a duration with its unit, such as 20s, 1.5m or 100ms");
    return {};
  }
  const auto found = parse_span(node.value.as_string());
  if (!found) {
    report(node.place, path,
           fmt::format("'{}' is no duration; write 20s, 1.5m or 100ms (units ns, us, ms, s, m, h, d)",
                       utf8::cut(node.value.as_string())));
  } else if (*found <= 0) {
    report(node.place, path, "the duration must be longer than nothing");
    return {};
  }
  return found;
}

std::optional<std::uint32_t> Checker::count(const Node& node, const Path& path, const Key& key) {
  const auto least = static_cast<std::int64_t>(key.least);
  if (node.kind != Node::Kind::scalar || !node.value.is_int()) {
    wrong_form(node, path, "an int");
    return {};
  }
  if (node.value.as_int() < least || node.value.as_int() > 1'000'000) {
    report(node.place, path, fmt::format("must be from {} to 1000000, not {}", least, node.value.as_int()));
    return {};
  }
  return static_cast<std::uint32_t>(node.value.as_int());
}

std::optional<double> Checker::number(const Node& node, const Path& path, const Key& key) {
  if (node.kind != Node::Kind::scalar || !node.value.is_number()) {
    wrong_form(node, path, "a number");
    return {};
  }
  const double found = node.value.as_number();
  if (!(found >= key.least) || !(found <= 1e6)) {
    report(node.place, path, fmt::format("must be from {} to 1000000, not {}", key.least, found));
    return {};
  }
  return found;
}

std::optional<Code> Checker::code(const Node& node, const Path& path) {
  const auto found = text(node, path);
  if (!found) return {};
  const auto code = read_code(*found);
  if (code) return *code;
  report(node.place, path, code.error().message());
  return {};
}

std::optional<lang::Type> Checker::type(const Node& node, const Path& path) {
  if (node.is_string()) {
    auto found = lang::parse_type(node.value.as_string());
    if (found) return std::move(*found);
    report(node.place, path, found.error().message());
    return {};
  }
  if (node.kind != Node::Kind::map) {
    wrong_form(node, path, "a type such as string or list<int>, or a map of fields to types");
    return {};
  }
  std::vector<lang::Type::Field> fields;
  bool good = true;
  for (const Node::Member& member : node.members) {
    auto field = type(member.node, path / member.key);
    good = good && field;
    if (field) fields.push_back({member.key, std::move(*field)});
  }
  if (!good) return {};
  return lang::Type::object(std::move(fields));
}

std::optional<std::string> Checker::expression(const Node& node, const Path& path) {
  if (node.is_string()) return std::string(node.value.as_string());
  if (node.kind == Node::Kind::scalar && node.value.is_bool()) return node.value.as_bool() ? "true" : "false";
  if (node.kind == Node::Kind::scalar && node.value.is_int()) return fmt::format("{}", node.value.as_int());
  if (node.kind == Node::Kind::scalar && node.value.is_real() && std::isfinite(node.value.as_real())) {
    return fmt::format("{:#}", node.value.as_real());
  }
  wrong_form(node, path, "an expression, a string");
  return {};
}

bool Checker::list(const Node& node, const Path& path, std::string_view of) {
  if (node.kind == Node::Kind::list) return true;
  wrong_form(node, path, of);
  return false;
}

}  // namespace thalweg
