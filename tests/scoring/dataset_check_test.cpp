// What is wrong among the samples of a data set, and texts met twice.
#include "scoring/data/dataset_check.h"

#include <doctest/doctest.h>

#include <map>

#include "thalweg/random.h"

using namespace thalweg;
using namespace thalweg::scoring;

TEST_CASE("what samples say is checked against the configuration and against each other") {
  KnownNames known{{"task", "fact"}, {"plan", "goal"}};
  const auto sample = [](std::string id, std::string text, Decision decision = Decision::accept) {
    return Sample{.id = std::move(id),
                  .text = std::move(text),
                  .expected_decision = decision,
                  .expected_labels = {"plan"},
                  .primary_category = "task"};
  };
  std::vector<Sample> samples{sample("1", "one"),   sample("2", "two"),  sample("1", "three"),
                              sample("4", " \n\t"), sample("5", "one"),  sample("6", "two", Decision::reject),
                              sample("7", "seven"), sample("8", "eight")};
  samples[6].expected_labels = {"plam", "other"};
  samples[6].primary_category = "tasks";
  samples[7].expected_labels = {};
  for (std::size_t i = 0; i < samples.size(); ++i) samples[i].row = i;
  Problems problems;
  DatasetCheck check(&known);
  std::vector<bool> good;
  for (const Sample& one : samples) good.push_back(check.add(one, "s", problems));
  CHECK(good == std::vector<bool>{true, true, false, false, true, true, false, true});
  std::vector<std::string> texts;
  for (const Problem& problem : problems.kept()) texts.push_back(problem.text());
  CHECK(texts ==
        std::vector<std::string>{"s: (1) the id stands at row 1 already (counted from 1)", "s: (4) the text is blank",
                                 "s: (5) the same text stands at row 1 (counted from 1)",
                                 "s: (6) the same text stands at row 2 (counted from 1), where accept is expected, not reject",
                                 "s: (7) the configuration has no category \"tasks\"; did you mean \"task\"?",
                                 "s: (7) the configuration has no label \"plam\"; did you mean \"plan\"?",
                                 "s: (7) the configuration has no label \"other\"", "s: (8) no label is expected"});
  CHECK(problems.errors() == 5);
  CHECK(problems.warnings() == 3);
  CHECK(problems.count(ProblemKind::unknown_label) == 2);
  CHECK(problems.kept()[4].to_value() ==
        Value::map({{"kind", Value("unknown_category")},
                    {"severity", Value("error")},
                    {"place", Value("s")},
                    {"row", Value(6)},
                    {"line", Value(1)},
                    {"id", Value("7")},
                    {"message", Value("the configuration has no category \"tasks\"; did you mean \"task\"?")}}));
}

TEST_CASE("texts met before are found, whatever their number") {
  SeenTexts seen;
  for (std::size_t i = 0; i < 50'000; ++i) CHECK(!seen.meet(fmt::format("text {}", i), i, i % 3 == 0));
  CHECK(seen.size() == 50'000);
  for (std::size_t i = 0; i < 50'000; i += 7)
    CHECK(seen.meet(fmt::format("text {}", i), 99, false) == std::pair(static_cast<std::uint32_t>(i), i % 3 == 0));
}

TEST_CASE("texts met before are found in the file, too, and none that were not") {
  SeenTexts seen(100);
  std::map<std::string, std::size_t> known;
  Random random(4);
  for (std::size_t row = 0; row < 20'000; ++row) {
    const std::string text = fmt::format("text {}", random.below(15'000));
    const auto met = seen.meet(text, row, text.size() % 2 == 0);
    const auto [at, first] = known.emplace(text, row);
    REQUIRE(met.has_value() == !first);
    if (met) REQUIRE(*met == std::pair(static_cast<std::uint32_t>(at->second), text.size() % 2 == 0));
  }
  CHECK(seen.size() == known.size());
  CHECK(seen.in_file() > known.size() - 101);
}
