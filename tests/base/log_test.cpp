#include "base/log.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <string>

#include "thalweg/json.h"

using namespace thalweg;

namespace {
// 2026-01-02T03:04:05.5Z
constexpr Nanos kWall = 1'767'323'045 * kSecond + 500 * kMillisecond;
}  // namespace

TEST_CASE("an event is one line for people") {
  VirtualClock clock(kWall);
  std::string out;
  Logger logger(clock, LogLevel::info, Logger::Form::text, [&](std::string_view line) { out += line; });
  logger.log(LogLevel::debug, "not wanted");
  logger.log(LogLevel::warning, "two\nlines\tand \x1b[31m", {{"index", "docs"}, {"attempt", 2}, {"share", 0.5}});
  logger.log(LogLevel::error, Error(Code::not_found, "no stage 'foo'").at("p.yaml:3:11"));
  CHECK(out ==
        "2026-01-02T03:04:05.5Z warning two\\nlines\\tand \\x1b[31m index=\"docs\" attempt=2 share=0.5\n"
        "2026-01-02T03:04:05.5Z error p.yaml:3:11: no stage 'foo' code=\"NOT_FOUND\"\n");
}

TEST_CASE("an event is one JSON document for machines, also when a field is none") {
  VirtualClock clock(kWall);
  std::string out;
  Logger logger(clock, LogLevel::debug, Logger::Form::json, [&](std::string_view line) { out = line; });
  logger.log(LogLevel::debug, "a \"message\"", {{"n", 1}});
  CHECK(out == "{\"time\":\"2026-01-02T03:04:05.5Z\",\"level\":\"debug\",\"message\":\"a \\\"message\\\"\",\"n\":1}\n");
  logger.log(LogLevel::info, "bytes \xFF", {{"score", std::nan("")}});
  const auto read = parse_json(out);
  REQUIRE(read);
  CHECK(*read->find("score") == Value("JSON cannot hold NaN"));
  CHECK(*read->find("message") == Value("bytes \uFFFD"));
}

TEST_CASE("the standard sink writes to standard error, and a context carries the logger") {
  VirtualClock clock(kWall);
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  const int kept = dup(STDERR_FILENO);
  dup2(ends[1], STDERR_FILENO);
  Logger logger(clock);
  const Context context = Context(clock).with_log(logger);
  context.log()->log(LogLevel::info, "hello");
  dup2(kept, STDERR_FILENO);
  close(kept);
  close(ends[1]);
  std::array<char, 100> read{};
  const ssize_t size = ::read(ends[0], read.data(), read.size());
  close(ends[0]);
  REQUIRE(size > 0);
  CHECK(std::string_view(read.data(), static_cast<std::size_t>(size)) == "2026-01-02T03:04:05.5Z info hello\n");
  CHECK(Context(clock).log() == nullptr);
}

TEST_CASE("trace ids are read and written as the standard has them") {
  // The example of W3C Trace Context, section 3.2.
  const std::string_view example = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const auto ids = parse_traceparent(example);
  REQUIRE(ids);
  CHECK(ids->trace[0] == 0x0af7651916cd43ddU);
  CHECK(ids->trace[1] == 0x8448eb211c80319cU);
  CHECK(ids->span == 0xb7ad6b7169203331U);
  CHECK(ids->flags == 1);
  CHECK(to_traceparent(*ids) == example);
  CHECK(parse_traceparent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more").value() == *ids);
  for (const std::string_view bad :
       {"", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01x", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g"}) {
    CHECK(parse_traceparent(bad).error().code() == Code::invalid_argument);
  }
  Random random(1);
  const TraceIds made = new_trace(random), next = next_span(made, random);
  CHECK(parse_traceparent(to_traceparent(made)).value() == made);
  CHECK(next.trace == made.trace);
  CHECK(next.span != made.span);
}
