// Pipelines printed as definitions, and definitions loaded as pipelines.

#include "typed/typed.h"

using namespace thalweg;
using namespace std::chrono_literals;
using test::built;

namespace {

std::string trim(const std::string& s) {
  const auto begin = s.find_first_not_of(' ');
  return begin == std::string::npos ? std::string() : s.substr(begin, s.find_last_not_of(' ') - begin + 1);
}
std::size_t length(const std::string& s) { return s.size(); }
bool is_long(const std::string& s) { return s.size() > 3; }
Result<int> number(const std::string& s) {
  try {
    return std::stoi(s);
  } catch (const std::exception&) {
    return std::unexpected(Error(Code::invalid_argument, s + " is no number"));
  }
}
int sum(int total, int item) { return total + item; }
int twice(int n) { return n * 2; }
bool even(int n) { return n % 2 == 0; }
Result<> small(int n) {
  if (n > 100) return std::unexpected(Error(Code::out_of_range, "large"));
  return {};
}
int code(const Error& error) { return -static_cast<int>(error.code()); }
std::vector<int> all_twice(std::vector<int> items) {
  for (int& item : items) item *= 2;
  return items;
}

void know(const Runtime& runtime) {
  for (const auto& added :
       {runtime.add("trim", trim), runtime.add("length", length), runtime.add("is_long", is_long), runtime.add("number", number),
        runtime.add("sum", sum), runtime.add("twice", twice), runtime.add("even", even), runtime.add("small", small),
        runtime.add("code", code), runtime.add("all_twice", all_twice)}) {
    CHECK(added.has_value());
  }
}

/// Printed, loaded where only the functions are known, printed again; gives the loaded one.
template <class In, class Cur>
Pipeline<In, Cur> through_text(const Pipe<In, Cur>& pipe, const Runtime& other) {
  const Runtime own(1);
  const auto text = built(pipe, own).definition();
  REQUIRE_MESSAGE(text.has_value(), (text ? "" : text.error().text()));
  auto loaded = Pipeline<In, Cur>::load(*text, other);
  REQUIRE_MESSAGE(loaded.has_value(), (*text + (loaded ? "" : loaded.error().text())));
  CHECK(loaded->definition() == *text);
  return *loaded;
}

}  // namespace

TEST_CASE("what is printed") {
  const auto p = built(pipe<std::string>("clean").map("trim", trim).map("length", length).within(2s));
  CHECK(p.definition() == R"(name: clean
input: string
output_type: uint
stages:
  - id: trim
    uses: trim
    with:
      value: "{{ input }}"
  - id: length
    uses: length
    with:
      value: "{{ trim }}"
    timeout: "2s"
output: "{{ length }}"
)");
}

TEST_CASE("every operator goes through its text") {
  const Runtime other(1);
  know(other);
  const auto words = pipe<std::vector<std::string>>("all")
                         .each(pipe<std::string>()
                                   .map("trim", trim)
                                   .try_map("number", number)
                                   .and_("small", small)
                                   .or_else_map("code", code)
                                   .branch()
                                   .when("even", even)
                                   .then("twice", twice)
                                   .or_pass())
                         .concat({7, 8})
                         .chunk(2)
                         .flatten()
                         .window(2)
                         .each(pipe<std::vector<int>>().reduce(0, "sum", sum))
                         .flat_map("all_twice_of", [](int n) { return std::vector{n}; });
  CHECK(other.add("all_twice_of", [](int n) { return std::vector{n}; }).has_value());
  const std::vector<std::string> input{" 1 ", "4", "x", "200"};
  const auto loaded = through_text(words, other);
  CHECK(*loaded.run(input) == std::vector{1 + 8, 8 - 3, -3 - 11, -11 + 7, 7 + 8});
  CHECK(*loaded.run(input) == *test::run(words, input));

  const auto numbers =
      pipe<int>("numbers")
          .fan_out()
          .add("twice", twice)
          .add(pipe<int>().map("twice", twice).map("twice", twice))
          .gather()
          .each(pipe<int>().router().route(fn("even", even), fn("twice", twice)).otherwise("twice", twice).unwrap())
          .each(pipe<int>().parallel().fork("twice", twice).join())
          .flatten()
          .each(pipe<Result<int>>().expect("a number"))
          .each(pipe<int>().filter("even", even).unwrap_or(5))
          .each(pipe<int>().retry().attempts(1).on({Code::aborted}).run("twice", twice).ok().unwrap())
          .each(pipe<int>().circuit_breaker({}, "twice", twice))
          .each(pipe<int>().batch(1, 1ms, "all_twice", all_twice))
          .each(pipe<int>().map("twice", twice).cached(1h).timeout(1min).unwrap())
          .each(pipe<int>().rate_limit(1000, 1ms).fork("twice", twice).wait().unwrap());
  const auto both = through_text(numbers, other);
  CHECK(*both.run(3) == std::vector{3 * 256, 3 * 512});
}

