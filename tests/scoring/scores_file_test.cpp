// Raw scores, parameters and what a data set covers.
#include "scoring/data/scores_file.h"

#include <rapidcheck.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <set>

#include "must.h"
#include "scoring/data/coverage.h"
#include "scoring/data/row_writer.h"
#include "scoring/params_file.h"
#include "scratch.h"
#include "thalweg/json.h"

using namespace thalweg;
using namespace thalweg::scoring;

namespace {
using Texts = std::vector<std::string>;

struct Scores {
  std::vector<ScoredSample> samples;
  Texts problems;
  std::string error;
};
Scores read(const std::string& name, std::string_view text, bool strict = false) {
  Scores read;
  auto reader = ScoresReader::open(ByteSource::of(name, text), {.strict = strict});
  if (!reader) return {.samples = {}, .problems = {}, .error = reader.error().text()};
  while (true) {
    auto sample = reader->next();
    if (!sample) read.error = sample.error().text();
    if (!sample || !*sample) break;
    read.samples.push_back(std::move(**sample));
  }
  for (const scoring::Problem& problem : reader->problems().kept()) read.problems.push_back(problem.text());
  return read;
}

std::string written(FileForm form, const std::vector<ScoredSample>& samples) {
  std::string text;
  RowWriter writer(form, Value::map(), [&](std::string_view piece) -> Result<> {
    text += piece;
    return {};
  });
  for (const ScoredSample& sample : samples) must(writer.write(must(to_value(sample))));
  must(writer.finish());
  return text;
}

std::string row(std::string_view id, std::string_view scores) {
  return fmt::format(R"({{"id": "{}", "text": "t", "scores": {}, "expected_labels": ["a"]}})", id, scores);
}
}  // namespace

TEST_CASE("the earlier system's raw scores are read, and written without losing a bit") {
  ScoresReader reader = must(ScoresReader::open("../data/loom/scores.json"));
  std::vector<ScoredSample> samples;
  while (auto sample = must(reader.next())) samples.push_back(std::move(*sample));
  CHECK(reader.problems().empty());
  REQUIRE(samples.size() == 112);
  for (const ScoredSample& sample : samples) CHECK(sample.scores.size() == 26);
  CHECK(samples[0].scores[0] == std::pair(std::string("conflict"), 0.87442136));
  CHECK(!samples[0].expected_decision);
  for (const FileForm form : {FileForm::document, FileForm::lines}) {
    const Scores again = read(form == FileForm::document ? "s.json" : "s.jsonl", written(form, samples), true);
    REQUIRE(again.samples.size() == 112);
    for (std::size_t i = 0; i < 112; ++i) {
      CHECK(again.samples[i].scores == samples[i].scores);
      CHECK(again.samples[i].expected_labels == samples[i].expected_labels);
      CHECK(again.samples[i].text == samples[i].text);
    }
  }
}

TEST_CASE("any scores keep all their bits, and what the data set says is kept") {
  const bool same = rc::check("read what was written", [] {
    std::vector<ScoredSample> samples;
    const int count = *rc::gen::inRange(1, 4);
    for (int i = 0; i < count; ++i) {
      ScoredSample sample{.id = fmt::format("s{}", i), .text = "t", .expected_labels = {"b"}, .primary_category = "c"};
      sample.expected_decision = *rc::gen::element(Decision::accept, Decision::reject);
      sample.difficulty = *rc::gen::element(Difficulty::easy, Difficulty::hard);
      const int labels = *rc::gen::inRange(0, 5);
      for (int l = 0; l < labels; ++l) {
        const double mantissa = std::abs(*rc::gen::arbitrary<double>());
        sample.scores.emplace_back(fmt::format("label {}", l), std::isfinite(mantissa) ? mantissa / (mantissa + 1) : 1.0);
      }
      sample.scores.emplace_back("least", 5e-324);
      samples.push_back(std::move(sample));
    }
    const Scores again = read("s.jsonl", written(FileForm::lines, samples), true);
    RC_ASSERT(again.samples.size() == samples.size());
    for (std::size_t i = 0; i < samples.size(); ++i) {
      RC_ASSERT(again.samples[i].scores == samples[i].scores);
      RC_ASSERT(again.samples[i].expected_decision == samples[i].expected_decision);
      RC_ASSERT(again.samples[i].primary_category == samples[i].primary_category);
      RC_ASSERT(again.samples[i].difficulty == samples[i].difficulty);
    }
  });
  CHECK(same);
}

