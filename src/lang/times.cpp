#include "lang/times.h"

#include <absl/time/time.h>

#include <charconv>
#include <chrono>

namespace thalweg::lang {

namespace {
constexpr std::int64_t kNanosPerSecond = 1'000'000'000;

// Reads digits from the front of a text.
class Digits {
 public:
  explicit Digits(std::string_view text) : rest_(text) {}
  bool number(std::size_t digits, int& out) {
    if (rest_.size() < digits) return false;
    out = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return false;
      out = out * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(digits);
    return true;
  }
  bool sign(std::string_view any_of, char& out) {
    if (rest_.empty() || any_of.find(rest_[0]) == std::string_view::npos) return false;
    out = rest_[0];
    rest_.remove_prefix(1);
    return true;
  }
  bool sign(char wanted) {
    char ignored = 0;
    return sign(std::string_view(&wanted, 1), ignored);
  }
  // Up to nine digits of a second's fraction; more are dropped.
  bool fraction(std::int32_t& nanos) {
    std::int32_t scale = 100'000'000;
    std::size_t used = 0;
    for (; used < rest_.size() && rest_[used] >= '0' && rest_[used] <= '9'; ++used) {
      nanos += (rest_[used] - '0') * scale;
      scale /= 10;
    }
    rest_.remove_prefix(used);
    return used > 0;
  }
  [[nodiscard]] bool done() const noexcept { return rest_.empty(); }

 private:
  std::string_view rest_;
};

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

Result<Timestamp> parse_timestamp(std::string_view text) {
  const auto wrong = [text] {
    return fail(Code::invalid_argument, "'{}' is no timestamp; write it as 2009-02-13T23:31:30Z or with an offset like +01:00",
                text.substr(0, 80));
  };
  Digits in(text);
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  std::int32_t nanos = 0;
  if (!in.number(4, year) || !in.sign('-') || !in.number(2, month) || !in.sign('-') || !in.number(2, day)) return wrong();
  char letter = 0;
  if (!in.sign("Tt", letter) || !in.number(2, hour) || !in.sign(':') || !in.number(2, minute) || !in.sign(':') ||
      !in.number(2, second)) {
    return wrong();
  }
  if (in.sign('.') && !in.fraction(nanos)) return wrong();
  int offset = 0;
  if (!in.sign("Zz", letter)) {
    int hours = 0, minutes = 0;
    if (!in.sign("+-", letter) || !in.number(2, hours) || !in.sign(':') || !in.number(2, minutes) || hours > 23 || minutes > 59)
      return wrong();
    offset = (letter == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!in.done() || !date.ok() || hour > 23 || minute > 59 || second > 59) return wrong();
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const std::int64_t seconds = days * 86'400 + hour * 3600 + minute * 60 + second - offset;
  if (seconds < kFirstSecond || seconds > kLastSecond)
    return fail(Code::out_of_range, "the timestamp '{}' is out of range (years 1 to 9999)", text);
  return Timestamp{seconds, nanos};
}

Result<Duration> parse_duration(std::string_view text) {
  const auto wrong = [text] {
    return fail(Code::invalid_argument, "'{}' is no duration; write it with units h, m, s, ms, us or ns: 1h30m, 1.5s, 100ms",
                text.substr(0, 80));
  };
  std::string_view rest = text;
  const bool minus = rest.starts_with('-');
  if (minus || rest.starts_with('+')) rest.remove_prefix(1);
  if (rest.empty()) return wrong();
  if (rest == "0") return Duration{};
  __int128 nanos = 0;
  while (!rest.empty()) {
    std::uint64_t whole = 0;
    const auto parsed = std::from_chars(rest.data(), rest.data() + rest.size(), whole);
    std::size_t used = static_cast<std::size_t>(parsed.ptr - rest.data());
    if (parsed.ec == std::errc::result_out_of_range)
      return fail(Code::out_of_range, "the duration '{}' is out of range", text.substr(0, 80));
    std::string_view fraction;
    if (used < rest.size() && rest[used] == '.') {
      const std::size_t start = ++used;
      while (used < rest.size() && rest[used] >= '0' && rest[used] <= '9') ++used;
      fraction = rest.substr(start, used - start);
      if (fraction.empty() && parsed.ptr == rest.data()) return wrong();
    } else if (parsed.ptr == rest.data()) {
      return wrong();
    }
    rest.remove_prefix(used);
    struct Unit {
      std::string_view name;
      std::int64_t nanos;
    };
    constexpr Unit kUnits[] = {{"h", 3600 * kNanosPerSecond},
                               {"ms", 1'000'000},
                               {"m", 60 * kNanosPerSecond},
                               {"s", kNanosPerSecond},
                               {"us", 1'000},
                               {"µs", 1'000},
                               {"μs", 1'000},
                               {"ns", 1}};
    const Unit* unit = nullptr;
    for (const Unit& known : kUnits) {
      if (unit == nullptr && rest.starts_with(known.name)) unit = &known;
    }
    if (unit == nullptr) return wrong();
    rest.remove_prefix(unit->name.size());
    nanos += static_cast<__int128>(whole) * unit->nanos;
    std::int64_t scale = unit->nanos;
    __int128 part = 0;
    for (const char digit : fraction.substr(0, 18)) {
      part = part * 10 + (digit - '0') * static_cast<__int128>(scale);
    }
    for (std::size_t i = 0; i < std::min<std::size_t>(fraction.size(), 18); ++i) part /= 10;
    nanos += part;
    if (nanos > static_cast<__int128>(kMostDurationSeconds) * kNanosPerSecond) {
      return fail(Code::out_of_range, "the duration '{}' is out of range (10,000 years)", text.substr(0, 80));
    }
  }
  return TRY(made(minus ? -nanos : nanos, -kMostDurationSeconds, kMostDurationSeconds, false)).as_duration();
}

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
  Digits in(zone);
  if ((colon != 1 && colon != 2) || !in.number(colon, hours) || !in.sign(':') || !in.number(2, minutes) || !in.done())
    return false;
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
