#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <optional>
#include <vector>

#include "base/json.h"
#include "base/json_parser.h"
#include "base/time_text.h"
#include "base/utf8.h"

namespace thalweg {

namespace {

constexpr std::size_t kUsualDepth = 32;

/// The end of a string that grows: what is written goes straight to its place, and only whole steps ask for room.
class Tail {
 public:
  explicit Tail(std::string& out) : out_(out), at_(out.data() + out.size()), limit_(at_) {}
  /// Where the next `count` bytes may be written; wrote() tells how far that went.
  char* room(std::size_t count) {
    if (static_cast<std::size_t>(limit_ - at_) < count) grow(count);
    return at_;
  }
  void wrote(char* end) noexcept { at_ = end; }
  void put(char c) {
    *room(1) = c;
    ++at_;
  }
  void put(std::string_view text) {
    std::memcpy(room(text.size()), text.data(), text.size());
    at_ += text.size();
  }
  [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(at_ - out_.data()); }
  /// Gives the string its length; nothing is written after it.
  void finish() { out_.resize(size()); }

 private:
  [[gnu::noinline]] void grow(std::size_t count) {
    const std::size_t used = size();
    const std::size_t size = std::max({used + count, out_.size() * 2, std::size_t{512}});
    out_.resize_and_overwrite(size, [size](char*, std::size_t) { return size; });
    at_ = out_.data() + used;
    limit_ = out_.data() + size;
  }

  std::string& out_;
  char* at_;
  char* limit_;
};

/// Walks a value without recursion: open lists and maps wait on a stack.
class Printer {
 public:
  Printer(std::string& out, JsonStyle style, std::size_t most)
      : out_(out),
        pretty_(style == JsonStyle::pretty),
        end_(most > SIZE_MAX - out.size() ? SIZE_MAX : out.size() + most),
        most_(most) {}
  /// False when there is a problem().
  bool run(const Value& root);
  [[nodiscard]] const Error& problem() const noexcept { return *problem_; }

 private:
  struct Open {
    const Value* container;
    std::size_t size;
    std::size_t next;
    bool is_map;
  };

  bool put(const Value& value);
  bool key(const Value& key);
  bool string(std::string_view text);
  char* escape(char* to, char special) noexcept;
  template <class Number>
  bool real(Number number);
  bool floats(std::span<const float> numbers);
  void base64(std::string_view data);
  void time(auto time);
  void line();
  bool refuse(std::string what);
  bool too_long();

