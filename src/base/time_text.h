#pragma once
// The texts of timestamps and durations, written and read.

#include <string>
#include <string_view>

#include "base/error.h"
#include "thalweg/value.h"

namespace thalweg {

/// RFC 3339 in UTC with as many digits of the second as needed: "2026-01-02T03:04:05.5Z". Precondition: years 1 to 9999.
void append_text(std::string& out, Timestamp time);

/// Seconds with as many digits as needed, as protobuf's JSON has them: "1.5s", "-0.000000001s".
void append_text(std::string& out, Duration duration);

inline constexpr std::int64_t kFirstSecond = -62'135'596'800;  ///< 0001-01-01T00:00:00Z
inline constexpr std::int64_t kLastSecond = 253'402'300'799;   ///< 9999-12-31T23:59:59Z

inline constexpr std::int64_t kMostDurationSeconds = 315'576'000'000;  ///< 10,000 years, as protobuf has it

/// RFC 3339: "2023-02-03T23:31:20.5+01:00". Digits behind the ninth of a second's fraction are dropped. Errors: invalid_argument,
/// out_of_range (years 1 to 9999).
[[nodiscard]] Result<Timestamp> parse_timestamp(std::string_view text);

enum class DurationUnits : std::uint8_t {
  cel,        ///< h, m, s, ms, us, ns
  with_days,  ///< and d, of 24 hours
};

/// Numbers with units: "1h30m", "-1.5s", "100ms", "3us", "7ns", also "0". Errors: invalid_argument, out_of_range (10,000 years).
[[nodiscard]] Result<Duration> parse_duration(std::string_view text, DurationUnits units = DurationUnits::cel);

}  // namespace thalweg
