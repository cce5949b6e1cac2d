#include "base/time_text.h"

#include <fmt/format.h>

#include <chrono>
#include <iterator>

namespace thalweg {

namespace {
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

}  // namespace thalweg