  Tail out_;
  bool pretty_;
  std::size_t end_;  // the text may be that long
  std::size_t most_;
  std::vector<Open> open_;
  std::optional<Error> problem_;
};

void Printer::line() {
  if (!pretty_) return;
  char* to = out_.room(1 + open_.size() * 2);
  *to++ = '\n';
  out_.wrote(std::fill_n(to, open_.size() * 2, ' '));
}

// The path comes from the stack: `hits[3].score`.
bool Printer::refuse(std::string what) {
  std::string path;
  for (const Open& open : open_) {
    const std::size_t at = open.next - 1;
    if (!open.is_map) {
      path += fmt::format("[{}]", at);
    } else {
      const Value& key = open.container->entries()[at].key;
      if (!key.is_string()) break;  // then the key is what is wrong, and `what` names it
      if (!path.empty()) path.push_back('.');
      path += key.as_string();
    }
  }
  const Error error(Code::invalid_argument, std::move(what));
  problem_ = path.empty() ? error : error.at(path);
  return false;
}

bool Printer::run(const Value& root) {
  if (!put(root)) return false;
  while (!open_.empty()) {
    Open& top = open_.back();
    if (top.next == top.size) {
      const bool is_map = top.is_map;
      open_.pop_back();
      line();
      out_.put(is_map ? '}' : ']');
      continue;
    }
    const std::size_t at = top.next++;
    if (at > 0) out_.put(',');
    line();
    if (top.is_map) {
      const Entry& entry = top.container->entries()[at];
      if (!key(entry.key) || !put(entry.value)) return false;
    } else if (!put(top.container->items()[at])) {
      return false;
    }
    if (out_.size() > end_) return too_long();
  }
  if (out_.size() > end_) return too_long();
  out_.finish();
  return true;
}

bool Printer::too_long() {
  problem_ = Error(Code::resource_exhausted, fmt::format("the value is more than {} bytes of JSON; take a part of it", most_));
  return false;
}

bool Printer::key(const Value& key) {
  if (!key.is_string()) {
    const std::string shown = key.is_bool()  ? (key.as_bool() ? "true" : "false")
                              : key.is_int() ? fmt::to_string(key.as_int())
                                             : fmt::to_string(key.as_uint());
    return refuse(fmt::format("JSON cannot hold a map with the key {} ({}): its keys are strings", shown, type_name(key.kind())));
  }
  if (!string(key.as_string())) return false;
  out_.put(':');
  if (pretty_) out_.put(' ');
  return true;
}

bool Printer::put(const Value& value) {
  switch (value.kind()) {
    case Kind::null:
      out_.put("null");
      return true;
    case Kind::boolean:
      out_.put(value.as_bool() ? std::string_view("true") : "false");
      return true;
    case Kind::integer: {
      const fmt::format_int text(value.as_int());
      out_.put({text.data(), text.size()});
      return true;
    }
    case Kind::unsigned_integer: {
      const fmt::format_int text(value.as_uint());
      out_.put({text.data(), text.size()});
      return true;
    }
    case Kind::real:
      return real(value.as_real());
    case Kind::timestamp:
      if (value.as_timestamp().seconds < kFirstSecond || value.as_timestamp().seconds > kLastSecond) {
        return refuse(fmt::format("the timestamp {} s is outside the years 1 to 9999", value.as_timestamp().seconds));
      }
      time(value.as_timestamp());
      return true;
    case Kind::duration:
      time(value.as_duration());
      return true;
    case Kind::string:
    case Kind::type:
      return string(value.as_string());
    case Kind::bytes:
      base64(value.as_string());
      return true;
    case Kind::floats:
      return floats(value.as_floats());
    case Kind::list:
    case Kind::map:
      if (value.size() == 0) {
        out_.put(value.is_map() ? std::string_view("{}") : "[]");
      } else {
        const bool is_map = value.is_map();
        out_.put(is_map ? '{' : '[');
        if (open_.capacity() == 0) open_.reserve(kUsualDepth);
        open_.push_back({.container = &value, .size = value.size(), .next = 0, .is_map = is_map});
      }
      return true;
  }
  return refuse("a value of an unknown kind");
}

void Printer::time(auto time) {
  std::string text;
  append_text(text, time);
  out_.put('"');
  out_.put(text);
  out_.put('"');
}

char* Printer::escape(char* to, char special) noexcept {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  *to++ = '\\';
  switch (special) {
    case '"':
    case '\\':
      *to++ = special;
      return to;
    case '\n':
      *to++ = 'n';
      return to;
    case '\t':
      *to++ = 't';
      return to;
    case '\r':
      *to++ = 'r';
      return to;
    case '\b':
      *to++ = 'b';
      return to;
    case '\f':
      *to++ = 'f';
      return to;
    default:
      to = std::ranges::copy(std::string_view("u00"), to).out;
      *to++ = kDigits[static_cast<unsigned char>(special) >> 4];
      *to++ = kDigits[static_cast<unsigned char>(special) & 15U];
      return to;
  }
}

// Words of eight bytes are written before it is known how many of them are plain: the room for that is asked for beforehand.
bool Printer::string(std::string_view text) {
  constexpr std::size_t kWord = 8;
  const char* at = text.data();
  const char* const end = at + text.size();
  char* to = out_.room(text.size() + 2 + kWord);
  *to++ = '"';
  while (at < end) {
    for (; end - at >= static_cast<std::ptrdiff_t>(kWord); at += kWord, to += kWord) {
      std::uint64_t word;
      std::memcpy(&word, at, kWord);
      std::memcpy(to, &word, kWord);
      if (const std::uint64_t special = special_bytes(word)) {
        const int plain = std::countr_zero(special) >> 3;
        at += plain;
        to += plain;
        break;
      }
    }
    while (at < end && is_plain(*at)) *to++ = *at++;
    while (at < end && static_cast<unsigned char>(*at) >= 0x80) {
      const utf8::Step step = utf8::step({at, end}, 0);
      if (!step.valid) return refuse(fmt::format("a string is not UTF-8 from its byte {} on", at - text.data()));
      to = std::copy_n(at, step.length, to);
      at += step.length;
    }
    if (at < end && (*at == '"' || *at == '\\' || static_cast<unsigned char>(*at) < 0x20)) {
      to = escape(to, *at++);
      out_.wrote(to);
      to = out_.room(static_cast<std::size_t>(end - at) + 7 + kWord);  // of the next escape and the closing quote too
    }
  }
  *to++ = '"';
  out_.wrote(to);
  return true;
}

template <class Number>
bool Printer::real(Number number) {
  if (!std::isfinite(number)) {
    return refuse(fmt::format("JSON cannot hold {}", std::isnan(number) ? "NaN" : number > 0 ? "infinity" : "-infinity"));
  }
  char* const text = out_.room(40);
  char* end = fmt::format_to(text, FMT_COMPILE("{}"), number);
  if (std::string_view(text, end).find_first_of(".e") == std::string_view::npos) {
    *end++ = '.';
    *end++ = '0';
  }
  out_.wrote(end);
  return true;
}

bool Printer::floats(std::span<const float> numbers) {
  out_.put('[');
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i > 0) out_.put(',');
    if (!real(numbers[i])) return refuse(fmt::format("{} (float {} of an array)", std::string(problem_->message()), i));
  }
  out_.put(']');
  return true;
}

void Printer::base64(std::string_view data) {
  static constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  out_.put('"');
  for (std::size_t at = 0; at < data.size(); at += 3) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i)
      group = (group << 8) | (at + i < data.size() ? static_cast<unsigned char>(data[at + i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i) out_.put(at + i <= data.size() ? kLetters[(group >> (18 - 6 * i)) & 63U] : '=');
  }
  out_.put('"');
}

}  // namespace

Result<> append_json(std::string& out, const Value& value, JsonStyle style, std::size_t most) {
  const std::size_t before = out.size();
  Printer printer(out, style, most);
  if (printer.run(value)) return {};
  out.resize(before);
  return std::unexpected(printer.problem());
}

Result<std::string> to_json(const Value& value, JsonStyle style, std::size_t most) {
  std::string out;
  TRY(append_json(out, value, style, most));
  return out;
}

}  // namespace thalweg