TEST_CASE("a function without a name cannot be printed: the error tells the stage") {
  const auto p = built(pipe<std::string>().map("trim", trim).map([](const std::string& s) { return s + "!"; }));
  const auto text = p.definition();
  REQUIRE_FALSE(text.has_value());
  CHECK(text.error().code() == Code::failed_precondition);
  CHECK(text.error().message().contains("'step'"));
  CHECK(p.run(" x ") == "x!");
}

TEST_CASE("a definition of one's own, with functions as stage types") {
  const Runtime runtime(1);
  know(runtime);
  const std::string text = R"(
name: own
input: string
stages:
  - {id: clean, uses: trim, with: {value: "{{ input }}"}}
  - {id: n, uses: number, with: {value: "{{ clean }}"}, on_failure: {fallback: {value: -1}}}
output: "{{ n * 10 }}"
)";
  const auto own = Pipeline<std::string, int>::load(text, runtime);
  REQUIRE_MESSAGE(own.has_value(), (own ? "" : own.error().text()));
  CHECK(own->run(" 12") == 120);
  CHECK(own->run("x") == -10);
  CHECK(own->name() == "own");

  const auto error = [&](auto loaded) { return loaded ? std::string("loaded") : loaded.error().text(); };
  CHECK(error(Pipeline<int, int>::load(text, runtime)).contains("takes string, the C++ pipeline int"));
  CHECK(error(Pipeline<std::string, std::string>::load(text, runtime)).contains("gives int, the C++ pipeline string"));
  CHECK(error(Pipeline<std::string, int>::load(text, Runtime(1))).contains("unknown stage type 'trim'"));
  CHECK(error(Pipeline<std::string, int>::load("name: [", runtime, "own.yaml")).contains("own.yaml:"));
  const std::string mistyped = R"(
name: wrong
input: int
stages: [{id: clean, uses: trim, with: {value: "{{ input }}"}}]
)";
  CHECK(error(Pipeline<int, std::string>::load(mistyped, runtime)).contains("string"));
}

TEST_CASE("names belong to one function") {
  const Runtime runtime(1);
  know(runtime);
  CHECK(runtime.add("trim", trim).has_value());  // the same again
  CHECK(runtime.add("trim", number).error().code() == Code::already_exists);
  CHECK(runtime.add("sort", trim).error().code() == Code::already_exists);
  CHECK(runtime.add("", trim).error().code() == Code::invalid_argument);
}

TEST_CASE("functions that capture may be built again, and are known by hand only") {
  const Runtime runtime(1);
  const auto scaled = [&](int factor) {
    return built(pipe<int>("scaled").map("scale", [factor](int n) { return n * factor; }).cached(), runtime);
  };
  const auto by_two = scaled(2);
  const auto by_three = scaled(3);
  CHECK(by_two.run(5) == 10);
  CHECK(by_three.run(5) == 15);  // the cache takes them for two
  CHECK(by_two.run(5) == 10);
  const std::string text = *by_three.definition();
  CHECK_FALSE(Pipeline<int, int>::load(text, runtime).has_value());
  CHECK(runtime.add("scale", [factor = 3](int n) { return n * factor; }).has_value());
  CHECK(Pipeline<int, int>::load(text, runtime)->run(5) == 15);
  CHECK(runtime.add("scale", [factor = 4](int n) { return n * factor; }).error().code() == Code::already_exists);
  CHECK(runtime.add("scale", twice).error().code() == Code::already_exists);
}
