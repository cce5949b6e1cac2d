// What is wrong among the samples of a data set, and texts met twice.
#include "scoring/data/dataset_check.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "must.h"
#include "scoring/data/sample_reader.h"
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

TEST_CASE("the checked samples of a file are those of it that are right; problems stand in the order of the rows") {
  const auto row = [](std::string_view id, std::string_view more) {
    return fmt::format(R"({{"id": "{}", "text": "t {}", "expected_labels": ["plan"], "primary_category": "task"{}}})", id, id,
                       more) +
           "\n";
  };
  const std::string good = R"(, "expected_decision": "accept", "scores": {"plan": 0.25, "goal": 1, "other": 0})";
  const std::string text =
      row("1", good) + row("2", R"(, "expected_decision": "accept", "scores": {"plan": 0.5})") +
      row("3", R"(, "scores": {"plan": 0.5, "goal": 2})") + row("1", good) +
      row("4", R"(, "expected_decision": "accept", "scores": {"plan": -0.1, "goal": 0.5})") +
      row("5", R"(, "expected_decision": "reject", "fitted_on": true, "scores": {"goal": 0, "plan": 5e-324})");
  const auto open = [&](ScoresRead scores, bool strict) {
    return must(SampleReader::open(ByteSource::of("s.jsonl", text), {.known = KnownNames{{"task"}, {"plan", "goal"}},
                                                                     .read = {.strict = strict, .scores = scores}}));
  };
  const auto reader = open(ScoresRead::needed, false);
  std::vector<Sample> samples;
  CHECK(must(reader->any()));  // looked at, not taken
  CHECK(must(reader->any()));
  while (auto sample = must(reader->next())) samples.push_back(std::move(*sample));
  CHECK_FALSE(must(reader->any()));
  REQUIRE(samples.size() == 2);
  CHECK(samples[0].scores == std::vector<std::pair<std::string, double>>{{"plan", 0.25}, {"goal", 1}, {"other", 0}});
  CHECK_FALSE(samples[0].fitted_on);
  CHECK(samples[1].id == "5");
  CHECK(samples[1].scores == std::vector<std::pair<std::string, double>>{{"goal", 0}, {"plan", 5e-324}});
  CHECK(samples[1].fitted_on);
  CHECK(reader->dropped() == 4);
  CHECK(reader->readable() == 4);
  CHECK(reader->rows() == 6);
  std::vector<std::size_t> lines;
  const Problems problems = reader->problems();
  for (const Problem& problem : problems.kept()) lines.push_back(problem.line);
  CHECK_MESSAGE(std::ranges::is_sorted(lines), problems.kept()[0].text());
  CHECK(problems.count(ProblemKind::duplicate_id) == 1);
  CHECK(problems.count(ProblemKind::broken) == 1);     // no decision
  CHECK(problems.count(ProblemKind::bad_score) == 3);  // one is missing, 2, -0.1

  // Where nobody asks for scores they may be anything, but not where they are looked at.
  const auto count = [&](ScoresRead scores) {
    const auto all = open(scores, false);
    std::size_t n = 0;
    while (const auto sample = must(all->next())) {
      CHECK(sample->scores.empty() == (scores == ScoresRead::ignored));
      ++n;
    }
    return n;
  };
  CHECK(count(ScoresRead::if_there) == 3);  // 1, 2, 5
  CHECK(count(ScoresRead::ignored) == 4);

  const auto strict = open(ScoresRead::needed, true);
  CHECK(must(strict->next()));
  const auto refused = strict->next();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().text() ==
        "s.jsonl:2: (2) there is no raw score of the label \"goal\"; the scores are of another configuration");
}

TEST_CASE("the first thousand problems of many are kept, and all are counted") {
  Problems even, odd;
  for (std::size_t row = 0; row < 3'000; ++row)
    (row % 2 == 0 ? even : odd).add({.kind = ProblemKind::blank_text, .place = "p", .row = row, .id = {}, .message = "m"});
  const Problems all = in_order(odd, even);
  CHECK(all.errors() == 3'000);
  REQUIRE(all.kept().size() == Problems::kMost);
  for (std::size_t i = 0; i < Problems::kMost; ++i) CHECK(all.kept()[i].row == i);
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
