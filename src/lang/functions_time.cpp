// Parts of timestamps and durations.

#include "lang/function.h"
#include "lang/times.h"

namespace thalweg::lang {

namespace {
// A part of a timestamp in UTC or, with a second argument, in a time zone.
template <class Part>
bool part_of(Call& call, Part part) {
  if (!call[0].is(Kind::timestamp) || (call.size() == 2 && !call[1].is_string())) return call.no_overload();
  const auto civil = civil_time(call[0].as_timestamp(), call.size() == 2 ? call[1].as_string() : "UTC");
  if (!civil) return call.fail(civil.error().code(), "{}", civil.error().message());
  return call.give(static_cast<std::int64_t>(part(*civil)));
}

bool is_duration(Call& call) { return call.size() == 1 && call[0].is(Kind::duration); }

bool year(Call& call) {
  return part_of(call, [](const CivilTime& t) { return t.year; });
}
bool month(Call& call) {
  return part_of(call, [](const CivilTime& t) { return t.month; });
}
bool day_of_month(Call& call) {
  return part_of(call, [](const CivilTime& t) { return t.day - 1; });
}
bool date(Call& call) {
  return part_of(call, [](const CivilTime& t) { return t.day; });
}
bool day_of_year(Call& call) {
  return part_of(call, [](const CivilTime& t) { return t.day_of_year; });
}
bool day_of_week(Call& call) {
  return part_of(call, [](const CivilTime& t) { return t.day_of_week; });
}
bool hours(Call& call) {
  if (is_duration(call)) return call.give(call[0].as_duration().seconds / 3600);
  return part_of(call, [](const CivilTime& t) { return t.hours; });
}
bool minutes(Call& call) {
  if (is_duration(call)) return call.give(call[0].as_duration().seconds / 60);
  return part_of(call, [](const CivilTime& t) { return t.minutes; });
}
bool seconds(Call& call) {
  if (is_duration(call)) return call.give(call[0].as_duration().seconds);
  return part_of(call, [](const CivilTime& t) { return t.seconds; });
}
// Of a duration, as of a timestamp, the thousandths behind the whole seconds.
bool milliseconds(Call& call) {
  if (is_duration(call)) return call.give(static_cast<std::int64_t>(call[0].as_duration().nanos / 1'000'000));
  const std::int32_t nanos = call[0].is(Kind::timestamp) ? call[0].as_timestamp().nanos : 0;
  return part_of(call, [nanos](const CivilTime&) { return nanos / 1'000'000; });
}

constexpr std::string_view kOfTimestamp = "(timestamp) -> int; (timestamp, string) -> int";
constexpr std::string_view kOfBoth = "(timestamp) -> int; (timestamp, string) -> int; (duration) -> int";
constexpr FunctionEntry kEntries[] = {
    {"getFullYear", true, kOfTimestamp, year},
    {"getMonth", true, kOfTimestamp, month},
    {"getDayOfMonth", true, kOfTimestamp, day_of_month},
    {"getDate", true, kOfTimestamp, date},
    {"getDayOfYear", true, kOfTimestamp, day_of_year},
    {"getDayOfWeek", true, kOfTimestamp, day_of_week},
    {"getHours", true, kOfBoth, hours},
    {"getMinutes", true, kOfBoth, minutes},
    {"getSeconds", true, kOfBoth, seconds},
    {"getMilliseconds", true, kOfBoth, milliseconds},
};
}  // namespace

std::span<const FunctionEntry> time_functions() noexcept { return kEntries; }

}  // namespace thalweg::lang
