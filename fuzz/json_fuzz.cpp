// What is read as JSON is printed and read back as the same value.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "thalweg/json.h"

using namespace thalweg;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto value = parse_json(text);
  if (!value) return value.error().message().starts_with("invalid JSON at byte ") ? 0 : (std::abort(), 0);
  for (const JsonStyle style : {JsonStyle::compact, JsonStyle::pretty}) {
    const auto printed = to_json(*value, style);
    if (!printed) std::abort();
    const auto back = parse_json(*printed);
    if (!back || !(*back == *value) || hash(*back) != hash(*value) || to_json(*back, style).value() != *printed) std::abort();
  }
  return 0;
}
