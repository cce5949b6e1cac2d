#include "base/time_text.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace thalweg;

namespace {
template <class Time>
std::string text_of(Time time) {
  std::string out;
  append_text(out, time);
  return out;
}
Code code_of(std::string_view duration, DurationUnits units = DurationUnits::cel) {
  return parse_duration(duration, units).error().code();
}
}  // namespace

TEST_CASE("timestamps and durations are read as they are written") {
  CHECK(rc::check([] {
    const Timestamp time{*rc::gen::inRange<std::int64_t>(kFirstSecond, kLastSecond + 1),
                         *rc::gen::inRange<std::int32_t>(0, 1'000'000'000)};
    RC_ASSERT(parse_timestamp(text_of(time)).value() == time);
    const bool minus = *rc::gen::arbitrary<bool>();
    const auto seconds = *rc::gen::inRange<std::int64_t>(0, kMostDurationSeconds);
    const auto nanos = *rc::gen::inRange<std::int32_t>(0, 1'000'000'000);
    const Duration span{minus ? -seconds : seconds, minus ? -nanos : nanos};
    RC_ASSERT(parse_duration(text_of(span)).value() == span);
  }));
}

TEST_CASE("offsets, the ends of time, and what is no time") {
  CHECK(parse_timestamp("1970-01-01T01:00:00+01:00").value() == Timestamp{});
  CHECK(parse_timestamp("1970-01-01t00:00:00.1234567899z").value() == Timestamp{0, 123'456'789});
  CHECK(parse_timestamp("0001-01-01T00:00:00Z").value().seconds == kFirstSecond);
  CHECK(parse_timestamp("9999-12-31T23:59:59Z").value().seconds == kLastSecond);
  CHECK(parse_timestamp("9999-12-31T23:59:59-00:01").error().code() == Code::out_of_range);
  for (const char* wrong : {"", "1970-01-01", "1970-02-30T00:00:00Z", "1970-01-01T24:00:00Z", "1970-01-01T00:00:00",
                            "1970-01-01T00:00:00Zx", "1970-01-01T00:00:00.Z", "1970-01-01T00:00:00+1:00"}) {
    CHECK_MESSAGE(parse_timestamp(wrong).error().code() == Code::invalid_argument, wrong);
  }
}

TEST_CASE("durations add up their parts; days are for definitions") {
  CHECK(parse_duration("1h30m1.5s").value() == Duration{5'401, 500'000'000});
  CHECK(parse_duration("-1ns").value() == Duration{0, -1});
  CHECK(parse_duration("0").value() == Duration{});
  CHECK(parse_duration("1.5us").value() == Duration{0, 1'500});
  CHECK(parse_duration("1d12h", DurationUnits::with_days).value() == Duration{129'600, 0});
  for (const char* wrong : {"", "-", "1", "1d", "h", "1h ", ".s", "1..5s", "1e3s"})
    CHECK_MESSAGE(code_of(wrong) == Code::invalid_argument, wrong);
  CHECK(code_of("1x", DurationUnits::with_days) == Code::invalid_argument);
  CHECK(code_of("87660001h") == Code::out_of_range);
  CHECK(code_of("99999999999999999999s") == Code::out_of_range);
}
