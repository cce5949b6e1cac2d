#include <absl/strings/escaping.h>

#include <cmath>

#include "lang/print.h"

namespace thalweg::lang {

namespace {
constexpr int kDeepestPrint = 1'000;

void quoted(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

// As print_value's: charged piece by piece.
struct JsonPrinter {
  Machine& machine;
  const Node& node;
  std::string& out;
  int depth = 0;

  bool refuse(std::string message) {
    machine.fail(node, Code::invalid_argument, std::move(message));
    return false;
  }

  bool print(const Value& value) {
    if (!machine.charge(node, 1 + (value.is_string() || value.is_bytes() ? value.size() / 16 : 0))) return false;
    switch (value.kind()) {
      case Kind::null:
      case Kind::boolean:
      case Kind::integer:
      case Kind::unsigned_integer:
        out += plain_text(value);
        return true;
      case Kind::real:
        if (!std::isfinite(value.as_real())) return refuse(fmt::format("JSON has no {}", double_text(value.as_real())));
        out += double_text(value.as_real());
        return true;
      case Kind::bytes: {
        const std::string_view data = value.as_string();
        quoted(absl::Base64Escape(absl::string_view(data.data(), data.size())), out);
        return true;
      }
      case Kind::list:
      case Kind::map:
      case Kind::floats:
        break;
      default:
        quoted(plain_text(value), out);
        return true;
    }
    if (depth >= kDeepestPrint) return refuse(fmt::format("a value of more than {} levels cannot be printed", kDeepestPrint));
    ++depth;
    const bool done = value.is_map() ? entries(value) : items(value);
    --depth;
    return done;
  }

  bool items(const Value& value) {
    out += '[';
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (i > 0) out += ", ";
      if (!print(value.is_list() ? value.items()[i] : Value(static_cast<double>(value.as_floats()[i])))) return false;
    }
    out += ']';
    return true;
  }

  bool entries(const Value& value) {
    out += '{';
    bool first = true;
    for (const Entry& entry : value.entries()) {
      if (!first) out += ", ";
      first = false;
      quoted(plain_text(entry.key), out);
      out += ": ";
      if (!print(entry.value)) return false;
    }
    out += '}';
    return true;
  }
};
}  // namespace

bool print_json(Machine& machine, const Node& node, const Value& value, std::string& out) {
  return JsonPrinter{machine, node, out}.print(value);
}

}  // namespace thalweg::lang
