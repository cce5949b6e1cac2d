#include "thalweg/ids.h"

#include <charconv>

#include "base/error.h"
#include "base/utf8.h"

namespace thalweg {

namespace {

// Lower-case hexadecimal only, as the standard wants.
bool hex(std::string_view text, std::uint64_t& value) noexcept {
  if (text.find_first_not_of("0123456789abcdef") != std::string_view::npos) return false;
  return std::from_chars(text.data(), text.data() + text.size(), value, 16).ec == std::errc{};
}

std::uint64_t some(Random& random) noexcept {
  std::uint64_t id = 0;
  while (id == 0) id = random.next();
  return id;
}

}  // namespace

TraceIds new_trace(Random& random) noexcept { return {.trace = {some(random), some(random)}, .span = some(random), .flags = 0}; }

TraceIds next_span(const TraceIds& ids, Random& random) noexcept {
  TraceIds next = ids;
  next.span = some(random);
  return next;
}

Result<TraceIds> parse_traceparent(std::string_view text) {
  std::uint64_t version = 0, flags = 0;
  TraceIds ids;
  const bool fits = text.size() >= 55 && text[2] == '-' && text[35] == '-' && text[52] == '-' &&
                    hex(text.substr(0, 2), version) && hex(text.substr(3, 16), ids.trace[0]) &&
                    hex(text.substr(19, 16), ids.trace[1]) && hex(text.substr(36, 16), ids.span) &&
                    hex(text.substr(53, 2), flags);
  const bool ends = text.size() == 55 || (version > 0 && text.size() > 55 && text[55] == '-');
  if (!fits || !ends || version == 0xFF || (ids.trace[0] | ids.trace[1]) == 0 || ids.span == 0) {
    return fail(Code::invalid_argument, "'{}' is no traceparent; it looks like 00-<32 hex digits>-<16 hex digits>-<2 hex digits>",
                utf8::cut(text));
  }
  ids.flags = static_cast<std::uint8_t>(flags);
  return ids;
}

std::string to_traceparent(const TraceIds& ids) {
  return fmt::format("00-{:016x}{:016x}-{:016x}-{:02x}", ids.trace[0], ids.trace[1], ids.span, ids.flags);
}

}  // namespace thalweg
