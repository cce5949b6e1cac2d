#pragma once
// What can go wrong, and how it is told. One small set of codes (gRPC's canonical ones) and one table to HTTP, gRPC and exit
// codes.

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
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

}  // namespace thalweg
