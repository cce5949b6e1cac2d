// Operators over one value: map, filters, results and optionals.

#include <atomic>
#include <chrono>
#include <limits>
#include <stdexcept>

#include "typed/typed.h"

using namespace thalweg;
using test::refused;
using test::run;
using test::told;

namespace {

int twice(int n) { return n * 2; }
std::string text(int n) { return std::to_string(n); }
bool even(int n) { return n % 2 == 0; }
Result<int> half(int n) {
  if (n % 2 != 0) return std::unexpected(Error(Code::invalid_argument, "odd"));
  return n / 2;
}
Result<> small(int n) {
  if (n > 9) return std::unexpected(Error(Code::out_of_range, "large"));
  return {};
}
Result<> positive(int n) {
  if (n < 0) return std::unexpected(Error(Code::out_of_range, "negative"));
  return {};
}

}  // namespace

TEST_CASE("map") {
  CHECK(run(pipe<int>().map("twice", twice).map("text", text), 21) == "42");
  CHECK(run(pipe<int>(), 3) == 3);
  CHECK(run(pipe<int>().map([](int n) { return n + 1; }).map([k = 5](int n) { return n * k; }), 1) == 10);
  CHECK(run(pipe<std::string>().map([](const std::string& s, const Context& context) {
          return s + (context.stop().stop_requested() ? "stopped" : "!");
        }),
            std::string("go")) == "go!");
  static_assert(std::same_as<decltype(pipe<int>().map(text))::Output, std::string>);
  static_assert(std::same_as<decltype(pipe<int>().map(half))::Output, int>);
}

TEST_CASE("map: an error ends the run, and so does what is thrown") {
  const auto halves = pipe<int>("halves").map("half", half);
  CHECK(run(halves, 4) == 2);
  const auto odd = run(halves, 3);
  REQUIRE_FALSE(odd.has_value());
  CHECK(told(odd) == "INVALID_ARGUMENT: odd");
  CHECK(odd.error().path().contains("halves"));
  CHECK(odd.error().path().contains("half"));
  const auto thrown = run(pipe<int>().map([](int) -> int { throw std::runtime_error("broken"); }), 3);
  CHECK(told(thrown) == "INTERNAL: the function threw: broken");
  CHECK(told(run(pipe<int>().map([](int) -> int { throw 3; }), 3)).starts_with("INTERNAL: the function threw something"));
}

TEST_CASE("try_map: the failure is the next operator's value") {
  const auto tried = pipe<int>().try_map("half", half);
  static_assert(std::same_as<decltype(tried)::Output, Result<int>>);
  CHECK(told(*run(tried, 4)) == "2");
  CHECK(told(*run(tried, 3)) == "INVALID_ARGUMENT: odd");
  const auto seen = tried.map([](const Result<int>& result) { return result ? *result : -1; });
  CHECK(run(seen, 4) == 2);
  CHECK(run(seen, 3) == -1);
  const auto thrown = pipe<int>().try_map([](int) -> int { throw std::runtime_error("broken"); });
  CHECK(told(*run(thrown, 3)) == "INTERNAL: the function threw: broken");
}

TEST_CASE("filters gate one value") {
  CHECK(*run(pipe<int>().filter("even", even), 4) == 4);
  CHECK(*run(pipe<int>().filter(even), 3) == std::nullopt);
  CHECK(*run(pipe<int>().filter_allow(even), 4) == 4);
  CHECK(*run(pipe<int>().filter_block(even), 4) == std::nullopt);
  CHECK(*run(pipe<int>().filter_block(even), 3) == 3);
  CHECK(*run(pipe<std::string>().filter([](const std::string& s) { return !s.empty(); }).map([](std::optional<std::string> s) {
    return s.value_or("nothing");
  }),
             std::string()) == "nothing");
}

