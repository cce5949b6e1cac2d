#include "base/time_text.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <iterator>

#include "base/format.h"
#include "base/utf8.h"

namespace thalweg {

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

void append_fraction(std::string& out, std::int32_t nanos) {
  if (nanos == 0) return;
  fmt::format_to(std::back_inserter(out), ".{:09}", nanos);
  out.erase(out.find_last_not_of('0') + 1);
}
}  // namespace

void append_text(std::string& out, Timestamp time) {
  const std::chrono::sys_seconds seconds{std::chrono::seconds(time.seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(seconds - day);
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                 clock.minutes().count(), clock.seconds().count());
  append_fraction(out, time.nanos);
  out.push_back('Z');
}

void append_text(std::string& out, Duration duration) {
  if (duration.seconds < 0 || duration.nanos < 0) out.push_back('-');
  const auto size = static_cast<std::uint64_t>(duration.seconds);
  fmt::format_to(std::back_inserter(out), "{}", duration.seconds < 0 ? 0 - size : size);
  append_fraction(out, duration.nanos < 0 ? -duration.nanos : duration.nanos);
  out.push_back('s');
}

Result<Timestamp> parse_timestamp(std::string_view text) {
  const auto wrong = [text] {
    return fail(Code::invalid_argument, "'{}' is no timestamp; write it as 2009-02-13T23:31:30Z or with an offset like +01:00",
                utf8::cut(text));
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

Result<Duration> parse_duration(std::string_view text, DurationUnits units) {
  const bool days = units == DurationUnits::with_days;
  const auto wrong = [text, days] {
    return fail(Code::invalid_argument, "'{}' is no duration; write it with units {}h, m, s, ms, us or ns: 1h30m, 1.5s, 100ms",
                utf8::cut(text), days ? "d, " : "");
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
      return fail(Code::out_of_range, "the duration '{}' is out of range", utf8::cut(text));
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
    constexpr Unit kUnits[] = {{"d", 86'400 * kNanosPerSecond},
                               {"h", 3600 * kNanosPerSecond},
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
    if (unit == nullptr || (unit == &kUnits[0] && !days)) return wrong();
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
      return fail(Code::out_of_range, "the duration '{}' is out of range (10,000 years)", utf8::cut(text));
    }
  }
  if (minus) nanos = -nanos;
  return Duration{static_cast<std::int64_t>(nanos / kNanosPerSecond), static_cast<std::int32_t>(nanos % kNanosPerSecond)};
}

}  // namespace thalweg
