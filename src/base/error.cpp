#include "base/error.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

namespace thalweg {

namespace {
// HTTP: google.rpc.Code's mapping; exit: 2 for what the caller wrote wrongly, 130 for a stop, 1 for the rest.
constexpr std::array<CodeInfo, 17> kCodes{{
    {"OK", 200, 0},
    {"CANCELLED", 499, 130},
    {"UNKNOWN", 500, 1},
    {"INVALID_ARGUMENT", 400, 2},
    {"DEADLINE_EXCEEDED", 504, 1},
    {"NOT_FOUND", 404, 1},
    {"ALREADY_EXISTS", 409, 1},
    {"PERMISSION_DENIED", 403, 1},
    {"RESOURCE_EXHAUSTED", 429, 1},
    {"FAILED_PRECONDITION", 400, 1},
    {"ABORTED", 409, 1},
    {"OUT_OF_RANGE", 400, 1},
    {"UNIMPLEMENTED", 501, 1},
    {"INTERNAL", 500, 1},
    {"UNAVAILABLE", 503, 1},
    {"DATA_LOSS", 500, 1},
    {"UNAUTHENTICATED", 401, 1},
}};
}  // namespace

const CodeInfo& info(Code code) noexcept { return kCodes[static_cast<std::size_t>(code)]; }

Code code_named(std::string_view name) noexcept {
  const auto found = std::ranges::find(kCodes, name, &CodeInfo::name);
  return found == kCodes.end() ? Code::ok : static_cast<Code>(found - kCodes.begin());
}

Error Error::at(std::string_view place) const {
  State state = *state_;
  state.path = state.path.empty() ? std::string(place) : fmt::format("{}: {}", place, state.path);
  return Error(std::make_shared<const State>(std::move(state)));
}

Error Error::because(Error cause) const {
  State state = *state_;
  state.cause = std::make_shared<const Error>(std::move(cause));
  return Error(std::make_shared<const State>(std::move(state)));
}

std::string Error::text() const {
  std::string out = path().empty() ? message() : fmt::format("{}: {}", path(), message());
  for (const Error* inner = cause(); inner != nullptr; inner = inner->cause()) {
    out += inner->path().empty() ? fmt::format(" (because {})", inner->message())
                                 : fmt::format(" (because {}: {})", inner->path(), inner->message());
  }
  return out;
}

Error system_error(int errno_value, std::string_view doing) {
  const Code code = [errno_value] {
    switch (errno_value) {
      case EACCES:
      case EPERM:
      case EROFS:
        return Code::permission_denied;
      case ENOENT:
      case ENOTDIR:
        return Code::not_found;
      case EEXIST:
        return Code::already_exists;
      case ENOSPC:
      case EDQUOT:
      case ENOMEM:
      case EMFILE:
      case ENFILE:
        return Code::resource_exhausted;
      case EISDIR:
      case EINVAL:
      case ENAMETOOLONG:
        return Code::invalid_argument;
      case EAGAIN:
      case ECONNREFUSED:
      case ECONNRESET:
        return Code::unavailable;
      case ETIMEDOUT:
        return Code::deadline_exceeded;
      default:
        return Code::internal;
    }
  }();
  return Error(code, fmt::format("{}: {}", doing, std::generic_category().message(errno_value)));
}

std::string with_article(std::string_view noun) {
  const bool vowel = !noun.empty() && std::string_view("aeio").find(noun[0]) != std::string_view::npos;  // "a uint"
  return fmt::format("{} {}", vowel ? "an" : "a", noun);
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace thalweg