TEST_CASE("and_: the first error wins, an error before passes untouched") {
  const auto checked = pipe<int>().try_map("half", half).and_("small", small).and_("positive", positive);
  CHECK(told(*run(checked, 4)) == "2");
  CHECK(told(*run(checked, 40)) == "OUT_OF_RANGE: large");
  CHECK(told(*run(checked, -4)) == "OUT_OF_RANGE: negative");
  CHECK(told(*run(checked, 41)) == "INVALID_ARGUMENT: odd");
  std::atomic<int> asked = 0;
  const auto counted = pipe<int>().try_map(half).and_(small).and_([&asked](int) -> Result<> {
    ++asked;
    return {};
  });
  CHECK(told(*run(counted, 40)) == "OUT_OF_RANGE: large");
  CHECK(told(*run(counted, 3)) == "INVALID_ARGUMENT: odd");
  CHECK(asked == 0);
}

TEST_CASE("or_, or_else_map and the unwrap family of results") {
  const auto tried = pipe<int>().try_map("half", half);
  CHECK(run(tried.or_(-1), 4) == 2);
  CHECK(run(tried.or_(-1), 3) == -1);
  CHECK(run(tried.unwrap_or(-1), 3) == -1);
  const auto length = [](const Error& error) { return static_cast<int>(error.message().size()); };
  CHECK(run(tried.or_else_map(length), 3) == 3);
  CHECK(run(tried.or_else_map(length), 8) == 4);
  CHECK(run(tried.unwrap_or_else(length), 3) == 3);
  CHECK(run(tried.unwrap(), 4) == 2);
  CHECK(told(run(tried.unwrap(), 3)) == "INVALID_ARGUMENT: odd");
  CHECK(told(run(tried.expect("an even number"), 3)) == "INVALID_ARGUMENT: an even number: odd");
  CHECK(*run(tried.ok(), 4) == 2);
  CHECK(*run(tried.ok(), 3) == std::nullopt);
  CHECK(run(tried.unwrap().map(twice), 4) == 4);
}

TEST_CASE("the unwrap family of optionals") {
  const auto maybe = pipe<int>().filter("even", even);
  CHECK(run(maybe.unwrap(), 4) == 4);
  CHECK(told(run(maybe.unwrap(), 3)) == "NOT_FOUND: there is no value");
  CHECK(told(run(maybe.expect("even numbers only"), 3)) == "NOT_FOUND: even numbers only: there is no value");
  CHECK(run(maybe.unwrap_or(7), 3) == 7);
  CHECK(run(maybe.unwrap_or(7), 4) == 4);
  CHECK(run(maybe.unwrap_or_else([] { return 8; }), 3) == 8);
  CHECK(run(maybe.unwrap_or_else([] { return 8; }), 4) == 4);
  CHECK(told(*run(maybe.ok_or(Error(Code::aborted, "odd {{ one }}")), 3)) == "ABORTED: odd {{ one }}");
  CHECK(told(*run(maybe.ok_or(Error(Code::aborted, "odd")), 4)) == "4");
}

