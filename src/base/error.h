#pragma once
// Making errors: what the project's own sources need beside the public header.

#include <algorithm>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/format.h"
#include "thalweg/error.h"

namespace thalweg {

/// An Error with a formatted message, ready to return from a function with a Result.
template <class... Args>
[[nodiscard]] std::unexpected<Error> fail(Code code, fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected(Error(code, fmt::format(format, std::forward<Args>(args)...)));
}

/// The error of a system call: EACCES is permission_denied, ENOENT not_found, ENOSPC resource_exhausted, ...
[[nodiscard]] Error system_error(int errno_value, std::string_view doing);

/// A noun as messages have it: "an int", "a list".
[[nodiscard]] std::string with_article(std::string_view noun);

/// The name nearest to `wanted` among `names` (edit distance at most a third of its length and one), or "". None is near to one
/// letter: any other letter would be.
template <class Range>
[[nodiscard]] std::string nearest(std::string_view wanted, const Range& names);

/// Damerau-Levenshtein distance (optimal string alignment) in bytes.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

template <class Range>
std::string nearest(std::string_view wanted, const Range& names) {
  if (wanted.size() < 2) return {};
  std::size_t best = wanted.size() / 3 + 1;
  std::string found;
  for (const auto& name : names) {
    const std::string_view candidate = name;
    if (std::max(candidate.size(), wanted.size()) - std::min(candidate.size(), wanted.size()) > best) continue;
    const std::size_t distance = edit_distance(wanted, candidate);
    if (distance < best || (distance == best && found.empty())) {
      best = distance;
      found = candidate;
    }
  }
  return found;
}

}  // namespace thalweg

// `auto v = TRY(f());` takes the value out of a Result or returns its error from the enclosing function.
#define TRY(...)                                                               \
  ({                                                                           \
    auto&& try_result_ = (__VA_ARGS__);                                        \
    if (!try_result_) [[unlikely]]                                             \
      return std::unexpected(std::move(try_result_).error());                  \
    ::thalweg::detail::take(std::forward<decltype(try_result_)>(try_result_)); \
  })

namespace thalweg::detail {
template <class R>
auto take(R&& result) {
  if constexpr (std::is_void_v<typename std::remove_cvref_t<R>::value_type>) {
    return;
  } else {
    return *std::forward<R>(result);
  }
}
}  // namespace thalweg::detail
