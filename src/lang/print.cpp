#include "lang/print.h"

#include <algorithm>
#include <cmath>

#include "base/utf8.h"
#include "lang/optional.h"
#include "lang/times.h"

namespace thalweg::lang {

namespace {
constexpr int kDeepestPrint = 1'000;

// Writes one value as text; each piece is charged, so that a value shared many times over cannot grow without bound.
struct Printer {
  Machine& machine;
  const Node& node;
  std::string& out;
  bool sorted;
  int depth = 0;

  bool charge(std::size_t bytes) { return machine.charge(node, 1 + bytes / 16); }

  bool print(const Value& value) {
    switch (value.kind()) {
      case Kind::bytes:
        if (utf8::invalid_at(value.as_string()) != std::string_view::npos) {
          machine.fail(node, Code::invalid_argument, "the bytes are no UTF-8 text; print base64.encode(x) instead");
          return false;
        }
        [[fallthrough]];
      case Kind::string:
        if (!charge(value.size())) return false;
        out += value.as_string();
        return true;
      case Kind::list:
      case Kind::map:
      case Kind::floats:
        return container(value);
      default:
        out += plain_text(value);
        return charge(1);
    }
  }

  bool container(const Value& value) {
    if (depth >= kDeepestPrint) {
      machine.fail(node, Code::invalid_argument, fmt::format("a value of more than {} levels cannot be printed", kDeepestPrint));
      return false;
    }
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
    if (is_optional(value)) {
      const Value* inner = content(value);
      out += inner == nullptr ? "optional.none()" : "optional.of(";
      if (inner != nullptr && !print(*inner)) return false;
      if (inner != nullptr) out += ')';
      return true;
    }
    std::vector<std::pair<std::string, const Value*>> all;
    if (!charge(value.size() * 32)) return false;
    for (const Entry& entry : value.entries()) {
      all.emplace_back(entry.key.is_string() ? std::string(entry.key.as_string()) : plain_text(entry.key), &entry.value);
    }
    if (sorted) std::ranges::sort(all, {}, &std::pair<std::string, const Value*>::first);
    out += '{';
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (i > 0) out += ", ";
      out += all[i].first;
      out += ": ";
      if (!print(*all[i].second)) return false;
    }
    out += '}';
    return true;
  }
};
}  // namespace

std::string double_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return fmt::format("{}", value);
}

std::string plain_text(const Value& value) {
  switch (value.kind()) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return value.as_bool() ? "true" : "false";
    case Kind::integer:
      return std::to_string(value.as_int());
    case Kind::unsigned_integer:
      return std::to_string(value.as_uint());
    case Kind::real:
      return double_text(value.as_real());
    case Kind::timestamp:
    case Kind::duration: {
      std::string text;
      if (value.is(Kind::timestamp)) {
        append_text(text, value.as_timestamp());
      } else {
        append_text(text, value.as_duration());
      }
      return text;
    }
    case Kind::string:
    case Kind::bytes:
    case Kind::type:
      return std::string(value.as_string());
    default:
      return std::string(kind_name(value));
  }
}

bool print_value(Machine& machine, const Node& node, const Value& value, std::string& out, bool sorted) {
  return Printer{machine, node, out, sorted}.print(value);
}

}  // namespace thalweg::lang
