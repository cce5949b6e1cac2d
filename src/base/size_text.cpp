#include "base/size_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/printable.h"

namespace thalweg {

namespace {
constexpr auto kUnits = std::to_array<std::pair<std::string_view, std::uint64_t>>({
    {"B", 1},
    {"kB", 1'000},
    {"KB", 1'000},
    {"MB", 1'000'000},
    {"GB", 1'000'000'000},
    {"TB", 1'000'000'000'000},
    {"KiB", std::uint64_t{1} << 10},
    {"MiB", std::uint64_t{1} << 20},
    {"GiB", std::uint64_t{1} << 30},
    {"TiB", std::uint64_t{1} << 40},
});
}  // namespace

Result<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  std::string_view unit(end, text.data() + text.size());
  if (unit.starts_with(' ')) unit.remove_prefix(1);
  const auto known = std::ranges::find(kUnits, unit, &std::pair<std::string_view, std::uint64_t>::first);
  if (error == std::errc::invalid_argument || known == kUnits.end()) {
    return fail(Code::invalid_argument, "'{}' is no size such as 500MB, 2GB or 4GiB", printable(text));
  }
  constexpr std::uint64_t kMost = INT64_MAX;
  if (error != std::errc() || number > kMost / known->second) {
    return fail(Code::out_of_range, "'{}' is more than can be counted", printable(text));
  }
  return number * known->second;
}

}  // namespace thalweg
