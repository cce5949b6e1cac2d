#include "typed/yaml.h"

#include <array>
#include <cmath>
#include <limits>

#include "base/time_text.h"
#include "thalweg/json.h"

namespace thalweg::typed {

namespace {

bool plain(std::string_view text) {
  constexpr std::array<std::string_view, 9> kWords{"true", "True", "TRUE", "false", "False", "FALSE", "null", "Null", "NULL"};
  if (text.empty() || text.back() == ' ' || std::ranges::find(kWords, text) != kWords.end()) return false;
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return letter(text.front()) && std::ranges::all_of(text, [&](char c) {
           return letter(c) || (c >= '0' && c <= '9') || c == '.' || c == ' ' || c == '-';
         });
}

class Writer {
 public:
  /// Behind "key:" or "-".
  Result<> value(const Value& value, std::size_t indent, bool in_list) {
    if (value.is_map() && value.size() > 0) {
      if (!in_list) out_ += '\n';
      return map(value, indent, in_list);
    }
    if (value.is_list() && value.size() > 0) {
      out_ += '\n';
      for (const Value& item : value.items()) {
        out_.append(indent, ' ').append("-");
        TRY(this->value(item, indent + 2, true));
      }
      return {};
    }
    out_ += ' ';
    TRY(scalar(value));
    out_ += '\n';
    return {};
  }

  Result<> map(const Value& map, std::size_t indent, bool first_is_placed) {
    bool placed = first_is_placed;
    for (const Entry& entry : map.entries()) {
      if (!entry.key.is_string()) return fail(Code::invalid_argument, "a key that is no text cannot stand in a definition");
      if (placed) {
        out_ += ' ';
      } else {
        out_.append(indent, ' ');
      }
      placed = false;
      TRY(scalar(entry.key));
      out_ += ':';
      TRY(value(entry.value, indent + 2, false));
    }
    return {};
  }

  std::string take() { return std::move(out_); }

 private:
  Result<> scalar(const Value& value) {
    switch (value.kind()) {
      case Kind::string:
        if (plain(value.as_string())) {
          out_ += value.as_string();
          return {};
        }
        return append_json(out_, value);
      case Kind::real:
        return real(value.as_real());
      case Kind::floats:
        out_ += '[';
        for (bool more = false; const float number : value.as_floats()) {
          if (std::exchange(more, true)) out_ += ", ";
          TRY(real(number));
        }
        out_ += ']';
        return {};
      case Kind::bytes:
      case Kind::timestamp:
      case Kind::duration:
      case Kind::type:  // not met in what escaped() gives
        return fail(Code::invalid_argument, "{} cannot be written out in a definition", with_article(type_name(value.kind())));
      default:
        return append_json(out_, value);
    }
  }

  Result<> real(double number) {
    if (std::isnan(number)) {
      out_ += ".nan";
    } else if (std::isinf(number)) {
      out_ += number > 0 ? ".inf" : "-.inf";
    } else {
      return append_json(out_, Value(number));
    }
    return {};
  }

  std::string out_;
};

}  // namespace

Result<std::string> to_yaml(const Value& tree) {
  Writer writer;
  TRY(writer.map(tree, 0, false));
  return writer.take();
}

std::string escaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    if (text[i] == '{' && (next == '{' || next == '%' || next == '#')) {
      out += "{{ '{' }}";
    } else {
      out += text[i];
    }
  }
  return out;
}

namespace {

std::string byte_escapes(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
  return out;
}

template <class Time>
std::string time_text(Time time) {
  std::string out;
  append_text(out, time);
  return out;
}

}  // namespace

Value escaped(const Value& value) {
  if (value.is_string()) return Value(escaped(value.as_string()));
  if (value.is_uint()) return Value(fmt::format("{{{{ {}u }}}}", value.as_uint()));
  if (value.is_bytes()) return Value(fmt::format("{{{{ b'{}' }}}}", byte_escapes(value.as_string())));
  if (value.is(Kind::duration)) return Value(fmt::format("{{{{ duration('{}') }}}}", time_text(value.as_duration())));
  if (value.is(Kind::timestamp)) return Value(fmt::format("{{{{ timestamp('{}') }}}}", time_text(value.as_timestamp())));
  if (value.is_list()) {
    std::vector<Value> items;
    for (const Value& item : value.items()) items.push_back(escaped(item));
    return Value::list(std::move(items));
  }
  if (value.is_map()) {
    std::vector<Entry> entries;
    for (const Entry& entry : value.entries()) entries.push_back({entry.key, escaped(entry.value)});
    return Value::map(std::move(entries));
  }
  return value;
}

std::string span_text(Nanos span) {
  if (span == kNever) return "100000d";
  if (span % kSecond == 0) return fmt::format("{}s", span / kSecond);
  if (span % kMillisecond == 0) return fmt::format("{}ms", span / kMillisecond);
  return fmt::format("{}ns", span);
}

}  // namespace thalweg::typed
