#include "engine/yaml_scalar.h"

#include <charconv>
#include <cmath>

#include "base/error.h"
#include "base/utf8.h"

namespace thalweg {
namespace {

bool is_digits(std::string_view text, std::string_view digits) {
  return !text.empty() && text.find_first_not_of(digits) == std::string_view::npos;
}

// An integer of digits only; `negative` comes from its sign. 64 bits or a problem, never rounded.
YamlScalar integer(std::string_view digits, int base, bool negative, std::string_view written) {
  std::uint64_t magnitude = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), magnitude, base);
  const std::uint64_t limit = std::uint64_t{1} << 63U;
  if (error != std::errc{} || (negative && magnitude > limit)) {
    return {true, {}, fmt::format("the integer {} does not fit in 64 bits; write it in quotes to keep it as text", written)};
  }
  if (negative) return {true, Value(static_cast<std::int64_t>(~magnitude + 1)), {}};
  if (magnitude >= limit) return {true, Value(magnitude), {}};
  return {true, Value(static_cast<std::int64_t>(magnitude)), {}};
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool is_real(std::string_view text) {
  const auto digits = [&text] {
    std::size_t n = 0;
    while (n < text.size() && text[n] >= '0' && text[n] <= '9') ++n;
    text.remove_prefix(n);
    return n;
  };
  const std::size_t whole = digits();
  std::size_t fraction = 0;
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    fraction = digits();
  }
  if (whole + fraction == 0) return false;
  if (!text.empty() && (text[0] == 'e' || text[0] == 'E')) {
    text.remove_prefix(1);
    if (!text.empty() && (text[0] == '+' || text[0] == '-')) text.remove_prefix(1);
    if (digits() == 0) return false;
  }
  return text.empty();
}

// The numbers of YAML 1.2's core schema (10.3.2).
YamlScalar number(std::string_view text) {
  if (text.starts_with("0x") && is_digits(text.substr(2), "0123456789abcdefABCDEF")) {
    return integer(text.substr(2), 16, false, text);
  }
  if (text.starts_with("0o") && is_digits(text.substr(2), "01234567")) return integer(text.substr(2), 8, false, text);
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  if (is_digits(rest, "0123456789")) return integer(rest, 10, negative, text);
  if (rest == ".inf" || rest == ".Inf" || rest == ".INF") return {true, Value(negative ? -HUGE_VAL : HUGE_VAL), {}};
  if (text == ".nan" || text == ".NaN" || text == ".NAN") return {true, Value(std::nan("")), {}};
  if (!is_real(rest)) return {};
  double real = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), real);
  if (error != std::errc{}) return {true, {}, fmt::format("the number {} does not fit in a double", text)};
  return {true, Value(negative ? -real : real), {}};
}

}  // namespace

YamlScalar plain_scalar(std::string_view text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return {};
  if (text == "true" || text == "True" || text == "TRUE") return {false, Value(true), {}};
  if (text == "false" || text == "False" || text == "FALSE") return {false, Value(false), {}};
  const char first = text[0];
  if ((first >= '0' && first <= '9') || first == '-' || first == '+' || first == '.') {
    if (YamlScalar found = number(text); found.is_number) return found;
  }
  return {false, Value(text), {}};
}

namespace {

constexpr std::string_view kYaml = "tag:yaml.org,2002:";

std::string unknown_tag(std::string_view tag) {
  return fmt::format("unknown tag {}; only YAML's own !!str, !!int, !!float, !!bool, !!null, !!seq and !!map are known",
                     utf8::cut(tag));
}

}  // namespace

YamlScalar tagged_scalar(std::string_view text, bool plain, std::string_view tag) {
  if (tag.empty()) return plain ? plain_scalar(text) : YamlScalar{false, Value(text), {}};
  if (tag == "!" || tag == "tag:yaml.org,2002:str") return {false, Value(text), {}};
  const std::string_view name = tag.starts_with(kYaml) ? tag.substr(kYaml.size()) : std::string_view();
  if (name != "int" && name != "float" && name != "bool" && name != "null" && name != "seq" && name != "map") {
    return {false, {}, unknown_tag(tag)};
  }
  YamlScalar found = plain_scalar(text);
  if (!found.problem.empty()) return found;
  const Value& value = found.value;
  if (name == "float" && (value.is_int() || value.is_uint())) return {true, Value(value.as_number()), {}};
  const bool good = (name == "int" && (value.is_int() || value.is_uint())) || (name == "float" && value.is_real()) ||
                    (name == "bool" && value.is_bool()) || (name == "null" && value.is_null());
  if (!good) found.problem = fmt::format("'{}' is no {}, which its tag says", utf8::cut(text), name);
  return found;
}

std::string collection_tag_problem(std::string_view tag, bool list) {
  if (tag.empty() || tag == "!" || tag == (list ? "tag:yaml.org,2002:seq" : "tag:yaml.org,2002:map")) return {};
  if (!tag.starts_with(kYaml)) return unknown_tag(tag);
  return fmt::format("a {} is no {}, which its tag says", list ? "list" : "map", tag.substr(kYaml.size(), 60));
}

}  // namespace thalweg
