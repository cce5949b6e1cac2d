
#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "base/format.h"
#include "base/json_text.h"
#include "base/time_text.h"
#include "thalweg/json.h"

namespace thalweg {

namespace {

constexpr std::size_t kUsualDepth = 32;

/// Walks a value without recursion: open lists and maps wait on a stack.
class Printer {
 public:
  Printer(std::string& out, JsonStyle style, std::size_t most)
      : out_(out, most), pretty_(style == JsonStyle::pretty), most_(most) {}
  /// False when there is a problem().
  bool run(const Value& root);
  [[nodiscard]] const Error& problem() const noexcept { return *problem_; }

 private:
  struct Open {
    const Value* container;
    const void* parts;  // its items or entries
    std::size_t size;
    std::size_t next;
    bool is_map;
  };

  bool leaf(const Value& value);
  void open(const Value& value);
  bool close();
  bool key(const Value& key);
  bool string(std::string_view text);
  bool real(auto number);
  bool floats(std::span<const float> numbers);
  void line();
  bool refuse(std::string what);
  bool too_long();

  JsonText out_;
  bool pretty_;
  std::size_t most_;
  std::vector<Open> open_;
  std::optional<Error> problem_;
};

void Printer::line() {
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
  for (const Value* value = &root;;) {
    if ((value->is_list() || value->is_map()) && value->size() != 0) {
      open(*value);
    } else {
      if (!leaf(*value)) return false;
      if (!close()) break;
    }
    if (out_.too_long()) return too_long();
    Open& top = open_.back();
    const std::size_t at = top.next++;
    if (at > 0) out_.put(',');
    if (pretty_) line();
    if (top.is_map) {
      const Entry& entry = static_cast<const Entry*>(top.parts)[at];
      if (!key(entry.key)) return false;
      value = &entry.value;
    } else {
      value = &static_cast<const Value*>(top.parts)[at];
    }
  }
  return out_.finish() || too_long();
}

// Ends what is complete. False when all is.
bool Printer::close() {
  while (!open_.empty()) {
    const Open& top = open_.back();
    if (top.next != top.size) return true;
    const char end = top.is_map ? '}' : ']';
    open_.pop_back();
    if (pretty_) line();
    out_.put(end);
  }
  return false;
}

void Printer::open(const Value& value) {
  const bool is_map = value.is_map();
  const void* parts = is_map ? static_cast<const void*>(value.entries().data()) : value.items().data();
  out_.put(is_map ? '{' : '[');
  if (open_.capacity() == 0) open_.reserve(kUsualDepth);
  open_.push_back({.container = &value, .parts = parts, .size = value.size(), .next = 0, .is_map = is_map});
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

// Whatever holds no other values.
bool Printer::leaf(const Value& value) {
  switch (value.kind()) {
    case Kind::null:
      out_.word("null");
      return true;
    case Kind::boolean:
      if (value.as_bool()) {
        out_.word("true");
      } else {
        out_.word("false");
      }
      return true;
    case Kind::integer:
      out_.integer(value.as_int());
      return true;
    case Kind::unsigned_integer:
      out_.integer(value.as_uint());
      return true;
    case Kind::real:
      return real(value.as_real());
    case Kind::timestamp:
      if (value.as_timestamp().seconds < kFirstSecond || value.as_timestamp().seconds > kLastSecond) {
        return refuse(fmt::format("the timestamp {} s is outside the years 1 to 9999", value.as_timestamp().seconds));
      }
      out_.time(value.as_timestamp());
      return true;
    case Kind::duration:
      out_.time(value.as_duration());
      return true;
    case Kind::string:
    case Kind::type:
      return string(value.as_string());
    case Kind::bytes:
      out_.base64(value.as_string());
      return true;
    case Kind::floats:
      return floats(value.as_floats());
    case Kind::list:
      out_.word("[]");
      return true;
    case Kind::map:
      out_.word("{}");
      return true;
  }
  return refuse("a value of an unknown kind");
}

bool Printer::string(std::string_view text) {
  const std::optional<std::size_t> invalid = out_.string(text);
  return !invalid || refuse(fmt::format("a string is not UTF-8 from its byte {} on", *invalid));
}

bool Printer::real(auto number) {
  if (std::isfinite(number)) {
    out_.real(number);
    return true;
  }
  return refuse(fmt::format("JSON cannot hold {}", std::isnan(number) ? "NaN" : number > 0 ? "infinity" : "-infinity"));
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
