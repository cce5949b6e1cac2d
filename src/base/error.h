#pragma once
// What can go wrong, and how it is told. One small set of codes (gRPC's canonical ones) and one table to HTTP, gRPC and exit
// codes.

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace thalweg {

/// gRPC's canonical status codes, with gRPC's numbers.
enum class Code : std::uint8_t {
  ok = 0,
  cancelled = 1,
  unknown = 2,
  invalid_argument = 3,
  deadline_exceeded = 4,
  not_found = 5,
  already_exists = 6,
  permission_denied = 7,
  resource_exhausted = 8,
  failed_precondition = 9,
  aborted = 10,
  out_of_range = 11,
  unimplemented = 12,
  internal = 13,
  unavailable = 14,
  data_loss = 15,
  unauthenticated = 16,
};

struct CodeInfo {
  std::string_view name;  ///< as gRPC writes it: "INVALID_ARGUMENT"
  int http;               ///< HTTP status
  int exit;               ///< exit code of the command line
};

/// The only mapping from a code to the outside world; the gRPC code is the enumerator's number.
[[nodiscard]] const CodeInfo& info(Code code) noexcept;

/// The code with that gRPC name, or Code::ok when there is none.
[[nodiscard]] Code code_named(std::string_view name) noexcept;

/// An error: what failed, where, and what to do about it. Cheap to copy (one reference), immutable.
///
///     return Error(Code::not_found, "no stage 'foo'; did you mean 'for_each'?").at("pipeline.yaml:3:11");
class Error {
 public:
  Error(Code code, std::string message) : state_(std::make_shared<State>(State{code, std::move(message), {}, nullptr})) {}

  [[nodiscard]] Code code() const noexcept { return state_->code; }
  /// What failed and what to do; no place in it.
  [[nodiscard]] const std::string& message() const noexcept { return state_->message; }
  /// Where: "file:line:column" or "pipeline / stage"; outermost first, parts joined by ": ".
  [[nodiscard]] const std::string& path() const noexcept { return state_->path; }
  [[nodiscard]] const Error* cause() const noexcept { return state_->cause.get(); }

  /// The same error seen from one place further out.
  [[nodiscard]] Error at(std::string_view place) const;
  /// This error, brought about by `cause`.
  [[nodiscard]] Error because(Error cause) const;

  /// "path: message (because ...)": the one text for log and client.
  [[nodiscard]] std::string text() const;

 private:
  struct State {
    Code code;
    std::string message;
    std::string path;
    std::shared_ptr<const Error> cause;
  };
  explicit Error(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

template <class T = void>
using Result = std::expected<T, Error>;

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
