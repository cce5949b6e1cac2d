#pragma once
// Ids of a request's trace, in the form of W3C Trace Context (level 1): "00-<32 hex digits>-<16 hex digits>-<2 hex digits>".

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "thalweg/error.h"
#include "thalweg/random.h"

namespace thalweg {

struct TraceIds {
  std::array<std::uint64_t, 2> trace{};  ///< all 0: there is no trace
  std::uint64_t span = 0;
  std::uint8_t flags = 0;  ///< bit 0: the caller records this trace
  bool operator==(const TraceIds&) const = default;
};

/// A new trace with its first span.
[[nodiscard]] TraceIds new_trace(Random& random) noexcept;

/// The same trace with a span of its own.
[[nodiscard]] TraceIds next_span(const TraceIds& ids, Random& random) noexcept;

/// The header `traceparent`. Versions to come are read as far as this one knows them.
/// Errors: invalid_argument for anything else: other lengths, capital letters, ids of 0, version ff.
[[nodiscard]] Result<TraceIds> parse_traceparent(std::string_view text);

[[nodiscard]] std::string to_traceparent(const TraceIds& ids);

}  // namespace thalweg
