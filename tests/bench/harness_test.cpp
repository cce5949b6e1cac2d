#include "bench/harness.h"

#include <doctest/doctest.h>

using namespace thalweg;
using bench::Report;

TEST_CASE("batches are sized by time and give the time of one operation") {
  VirtualClock clock;
  Report report(clock);
  std::uint64_t calls = 0;
  const auto body = [&] {
    ++calls;
    clock.advance(100);
  };
  CHECK(report.time("one", body) == 100);
  CHECK(report.time("per branch", body, 4) == 25);
  CHECK(report.rate("rate", "MB/s", 0.5, body) == doctest::Approx(0.5e7));
  const bench::Measurement& one = report.results()[0];
  CHECK(one.p10 == 100);
  CHECK(one.p90 == 100);
  CHECK(one.unit == "ns");
  // 400 ms in batches of 2.0 to 2.2 ms: about 190.
  CHECK(one.n >= 180);
  CHECK(one.n <= 201);
}

TEST_CASE("a body longer than all the time allowed is still measured several times") {
  VirtualClock clock;
  Report report(clock, {.batch = kMillisecond, .total = 10 * kMillisecond, .least = 5, .most = 9});
  int calls = 0;
  report.time("slow", [&] {
    ++calls;
    clock.advance(kSecond * calls);  // 1 s for the warm-up, then 2, 3, 4, 5, 6 s
  });
  const bench::Measurement& slow = report.results()[0];
  CHECK(calls == 6);
  CHECK(slow.n == 5);
  CHECK(slow.median == 4e9);
  CHECK(slow.p10 == doctest::Approx(2.4e9));
  CHECK(slow.p90 == doctest::Approx(5.6e9));
}

TEST_CASE("slopes and ratios come from batches taken in turn") {
  VirtualClock clock;
  Report report(clock);
  // The machine gets slower and slower; what is measured in turn is not misled by that.
  Nanos drift = kMillisecond;
  const auto small = [&] { clock.advance(drift += 300); };
  const auto large = [&] { clock.advance(3 * (drift += 300)); };
  CHECK(report.ratio("ratio", large, small) == doctest::Approx(3).epsilon(0.05));
  CHECK(report.results()[1].name == "ratio.low95");
  CHECK(report.results()[1].median <= report.results()[0].median);
  CHECK(report.results()[1].median > 2.8);
  CHECK(report.results()[2].name == "ratio.high95");
  CHECK(report.results()[2].median >= report.results()[0].median);
  CHECK(report.results()[2].median < 3.2);
  CHECK(report.slope("slope", [&] { clock.advance(150); }, [&] { clock.advance(150 + 90 * 40); }, 90) == doctest::Approx(40));
}

TEST_CASE("a cost is the time by the clock, and the processor's in all threads") {
  VirtualClock clock;
  Report report(clock);
  const bench::Cost idle = report.cost([&] { clock.advance(kSecond); });
  CHECK(idle.wall == 1e9);
  const bench::Cost busy = report.cost([] {
    const Nanos begun = bench::processor_time();
    std::thread([begun] {
      while (bench::processor_time() - begun < 20 * kMillisecond) {
      }
    }).join();
  });
  CHECK(busy.wall == 0);
  CHECK(busy.processor >= 20e6);
  bench::Cost both = idle;
  both += busy;
  CHECK(both.wall == 1e9);
  CHECK(both.processor == idle.processor + busy.processor);
}

TEST_CASE("the interval of a ratio lies around its median, and is narrower with more pairs") {
  VirtualClock clock;
  Report report(clock);
  std::vector<double> few, many;
  for (int i = 0; i < 200; ++i) (i < 10 ? few : many).push_back(0.9 + 0.001 * ((i * 37) % 200));
  CHECK(report.add_ratio("few", few) == report.results()[0].median);
  report.add_ratio("many", many);
  const auto figure = [&](std::size_t i) { return report.results()[i].median; };
  CHECK(figure(1) < figure(0));
  CHECK(figure(2) > figure(0));
  CHECK(figure(5) - figure(4) < figure(2) - figure(1));
}

TEST_CASE("what cannot be measured is passed over with its reason, and is no error when asked for") {
  const std::vector<bench::Benchmark> known{{"models", [](Report& report) { report.pass_over("models.index", "no manuals"); }}};
  VirtualClock clock;
  Report report(clock);
  const std::vector<std::string> there{"models.index.low95"}, group{"models"}, wrong{"models.indices"};
  REQUIRE(bench::run(known, there, report));
  REQUIRE(bench::run(known, group, report));
  CHECK(report.results().empty());
  REQUIRE(report.passed_over().size() == 2);
  CHECK(report.passed_over()[0].what == "models.index");
  CHECK(report.passed_over()[0].why == "no manuals");
  Report fresh(clock);
  CHECK(bench::run(known, wrong, fresh).error().code() == Code::not_found);
}

TEST_CASE("an unknown benchmark is refused before anything runs, with the nearest name") {
  static int ran;
  ran = 0;
  const std::vector<bench::Benchmark> known{{"json", [](Report&) { ran += 1; }}, {"engine", [](Report&) { ran += 10; }}};
  VirtualClock clock;
  Report report(clock);
  const std::vector<std::string> wrong{"json", "engin"}, far{"zzzz"}, right{"engine"};
  CHECK(bench::run(known, wrong, report).error().text() == "no benchmark 'engin'; did you mean 'engine'?");
  CHECK(bench::run(known, far, report).error().text() == "no benchmark 'zzzz'; there are: json, engine");
  CHECK(ran == 0);
  REQUIRE(bench::run(known, right, report));
  CHECK(ran == 10);
  REQUIRE(bench::run(known, {}, report));
  CHECK(ran == 21);
}

TEST_CASE("one figure of a group is asked for by its name") {
  const std::vector<bench::Benchmark> known{{"a",
                                             [](Report& report) {
                                               report.add("a.run", "ns", {1});
                                               report.add("a.run.low", "ns", {1});
                                               report.add("a.runner", "ns", {1});
                                             }},
                                            {"b", [](Report& report) { report.add("b.x", "ns", {1}); }}};
  VirtualClock clock;
  const auto asked = [&](std::vector<std::string> names) {
    Report report(clock);
    std::string found;
    if (!bench::run(known, names, report)) return std::string("refused");
    for (const auto& figure : report.results()) found += figure.name + " ";
    return found;
  };
  CHECK(asked({"a.run"}) == "a.run a.run.low ");
  CHECK(asked({"a.run", "b"}) == "a.run a.run.low b.x ");
  CHECK(asked({"a.run", "a"}) == "a.run a.run.low a.runner ");
  CHECK(asked({"a.walk"}) == "refused");
}

TEST_CASE("results are told as a list for machines and as a table for people") {
  VirtualClock clock;
  Report report(clock);
  report.add("a.b", "MB/s", {3, 1, 2});
  const Value list = bench::to_value(report.results());
  CHECK(list ==
        Value::list({Value::map({{"name", "a.b"}, {"median", 2.0}, {"p10", 1.2}, {"p90", 2.8}, {"n", 3}, {"unit", "MB/s"}})}));
  const std::string text = bench::to_text(report.results());
  CHECK(text.starts_with(bench::machine() + "\n"));
  CHECK(text.find("a.b  ") != std::string::npos);
  CHECK(text.find("2 MB/s   (p10 1.2, p90 2.8, n 3)") != std::string::npos);
}
