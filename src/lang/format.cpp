#include "lang/format.h"

#include <cmath>

#include "lang/print.h"

namespace thalweg::lang {

namespace {
constexpr int kMostDigits = 1'000;

bool wrong_kind(Call& call, char verb, const Value& value) {
  return call.fail(Code::invalid_argument, "format's %{} does not take {}", verb, with_article(kind_name(value)));
}

bool decimal(Call& call, const Value& value, std::string& out) {
  if (!value.is_number()) return wrong_kind(call, 'd', value);
  out += plain_text(value);
  return true;
}

bool fixed(Call& call, char verb, int precision, const Value& value, std::string& out) {
  if (!value.is_number()) return wrong_kind(call, verb, value);
  const double number = value.as_number();
  if (!std::isfinite(number)) {
    out += double_text(number);
  } else {
    out += verb == 'f' ? fmt::format("{:.{}f}", number, precision) : fmt::format("{:.{}e}", number, precision);
  }
  return true;
}

bool whole(Call& call, char verb, const Value& value, std::string& out) {
  const bool minus = value.is_int() && value.as_int() < 0;
  const std::uint64_t size = value.is_uint()  ? value.as_uint()
                             : minus          ? ~static_cast<std::uint64_t>(value.as_int()) + 1
                             : value.is_int() ? static_cast<std::uint64_t>(value.as_int())
                                              : static_cast<std::uint64_t>(value.is_bool() && value.as_bool());
  if (!value.is_int() && !value.is_uint() && !(verb == 'b' && value.is_bool())) return wrong_kind(call, verb, value);
  if (minus) out += '-';
  out += verb == 'b'   ? fmt::format("{:b}", size)
         : verb == 'o' ? fmt::format("{:o}", size)
         : verb == 'x' ? fmt::format("{:x}", size)
                       : fmt::format("{:X}", size);
  return true;
}

bool hexadecimal(Call& call, char verb, const Value& value, std::string& out) {
  if (!value.is_string() && !value.is_bytes()) return whole(call, verb, value, out);
  if (!call.charge(value.size() * 2)) return false;
  const std::string_view digits = verb == 'x' ? "0123456789abcdef" : "0123456789ABCDEF";
  for (const char c : value.as_string()) {
    const auto byte = static_cast<unsigned char>(c);
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return true;
}

bool one(Call& call, char verb, int precision, const Value& value, std::string& out) {
  switch (verb) {
    case 's':
      return print_value(call.machine(), call.node(), value, out);
    case 'd':
      return decimal(call, value, out);
    case 'f':
    case 'e':
      return fixed(call, verb, precision, value, out);
    case 'b':
    case 'o':
      return whole(call, verb, value, out);
    case 'x':
    case 'X':
      return hexadecimal(call, verb, value, out);
    default:
      return call.fail(Code::invalid_argument, "format has no verb '%{}'; there are s, d, f, e, b, o, x and X", verb);
  }
}
}  // namespace

bool format_text(Call& call, std::string_view pattern, std::span<const Value> arguments, std::string& out) {
  std::size_t used = 0;
  if (!call.charge(pattern.size())) return false;
  for (std::size_t at = 0; at < pattern.size();) {
    if (pattern[at] != '%') {
      out += pattern[at++];
      continue;
    }
    if (++at < pattern.size() && pattern[at] == '%') {
      out += '%';
      ++at;
      continue;
    }
    int precision = 6;
    if (at < pattern.size() && pattern[at] == '.') {
      precision = 0;
      const std::size_t start = ++at;
      while (at < pattern.size() && pattern[at] >= '0' && pattern[at] <= '9' && precision <= kMostDigits) {
        precision = precision * 10 + (pattern[at++] - '0');
      }
      if (at == start || precision > kMostDigits)
        return call.fail(Code::invalid_argument, "format: a precision is a number up to {}", kMostDigits);
    }
    if (at >= pattern.size()) return call.fail(Code::invalid_argument, "format: the text ends inside a %");
    if (used >= arguments.size())
      return call.fail(Code::invalid_argument, "format: more % than the {} arguments", arguments.size());
    const std::size_t before = out.size();
    if (!one(call, pattern[at++], precision, arguments[used++], out) || !call.charge(out.size() - before)) return false;
  }
  return true;
}

}  // namespace thalweg::lang