TEST_CASE("a score that is none is told with its row and label, read or written") {
  const Scores some = read("s.jsonl", row("1", R"({"a": 0.5, "b": 1.5})") + "\n" + row("2", R"({"a": NaN})") + "\n" +
                                          row("3", R"({"a": 1e999})") + "\n" + row("4", R"({"a": "0.5"})") + "\n" +
                                          row("5", R"({"a": -0.0, "b": 1})") + "\n" + row("6", "[]") + "\n" +
                                          row("7", R"({"a": -1e-9, "b": null})") + "\n" + row("5", "{}") + "\n" + row("8", "{}"));
  CHECK(some.error.empty());
  REQUIRE(some.samples.size() == 2);
  CHECK(some.samples[0].id == "5");
  CHECK(some.samples[1].scores.empty());  // scoring failed
  REQUIRE(some.problems.size() == 8);
  CHECK(some.problems[0] == "s.jsonl:1: (1) the score of \"b\" is 1.5, not from 0 to 1");
  CHECK(some.problems[1].starts_with("s.jsonl:2: invalid JSON"));
  CHECK(some.problems[2].starts_with("s.jsonl:3: invalid JSON"));
  CHECK(some.problems[3] == "s.jsonl:4: (4) the score of \"a\" is a number from 0 to 1, not the text \"0.5\"");
  CHECK(some.problems[4] == "s.jsonl:6: (6) \"scores\" is a map from labels to numbers, not a list");
  CHECK(some.problems[5] == "s.jsonl:7: (7) the score of \"a\" is -1e-09, not from 0 to 1");
  CHECK(some.problems[6] == "s.jsonl:7: (7) the score of \"b\" is a number from 0 to 1, not null");
  CHECK(some.problems[7] == "s.jsonl:8: (5) the id stands at row 5 already (counted from 1)");
  CHECK(read("s.jsonl", row("1", R"({"b": 2})"), true).error == "s.jsonl:1: (1) the score of \"b\" is 2, not from 0 to 1");
  for (const double wrong : {std::nan(""), std::numeric_limits<double>::infinity(), -0.1, 1.0000001}) {
    const auto value = to_value(ScoredSample{.id = "x", .scores = {{"a", 0.5}, {"b", wrong}}});
    REQUIRE(!value);
    CHECK(value.error().text() == fmt::format("the raw score of sample \"x\" for \"b\" is {}, not from 0 to 1", wrong));
  }
  CHECK(read("s.csv", "id,text,scores\n").error.contains("is a table; raw scores are JSON"));
}

TEST_CASE("the earlier system's parameters are read and written as they were") {
  const Params params = must(Params::from_value(must(parse_json(bytes_of("../data/loom/params.json")))));
  CHECK(params.labels.size() == 26);
  CHECK(params.total_samples == 112);
  const LabelParams& time = *params.find("time");
  CHECK(time.calibrator == calibration::Calibrator::legacy(0.14554407, -1.1742494));
  CHECK(!time.skipped);
  CHECK(params.find("sad")->skipped);
  CHECK(params.find("sad")->positives == 2);
  CHECK(params.find("sad")->negatives == 110);
  CHECK(params.find("sad")->calibrator == calibration::Calibrator());
  CHECK(params.to_value() == must(parse_json(bytes_of("../data/loom/params.json"))));
}

