#include <fmt/compile.h>
#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <vector>

#include "base/json.h"
#include "base/json_parser.h"
#include "base/time_text.h"
#include "base/utf8.h"

namespace thalweg {

namespace {

/// Walks a value without recursion: open lists and maps wait on a stack.
class Printer {
 public:
  Printer(std::string& out, JsonStyle style, std::size_t most)
      : out_(out),
        pretty_(style == JsonStyle::pretty),
        end_(most > SIZE_MAX - out.size() ? SIZE_MAX : out.size() + most),
        most_(most) {}
  Result<> run(const Value& root);

 private:
  struct Open {
    const Value* container;
    std::size_t next;
  };

  Result<> put(const Value& value);
  Result<> key(const Value& key);
  Result<> string(std::string_view text);
  template <class Number>
  Result<> real(Number number);
  Result<> floats(std::span<const float> numbers);
  void base64(std::string_view data);
  void line();
  std::unexpected<Error> refuse(std::string what) const;
  [[nodiscard]] std::unexpected<Error> too_long() const;

  std::string& out_;
  bool pretty_;
  std::size_t end_;  // the text may be that long
  std::size_t most_;
  std::vector<Open> open_;
};

void Printer::line() {
  if (!pretty_) return;
  out_.push_back('\n');
  out_.append(open_.size() * 2, ' ');
}

// The path comes from the stack: `hits[3].score`.
std::unexpected<Error> Printer::refuse(std::string what) const {
  std::string path;
  for (const Open& open : open_) {
    const std::size_t at = open.next - 1;
    if (open.container->is_list()) {
      path += fmt::format("[{}]", at);
    } else {
      const Value& key = open.container->entries()[at].key;
      if (!key.is_string()) break;  // then the key is what is wrong, and `what` names it
      if (!path.empty()) path.push_back('.');
      path += key.as_string();
    }
  }
  const Error error(Code::invalid_argument, std::move(what));
  return std::unexpected(path.empty() ? error : error.at(path));
}

Result<> Printer::run(const Value& root) {
  TRY(put(root));
  while (!open_.empty()) {
    Open& top = open_.back();
    const bool is_map = top.container->is_map();
    if (top.next == top.container->size()) {
      open_.pop_back();
      line();
      out_.push_back(is_map ? '}' : ']');
      continue;
    }
    const std::size_t at = top.next++;
    if (at > 0) out_.push_back(',');
    line();
    if (is_map) {
      const Entry& entry = top.container->entries()[at];
      TRY(key(entry.key));
      TRY(put(entry.value));
    } else {
      TRY(put(top.container->items()[at]));
    }
    if (out_.size() > end_) return too_long();
  }
  if (out_.size() > end_) return too_long();
  return {};
}

std::unexpected<Error> Printer::too_long() const {
  return fail(Code::resource_exhausted, "the value is more than {} bytes of JSON; take a part of it", most_);
}

Result<> Printer::key(const Value& key) {
  if (!key.is_string()) {
    const std::string shown = key.is_bool()  ? (key.as_bool() ? "true" : "false")
                              : key.is_int() ? fmt::to_string(key.as_int())
                                             : fmt::to_string(key.as_uint());
    return refuse(fmt::format("JSON cannot hold a map with the key {} ({}): its keys are strings", shown, type_name(key.kind())));
  }
  TRY(string(key.as_string()));
  out_.push_back(':');
  if (pretty_) out_.push_back(' ');
  return {};
}

Result<> Printer::put(const Value& value) {
  switch (value.kind()) {
    case Kind::null:
      out_ += "null";
      return {};
    case Kind::boolean:
      out_ += value.as_bool() ? "true" : "false";
      return {};
    case Kind::integer: {
      const fmt::format_int text(value.as_int());
      out_.append(text.data(), text.size());
      return {};
    }
    case Kind::unsigned_integer: {
      const fmt::format_int text(value.as_uint());
      out_.append(text.data(), text.size());
      return {};
    }
    case Kind::real:
      return real(value.as_real());
    case Kind::timestamp:
      if (value.as_timestamp().seconds < kFirstSecond || value.as_timestamp().seconds > kLastSecond) {
        return refuse(fmt::format("the timestamp {} s is outside the years 1 to 9999", value.as_timestamp().seconds));
      }
      out_.push_back('"');
      append_text(out_, value.as_timestamp());
      out_.push_back('"');
      return {};
    case Kind::duration:
      out_.push_back('"');
      append_text(out_, value.as_duration());
      out_.push_back('"');
      return {};
    case Kind::string:
    case Kind::type:
      return string(value.as_string());
    case Kind::bytes:
      base64(value.as_string());
      return {};
    case Kind::floats:
      return floats(value.as_floats());
    case Kind::list:
    case Kind::map:
      if (value.size() == 0) {
        out_ += value.is_map() ? "{}" : "[]";
      } else {
        out_.push_back(value.is_map() ? '{' : '[');
        open_.push_back({&value, 0});
      }
      return {};
  }
  return refuse("a value of an unknown kind");
}

Result<> Printer::string(std::string_view text) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  out_.push_back('"');
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at < end;) {
    const char* const from = at;
    at = plain_text(at, end);
    while (at < end && static_cast<unsigned char>(*at) >= 0x80) {
      const utf8::Step step = utf8::step({at, end}, 0);
      if (!step.valid) return refuse(fmt::format("a string is not UTF-8 from its byte {} on", at - text.data()));
      at += step.length;
      if (at < end && static_cast<unsigned char>(*at) < 0x80) at = plain_text(at, end);
    }
    out_.append(from, at);
    if (at == end) break;
    const char special = *at++;
    out_.push_back('\\');
    switch (special) {
      case '"':
      case '\\':
        out_.push_back(special);
        break;
      case '\n':
        out_.push_back('n');
        break;
      case '\t':
        out_.push_back('t');
        break;
      case '\r':
        out_.push_back('r');
        break;
      case '\b':
        out_.push_back('b');
        break;
      case '\f':
        out_.push_back('f');
        break;
      default:
        out_ += "u00";
        out_.push_back(kDigits[static_cast<unsigned char>(special) >> 4]);
        out_.push_back(kDigits[static_cast<unsigned char>(special) & 15U]);
    }
  }
  out_.push_back('"');
  return {};
}

