#pragma once
// Timestamps and durations: their arithmetic, their parts in a time zone. base/time_text.h has their texts and ranges.

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time_text.h"
#include "thalweg/value.h"

namespace thalweg::lang {

// Sums outside the range are out_of_range errors.
[[nodiscard]] Result<Value> plus(Timestamp time, Duration duration);
[[nodiscard]] Result<Value> plus(Duration a, Duration b);
[[nodiscard]] Result<Value> difference(Timestamp a, Timestamp b);
[[nodiscard]] Duration negative(Duration duration) noexcept;

/// A timestamp's parts where the clocks show `zone`.
struct CivilTime {
  std::int64_t year = 1970;
  int month = 0;        ///< from 0
  int day = 1;          ///< of the month, from 1
  int day_of_year = 0;  ///< from 0
  int day_of_week = 0;  ///< Sunday is 0
  int hours = 0;
  int minutes = 0;
  int seconds = 0;
};
/// `zone` is an IANA name ("Europe/Berlin"), a fixed offset ("+05:30", "-8:00") or "UTC"; invalid_argument for others.
[[nodiscard]] Result<CivilTime> civil_time(Timestamp time, std::string_view zone);

}  // namespace thalweg::lang