TEST_CASE("parameters of every method come back as they were written") {
  using calibration::Calibrator;
  const std::vector<double> x{0.1, 0.5, 0.9}, y{0.0, 1.0 / 3, 1.0};
  Params params;
  params.total_samples = 9;
  params.more = Value::map({{"scores", Value("0f3c")}});
  params.model = "5e99";
  params.fitted_on = FittedTexts(Texts{"See you later!", "Call Mom", "Call Mom"});
  params.labels = {{.label = "beta", .calibrator = Calibrator::beta(1.0 / 3, 2, -0.1), .positives = 5, .negatives = 4},
                   {.label = "isotonic", .calibrator = must(Calibrator::isotonic(x, y)), .positives = 3, .negatives = 6},
                   {.label = "legacy", .calibrator = Calibrator::legacy(2, -1)},
                   {.label = "none", .skipped = true, .reason = "2 of 5 positives"},
                   {.label = "platt", .calibrator = Calibrator::platt(1, 0)},
                   {.label = "temperature", .calibrator = Calibrator::temperature(1.7)}};
  const std::string text = must(to_json(params.to_value()));
  const Params again = must(Params::from_value(must(parse_json(text))));
  REQUIRE(again.labels.size() == 6);
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(again.labels[i].label == params.labels[i].label);
    CHECK(again.labels[i].calibrator == params.labels[i].calibrator);
    CHECK(again.labels[i].positives == params.labels[i].positives);
    CHECK(again.labels[i].reason == params.labels[i].reason);
  }
  CHECK(again.more == params.more);
  CHECK(again.model == "5e99");
  CHECK(again.fitted_on == params.fitted_on);
  CHECK(again.fitted_on.size() == 2);
  CHECK(again.fitted_on.contains("Call Mom"));
  CHECK_FALSE(again.fitted_on.contains("Call mom"));
  CHECK(must(to_json(again.to_value())) == text);
}

TEST_CASE("texts that something was fitted on are known again, others are not, and each file has hashes of its own") {
  rc::check([](const std::set<std::string>& some, const std::set<std::string>& others) {
    const Texts texts(some.begin(), some.end());
    const FittedTexts fitted(texts);
    RC_ASSERT(fitted.size() == some.size());
    const auto again = FittedTexts::from_value(fitted.to_value());
    RC_ASSERT(again.has_value());
    for (const std::string& text : some) RC_ASSERT(again->contains(text));
    for (const std::string& text : others) RC_ASSERT(again->contains(text) == some.contains(text));
    Texts turned(some.rbegin(), some.rend());
    RC_ASSERT(FittedTexts(turned) == fitted);
  });
  const auto hashes = [](const Texts& texts) { return std::string(FittedTexts(texts).to_value().find("hashes")->as_string()); };
  CHECK_FALSE(hashes({"one", "two"}).contains(hashes({"one"})));
}

TEST_CASE("scores keep whose they are, and whether they flatter") {
  ScoredSample sample{.id = "x", .text = "X", .scores = {{"a", 0.5}}, .model = "5e99", .fitted_on = true};
  const Scores back = read("s.jsonl", written(FileForm::lines, {sample, ScoredSample{.id = "y", .scores = {{"a", 0.5}}}}));
  REQUIRE(back.samples.size() == 2);
  CHECK(back.samples[0].model == "5e99");
  CHECK(back.samples[0].fitted_on);
  CHECK(back.samples[1].model.empty());
  CHECK_FALSE(back.samples[1].fitted_on);
}