template <class Number>
Result<> Printer::real(Number number) {
  if (!std::isfinite(number)) {
    return refuse(fmt::format("JSON cannot hold {}", std::isnan(number) ? "NaN" : number > 0 ? "infinity" : "-infinity"));
  }
  char text[40];
  char* end = fmt::format_to(text, FMT_COMPILE("{}"), number);
  if (std::string_view(text, end).find_first_of(".e") == std::string_view::npos) {
    *end++ = '.';
    *end++ = '0';
  }
  out_.append(text, end);
  return {};
}

Result<> Printer::floats(std::span<const float> numbers) {
  out_.push_back('[');
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i > 0) out_.push_back(',');
    if (auto put = real(numbers[i]); !put) return refuse(fmt::format("{} (float {} of an array)", put.error().message(), i));
  }
  out_.push_back(']');
  return {};
}

void Printer::base64(std::string_view data) {
  static constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  out_.push_back('"');
  for (std::size_t at = 0; at < data.size(); at += 3) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i)
      group = (group << 8) | (at + i < data.size() ? static_cast<unsigned char>(data[at + i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i) out_.push_back(at + i <= data.size() ? kLetters[(group >> (18 - 6 * i)) & 63U] : '=');
  }
  out_.push_back('"');
}

}  // namespace

Result<> append_json(std::string& out, const Value& value, JsonStyle style, std::size_t most) {
  const std::size_t before = out.size();
  auto done = Printer(out, style, most).run(value);
  if (!done) out.resize(before);
  return done;
}

Result<std::string> to_json(const Value& value, JsonStyle style, std::size_t most) {
  std::string out;
  TRY(append_json(out, value, style, most));
  return out;
}

}  // namespace thalweg
