#include "lang/times.h"

#include <absl/time/time.h>

#include <charconv>
#include <chrono>

namespace thalweg::lang {

namespace {
constexpr std::int64_t kNanosPerSecond = 1'000'000'000;

Result<Value> made(__int128 nanos, std::int64_t first, std::int64_t last, bool timestamp) {
  __int128 seconds = nanos / kNanosPerSecond;
  auto rest = static_cast<std::int32_t>(nanos % kNanosPerSecond);
  if (timestamp && rest < 0) {
    rest += static_cast<std::int32_t>(kNanosPerSecond);
    --seconds;
  }
  if (seconds < first || seconds > last || (!timestamp && seconds == last && rest > 0) ||
      (!timestamp && seconds == first && rest < 0)) {
    return fail(Code::out_of_range, "the {} is out of range ({})", timestamp ? "timestamp" : "duration",
                timestamp ? "years 1 to 9999" : "10,000 years");
  }
  if (timestamp) return Value(Timestamp{static_cast<std::int64_t>(seconds), rest});
  return Value(Duration{static_cast<std::int64_t>(seconds), rest});
}

__int128 total(std::int64_t seconds, std::int32_t nanos) noexcept {
  return static_cast<__int128>(seconds) * kNanosPerSecond + nanos;
}
}  // namespace

Duration negative(Duration duration) noexcept { return {-duration.seconds, -duration.nanos}; }

Result<Value> plus(Timestamp time, Duration duration) {
  return made(total(time.seconds, time.nanos) + total(duration.seconds, duration.nanos), kFirstSecond, kLastSecond, true);
}
Result<Value> plus(Duration a, Duration b) {
  return made(total(a.seconds, a.nanos) + total(b.seconds, b.nanos), -kMostDurationSeconds, kMostDurationSeconds, false);
}
Result<Value> difference(Timestamp a, Timestamp b) {
  // CEL wants differences to fit 64 bits of nanoseconds.
  if (const __int128 nanos = total(a.seconds, a.nanos) - total(b.seconds, b.nanos); nanos > INT64_MAX || nanos < INT64_MIN) {
    return fail(Code::out_of_range, "the difference of the timestamps is out of range (292 years)");
  }
  return made(total(a.seconds, a.nanos) - total(b.seconds, b.nanos), -kMostDurationSeconds, kMostDurationSeconds, false);
}

namespace {
// "+05:30", "-8:00", "02:00"; false when the text has no such form.
bool fixed_offset(std::string_view zone, int& seconds) {
  const bool minus = zone.starts_with('-');
  if (minus || zone.starts_with('+')) zone.remove_prefix(1);
  const std::size_t colon = zone.find(':');
  int hours = 0, minutes = 0;
  const auto number = [](std::string_view digits, int& out) {
    return digits.find_first_not_of("0123456789") == std::string_view::npos &&
           std::from_chars(digits.data(), digits.data() + digits.size(), out).ec == std::errc{};
  };
  if ((colon != 1 && colon != 2) || zone.size() != colon + 3) return false;
  if (!number(zone.substr(0, colon), hours) || !number(zone.substr(colon + 1), minutes)) return false;
  if (hours > 23 || minutes > 59) return false;
  seconds = (minus ? -1 : 1) * (hours * 3600 + minutes * 60);
  return true;
}
}  // namespace

Result<CivilTime> civil_time(Timestamp time, std::string_view zone) {
  int offset = 0;
  if (!zone.empty() && zone != "UTC" && zone != "Z" && !fixed_offset(zone, offset)) {
    // Abseil keeps the zones it has read for the life of the program; there are a few hundred.
    absl::TimeZone found;
    if (zone.size() > 64 || zone.find("..") != std::string_view::npos || zone.front() == '/' ||
        zone.find(':') != std::string_view::npos || !absl::LoadTimeZone(std::string(zone), &found)) {
      return fail(Code::invalid_argument, "no time zone '{}'; use an IANA name like 'Europe/Berlin' or an offset like '+05:30'",
                  zone.substr(0, 64));
    }
    offset = found.At(absl::FromUnixSeconds(time.seconds)).offset;
  }
  const std::chrono::sys_seconds seconds{std::chrono::seconds(time.seconds + offset)};
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(seconds - day);
  CivilTime civil;
  civil.year = static_cast<int>(date.year());
  civil.month = static_cast<int>(static_cast<unsigned>(date.month())) - 1;
  civil.day = static_cast<int>(static_cast<unsigned>(date.day()));
  civil.day_of_year = static_cast<int>((day - std::chrono::sys_days(date.year() / 1 / 1)).count());
  civil.day_of_week = static_cast<int>(std::chrono::weekday(day).c_encoding());
  civil.hours = static_cast<int>(clock.hours().count());
  civil.minutes = static_cast<int>(clock.minutes().count());
  civil.seconds = static_cast<int>(clock.seconds().count());
  return civil;
}

}  // namespace thalweg::lang