TEST_CASE("parameters that are none are told with label and key") {
  const auto error = [&](std::string_view text) {
    const auto params = Params::from_value(must(parse_json(text)));
    REQUIRE(!params);
    return params.error().text();
  };
  CHECK(error("{}") == "the field 'params' is missing");
  CHECK(error(R"({"params": {"x": {"a": 1}}})") == "params.x: the field 'b' is missing");
  CHECK(error(R"({"params": {"x": 3}})") == "params.x: it must be a map, not a number");
  CHECK(error(R"({"params": {"x": {"a": 1, "b": 2, "c": 3}}})") ==
        "params.x: unknown field 'c'; there are a and b, or calibration");
  CHECK(error(R"({"params": {"x": {"a": 1, "b": 2, "calibration": {"method": "none"}}}})")
            .contains("one of them says what counts"));
  CHECK(
      error(R"({"params": {"x": {"calibration": {"method": "plat", "a": 1, "b": 2}}}})").starts_with("params.x: calibration: "));
  CHECK(error(R"({"params": {}, "metadata": {"samples_per_label": {"y": {"positive": 1, "negative": 1, "skipped": false}}}})") ==
        "metadata.samples_per_label.y: the label has counts, but no params");
  CHECK(
      error(
          R"({"params": {"x": {"a": 1, "b": 0}}, "metadata": {"samples_per_label": {"x": {"positive": -1, "negative": 1, "skipped": false}}}})")
          .contains("the field 'positive' must not be negative"));
  CHECK(error(R"({"params": {}, "metadata": {"fitted_on": {"count": 2, "key": "0", "hashes": "0123456789ab"}}})") ==
        "metadata.fitted_on: 'hashes' has 12 digits, and 2 hashes have 24");
}

TEST_CASE("what the shipped data set covers") {
  KnownNames known{{"task", "fact"}, {"plan", "goal", "unheard"}};
  Coverage coverage({}, &known);
  DatasetReader reader = must(DatasetReader::open("../data/loom/label.samples.json"));
  while (const auto sample = must(reader.next())) coverage.add(*sample);
  // The figures of docs and reference: counted by hand from the file.
  CHECK(coverage.decisions().accepts == 95);
  CHECK(coverage.decisions().rejects == 17);
  CHECK(coverage.categories().at("decision").total() == 25);
  CHECK(coverage.categories().at("phatic").total() == 15);
  CHECK(coverage.categories().at("ambiguous").total() == 10);
  CHECK(coverage.labels().size() == 26);
  CHECK(coverage.missing_categories() == Texts{"fact"});
  CHECK(coverage.missing_labels() == Texts{"unheard"});
  CHECK(coverage.duplicate_texts() == 0);
  const Value value = coverage.to_value();
  CHECK(*value.find("total") == Value(112));
  CHECK(value.find("majority")->as_real() == doctest::Approx(0.848).epsilon(0.001));
  CHECK(*value.find("difficulty") == Value::map({{"easy", Value(86)}, {"hard", Value(10)}, {"medium", Value(16)}}));
  CHECK(*value.find("labels_per_sample") == Value::map({{"1", Value(36)}, {"2", Value(51)}, {"3", Value(25)}}));
  CHECK(*value.find("length")->find("least") == Value(2));
  CHECK(*value.find("length")->find("most") == Value(72));
  CHECK(value.find("length")->find("mean")->as_real() == doctest::Approx(41.5).epsilon(0.001));
  CHECK(*value.find("categories")->find("task") ==
        Value::map(
            {{"total", Value(17)}, {"accept", Value(17)}, {"reject", Value(0)}, {"target", Value(50)}, {"met", Value(false)}}));
  CHECK(value.find("labels")->find("task")->find("met")->as_bool());
  CHECK(value.find("unknown")->find("categories")->size() == 6);
  CHECK(*value.find("missing")->find("labels") == Value::list({Value("unheard")}));
}

TEST_CASE("an empty data set covers nothing, and texts met twice are counted") {
  CHECK(Coverage().to_value().find("majority")->as_real() == 0);
  Coverage coverage;
  for (const Decision decision : {Decision::accept, Decision::accept, Decision::reject}) {
    coverage.add({.id = "x", .text = "same", .context = "c", .expected_decision = decision});
  }
  coverage.add({.id = "y", .text = " "});
  CHECK(coverage.duplicate_texts() == 1);
  CHECK(coverage.conflicting_texts() == 1);
  const Value value = coverage.to_value();
  CHECK(*value.find("blank") == Value(1));
  CHECK(*value.find("with_context") == Value(3));
  CHECK(*value.find("difficulty") == Value::map({{"untold", Value(4)}}));
}
