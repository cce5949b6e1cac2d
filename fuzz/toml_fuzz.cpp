// Any text is a tree of settings or an error with a place; what JSON says of the tree reads back as the same tree.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/identical.h"
#include "config/layers.h"
#include "thalweg/json.h"

using namespace thalweg;

namespace {
bool has_timestamp(const Value& value) {
  if (value.is(Kind::timestamp)) return true;
  if (value.is_list()) return std::ranges::any_of(value.items(), has_timestamp);
  return value.is_map() && std::ranges::any_of(value.entries(), [](const Entry& entry) { return has_timestamp(entry.value); });
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const config::FileOptions options{.required = true, .includes = false};
  config::Layers layers;
  const auto read = layers.text("f", std::string(reinterpret_cast<const char*>(data), size), config::Format::toml, options);
  if (!read) return read.error().text().starts_with("f:") ? 0 : (std::abort(), 0);
  const Value value = layers.tree().to_value();
  const auto json = to_json(value);
  if (!json || has_timestamp(value)) return 0;  // infinities; what JSON says in another way
  config::Layers again;
  if (!again.text("f", *json, config::Format::json, options)) std::abort();
  if (!identical(again.tree().to_value(), value)) std::abort();
  return 0;
}
