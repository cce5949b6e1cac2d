#include <absl/strings/escaping.h>

#include <cmath>

#include "lang/print.h"
#include "thalweg/json.h"

namespace thalweg::lang {

namespace {
constexpr int kDeepestPrint = 1'000;

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

  bool text(const Value& string) {
    const Result<> added = append_json(out, string);
    return added ? true : refuse(added.error().text());
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
        return text(absl::Base64Escape(absl::string_view(data.data(), data.size())));
      }
      case Kind::list:
      case Kind::map:
      case Kind::floats:
        break;
      default:
        return text(value.is_string() ? value : Value(plain_text(value)));
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
      if (!text(entry.key.is_string() ? entry.key : Value(plain_text(entry.key)))) return false;
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