TEST_CASE("literals are taken as they stand") {
  const auto maybe = pipe<std::string>().filter([](const std::string& s) { return s.size() > 1; });
  for (const std::string& literal :
       {std::string("{{ input }}"), std::string("{% raw %}"), std::string("{{{#"), std::string("a: b # c"), std::string("null"),
        std::string("\"\n\\\t\x01"), std::string("- x"), std::string("grüße")}) {
    CHECK(run(maybe.unwrap_or(literal), std::string("x")) == literal);
  }
  CHECK(refused(maybe.unwrap_or(std::string("\xff"))).contains("UTF-8"));

  // What YAML has no words for.
  const auto instead = [](const auto& literal) {
    using T = std::remove_cvref_t<decltype(literal)>;
    return run(pipe<T>().filter([](const T&) { return false; }).unwrap_or(literal).map([](T value) { return value; }), T{}) ==
           literal;
  };
  CHECK(instead(std::uint64_t{5}));
  CHECK(instead(std::vector<std::uint64_t>{5, UINT64_MAX}));
  CHECK(instead(std::vector<std::byte>{std::byte{0}, std::byte{39}, std::byte{255}}));
  CHECK(instead(std::chrono::milliseconds(-1500)));
  CHECK(instead(Timestamp{1'700'000'000, 5}));
  CHECK(instead(std::vector<float>{1, 0.1F}));
  CHECK(instead(std::vector{1.0, -0.0, 1e300, std::numeric_limits<double>::infinity()}));
  CHECK(instead(std::map<std::string, std::optional<int>>{{"a b", 1}, {"null", std::nullopt}}));
}

TEST_CASE("then, group and any stage type") {
  const auto part = pipe<int>().map("twice", twice).map("text", text);
  CHECK(run(pipe<int>().map(twice).then(part), 2) == "8");
  CHECK(run(pipe<int>().group(part), 2) == "4");
  CHECK(*run(pipe<std::vector<int>>().stage<std::vector<int>>("sort", "items", Value::map({{"descending", true}})),
             std::vector{2, 3, 1}) == std::vector{3, 2, 1});
  CHECK(refused(pipe<int>().stage<int>("srot", "items")).contains("did you mean 'sort'"));
}

TEST_CASE("a pipeline is built once and run often; beginnings are shared") {
  const auto begin = pipe<int>().map("twice", twice);
  const auto a = test::built(begin.map("text", text));
  const auto b = test::built(begin.map("half", half));
  for (int n = 0; n < 100; ++n) {
    CHECK(a.run(n) == std::to_string(n * 2));
    CHECK(b.run(n) == n);
  }
}

TEST_CASE("the report names each operator") {
  const auto p = test::built(pipe<int>("numbers").map("twice", twice).try_map("half", half).unwrap());
  const auto ran = p.run_with_report(4);
  CHECK(ran.output == 4);
  std::vector<std::string> ids;
  for (const StageReport& stage : ran.report.stages()) {
    ids.push_back(stage.id);
    CHECK(stage.status == StageStatus::ok);
    CHECK(stage.attempts == 1);
  }
  CHECK(ids == std::vector<std::string>{"twice", "try", "unwrapped"});
  CHECK(ran.report.stages()[1].nested[0].id == "half");
  CHECK(ran.report.pipeline() == "numbers");
}

TEST_CASE("wrong usage is found when it is built") {
  CHECK(refused(pipe<int>().map("no name", twice)).contains("'no name' is no name"));
  CHECK(refused(pipe<int>().map("sort", twice)).contains("'sort' is the name of a stage type"));
  CHECK(refused(pipe<int>().map("same", twice).map("same", half)).contains("two functions"));
  CHECK(refused(pipe<int>().cached(std::chrono::seconds(1))).contains("there is none"));
  CHECK(refused(pipe<int>().map(twice).then(pipe<int>().map(twice).map(twice)).at_most(2)).contains("group()"));
  const Runtime own(1);
  CHECK(refused(pipe<int>().map("f", twice), own) == "built");
  CHECK(refused(pipe<int>().map("f", half), own).contains("another function is known as 'f'"));
}

// What does not fit does not compile.
template <class P, class... F>
concept Maps = requires(P p, F... f) { p.map(f...); };
template <class P, class F>
concept Filters = requires(P p, F f) { p.filter(f); };
template <class P>
concept Unwraps = requires(P p) { p.unwrap(); };
template <class P>
concept Flattens = requires(P p) { p.flatten(); };
template <class P>
concept Chunks = requires(P p) { p.chunk(1); };
template <class P>
concept Waits = requires(P p) { p.wait(); };
static_assert(Maps<Pipe<int>, int (*)(int)>);
static_assert(!Maps<Pipe<int>, int (*)(std::string)>);
static_assert(!Maps<Pipe<std::string>, int (*)(int)>);
static_assert(!Maps<Pipe<int>, Pipe<std::string, int>>);
static_assert(!Filters<Pipe<int>, int (*)(int)>);
static_assert(!Unwraps<Pipe<int>>);
static_assert(!Flattens<Pipe<std::vector<int>>>);
static_assert(!Chunks<Pipe<int>>);
static_assert(!Waits<Pipe<int>>);
struct NoCodec {};
static_assert(!Crosses<NoCodec>);
static_assert(!Crosses<char*>);
