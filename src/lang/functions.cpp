#include <algorithm>
#include <cassert>
#include <unordered_map>

#include "lang/function.h"

namespace thalweg::lang {

namespace {
std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// "(string, list<A>) -> A"; commas inside <> belong to the type.
Signature read_signature(std::string_view text) {
  Signature signature;
  const std::size_t arrow = text.rfind("->");
  const std::size_t open = text.find('(');
  std::string_view inside = text.substr(open + 1, text.rfind(')', arrow) - open - 1);
  signature.result = parse_type(trimmed(text.substr(arrow + 2)), true).value();
  int depth = 0;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= inside.size(); ++i) {
    if (i < inside.size() && inside[i] == '<') ++depth;
    if (i < inside.size() && inside[i] == '>') --depth;
    if (i < inside.size() && (inside[i] != ',' || depth > 0)) continue;
    const std::string_view part = trimmed(inside.substr(start, i - start));
    start = i + 1;
    if (part == "...") {
      signature.open = true;
    } else if (!part.empty()) {
      signature.parameters.push_back(parse_type(part, true).value());
    }
  }
  return signature;
}

using Table = std::unordered_map<std::string_view, Function>;
struct Tables {
  Table global, receiver;
};

Tables build() {
  Tables tables;
  for (const auto family : {operator_functions(), basic_functions(), conversion_functions(), string_functions(), text_functions(),
                            time_functions(), math_functions(), list_functions(), optional_functions()}) {
    for (const FunctionEntry& entry : family) {
      Function function{entry.name, entry.receiver, entry.run, {}};
      std::string_view rest = entry.signatures;
      while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(';'), rest.size());
        function.signatures.push_back(read_signature(rest.substr(0, end)));
        rest.remove_prefix(std::min(end + 1, rest.size()));
      }
      const bool fresh = (entry.receiver ? tables.receiver : tables.global).emplace(entry.name, std::move(function)).second;
      assert(fresh);
      (void)fresh;
    }
  }
  return tables;
}

// Built once, never changed.
const Tables& tables() {
  static const Tables built = build();
  return built;
}
}  // namespace

bool Function::takes(std::size_t arguments) const noexcept {
  return std::ranges::any_of(signatures, [&](const Signature& signature) {
    return signature.parameters.size() == arguments || (signature.open && arguments > signature.parameters.size());
  });
}

const Function* find_function(std::string_view name, bool receiver) noexcept {
  const Table& table = receiver ? tables().receiver : tables().global;
  const auto found = table.find(name);
  return found == table.end() ? nullptr : &found->second;
}

std::string nearest_function(std::string_view name, bool receiver) {
  std::vector<std::string_view> names;
  for (const auto& [known, function] : receiver ? tables().receiver : tables().global) {
    if (function.run != nullptr) names.push_back(known);
  }
  if (receiver) {
    for (const std::string_view macro : {"all", "exists", "exists_one", "map", "filter", "sortBy"}) names.push_back(macro);
  } else {
    names.push_back("has");
    names.push_back("default");
  }
  std::ranges::sort(names);
  return nearest(name, names);
}

bool Call::no_overload() {
  std::string kinds;
  for (const Value* argument : arguments_) kinds += fmt::format("{}{}", kinds.empty() ? "" : ", ", kind_name(*argument));
  return fail(Code::invalid_argument, "no matching overload for '{}' applied to ({})", node_.function->name, kinds);
}

}  // namespace thalweg::lang
