#pragma once
#include <string>

#include "base/value.h"

namespace thalweg {

/// RFC 3339 in UTC with as many digits of the second as needed: "2026-01-02T03:04:05.5Z". Precondition: years 1 to 9999.
void append_text(std::string& out, Timestamp time);

/// Seconds with as many digits as needed, as protobuf's JSON has them: "1.5s", "-0.000000001s".
void append_text(std::string& out, Duration duration);

inline constexpr std::int64_t kFirstSecond = -62'135'596'800;  ///< 0001-01-01T00:00:00Z
inline constexpr std::int64_t kLastSecond = 253'402'300'799;   ///< 9999-12-31T23:59:59Z

}  // namespace thalweg
