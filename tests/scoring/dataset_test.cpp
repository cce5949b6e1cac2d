// Data sets in all their forms, good and bad.
#include "scoring/data/dataset.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "base/utf8.h"
#include "dataset_rows.h"
#include "must.h"
#include "scoring/data/row_writer.h"
#include "scoring/data/scores_file.h"
#include "thalweg/json.h"
#include "thalweg/random.h"

using namespace thalweg;
using namespace thalweg::scoring;
using namespace thalweg::scoring::test;

namespace {
struct Read {
  std::vector<Sample> samples;
  std::vector<std::string> problems;  // as texts
  std::string error;
  Value header;
  std::string hash;
};

Read read(std::string name, std::string_view text, bool strict = false, std::size_t longest = kLongestRow) {
  Read read;
  auto reader = DatasetReader::open(ByteSource::of(std::move(name), text), {.strict = strict, .longest = longest});
  if (!reader) {
    read.error = reader.error().text();
    return read;
  }
  while (true) {
    auto sample = reader->next();
    if (!sample) read.error = sample.error().text();
    if (!sample || !*sample) break;
    read.samples.push_back(std::move(**sample));
  }
  for (const Problem& problem : reader->problems().kept()) read.problems.push_back(problem.text());
  read.header = reader->header();
  read.hash = reader->source().hash();
  return read;
}

std::string lines(std::initializer_list<std::string> rows) {
  std::string all;
  for (const std::string& one : rows) all += one + '\n';
  return all;
}
using Texts = std::vector<std::string>;
}  // namespace

TEST_CASE("the shipped data set is read as it is") {
  DatasetReader reader = must(DatasetReader::open("../data/loom/label.samples.json"));
  std::vector<Sample> samples;
  while (auto sample = must(reader.next())) samples.push_back(std::move(*sample));
  REQUIRE(samples.size() == 112);
  CHECK(reader.problems().empty());
  CHECK(*reader.header().find("version") == Value("1.0.0"));
  CHECK(*reader.header().find("created") == Value("2026-02-02"));
  CHECK(std::ranges::count(samples, Decision::accept, &Sample::expected_decision) == 95);
  CHECK(std::ranges::count(samples, Difficulty::easy, &Sample::difficulty) == 86);
  CHECK(std::ranges::count(samples, "decision", &Sample::primary_category) == 25);
  CHECK(std::ranges::count_if(samples, [](const Sample& sample) { return !sample.notes.empty(); }) == 10);
  CHECK(samples[1].id == "task-002");
  CHECK(samples[1].text == "Remember to call Mom on her birthday next Tuesday");
  CHECK(samples[1].expected_labels == Texts{"task", "time", "entity"});
  CHECK(samples[1].row == 1);
  CHECK(samples[1].line == 14);
  CHECK(reader.place(samples[1]) == "../data/loom/label.samples.json:14: samples[1]");
  CHECK(reader.source().bytes_read() == 31'062);
  CHECK(reader.source().bytes() == 31'062);
  // Every sample is right, but for the configuration's names.
  Problems problems;
  DatasetCheck check(nullptr);
  for (const Sample& sample : samples) CHECK(check.add(sample, "", problems));
  CHECK(problems.empty());
}

TEST_CASE("it does not matter in which pieces a file comes") {
  const std::string field = R"("a\\\" , \"b\\\\ ]}, é \\")";
  const std::string document =
      "{\"x\": [{}, " + field + "], \"samples\": [" + row("1", ", \"notes\": " + field) + " , " + row("2") + "] , \"y\": 1}";
  const std::string csv =
      "id,text,expected_decision,expected_labels,primary_category,z\r\n1,\"a\"\"\r\n,\u00e9\",accept,a|b,c,\"\"\r\n2,t,accept,a,"
      "c,q";
  for (const auto& [name, text] :
       {std::pair("s.json", document), std::pair("s.jsonl", lines({row("1"), "", row("2")})), std::pair("s.csv", csv)}) {
    CAPTURE(name);
    const Read whole = read(name, text, true);
    REQUIRE(whole.samples.size() == 2);
    for (const std::size_t piece : {1, 2, 3, 5, 64}) {
      DatasetReader reader = must(DatasetReader::open(ByteSource::of(name, text, piece)));
      for (const Sample& sample : whole.samples) {
        const Sample again = must(reader.next()).value();
        CHECK(to_value(again) == to_value(sample));
        CHECK(again.line == sample.line);
      }
      CHECK(!must(reader.next()));
      CHECK(reader.header() == whole.header);
      CHECK(reader.source().hash() == whole.hash);
    }
  }
}

TEST_CASE("the same samples in three forms, and written again") {
  const std::string text = "He said \"no\",\nthen left; cost: 5\xE2\x82\xAC | done";
  Sample sample{.id = "a-1",
                .text = text,
                .context = "before",
                .expected_decision = Decision::reject,
                .expected_labels = {"x", "y z"},
                .primary_category = "c",
                .difficulty = Difficulty::hard,
                .notes = "n",
                .metadata = Value::map({{"source", Value("web")}})};
  std::string document, jsonl;
  for (const auto& [form, out] : {std::pair(FileForm::document, &document), std::pair(FileForm::lines, &jsonl)}) {
    RowWriter writer(form, Value::map({{"version", Value("2.0")}}), [&](std::string_view piece) -> Result<> {
      *out += piece;
      return {};
    });
    must(writer.write(to_value(sample)));
    sample.id = "a-2";
    must(writer.write(to_value(sample)));
    sample.id = "a-1";
    must(writer.finish());
    CHECK(writer.rows() == 2);
  }
  const std::string fields = "id,text,context,expected_decision,expected_labels,primary_category,difficulty,notes,source\r\n";
  const std::string quoted = "\"He said \"\"no\"\",\nthen left; cost: 5\xE2\x82\xAC | done\"";
  std::string csv = "\xEF\xBB\xBF" + fields + "a-1," + quoted + ",before,reject,x|y z,c,hard,n,web\r\n" + "a-2," + quoted +
                    ",before,reject,x; y z ;,c,hard,n,web";
  std::string semicolons = "id;text;context;expected_decision;expected_labels;primary_category;difficulty;notes;source\na-1;" +
                           quoted + ";before;reject;\"x;y z\";c;hard;n;web\n\na-2;" + quoted +
                           ";before;reject;x|y z;c;hard;n;web\n";
  for (const auto& [name, content] :
       {std::pair("s.json", &document), std::pair("s.jsonl", &jsonl), std::pair("s.csv", &csv), std::pair("s", &document),
        std::pair("s", &jsonl), std::pair("s", &csv), std::pair("s.csv", &semicolons)}) {
    CAPTURE(*content);
    const Read again = read(name, *content, true);
    CHECK(again.error.empty());
    CHECK(again.problems.empty());
    REQUIRE(again.samples.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
      sample.id = fmt::format("a-{}", i + 1);
      CHECK(to_json(to_value(again.samples[i])).value() == to_json(to_value(sample)).value());
    }
  }
  // A document that is the list, an empty one, and one without rows.
  CHECK(read("s.json", "[" + row("1") + "\n," + row("2") + "]").samples.size() == 2);
  CHECK(read("s", " [ ] ").error.empty());
  CHECK(read("s.json", R"({"samples": [], "version": "1", "more": {"a": [1, "]"]}})").header ==
        Value::map({{"version", Value("1")}, {"more", Value::map({{"a", Value::list({Value(1), Value("]")})}})}}));
  CHECK(read("s.jsonl", "").error.empty());
  CHECK(read("s.jsonl", "\n\n \n").samples.empty());
}

TEST_CASE("what is wrong with a row is told with its file, its line and what to do") {
  const auto problem = [](std::string name, std::string_view text) {
    const Read all = read(std::move(name), text);
    CHECK(all.error.empty());
    REQUIRE(all.problems.size() == 1);
    return all.problems[0];
  };
  const std::string good = row("good");
  CHECK(problem("s.jsonl",
                lines({good, R"({"id": "b", "expected_decision": "reject", "expected_labels": [], "primary_category": "c"})"})) ==
        "s.jsonl:2: (b) \"text\" is missing");
  CHECK(
      problem("s.json", "{\"samples\": [\n" + good + ",\n" +
                            R"({"text": "t", "expected_decision": "accept", "expected_labels": ["a"], "primary_category": "c"})" +
                            "]}") == "s.json:3: samples[1]: \"id\" is missing");
  CHECK(
      problem(
          "s.jsonl",
          lines(
              {R"({"id": 7, "text": "t", "expected_decision": "accept", "expected_labels": ["a"], "primary_category": "c"})"})) ==
      "s.jsonl:1: \"id\" is a text, not a number");
  CHECK(
      problem(
          "s.jsonl",
          lines(
              {R"({"id": "b", "text": "t", "expected_decision": "acept", "expected_labels": ["a"], "primary_category": "c"})"})) ==
      "s.jsonl:1: (b) \"expected_decision\" is accept or reject, not \"acept\"; accept is meant?");
  CHECK(
      problem(
          "s.jsonl",
          lines(
              {R"({"id": "b", "text": "t", "expected_decision": "accept", "expected_labels": "a", "primary_category": "c"})"})) ==
      "s.jsonl:1: (b) \"expected_labels\" is a list of texts, not a text");
  CHECK(
      problem(
          "s.jsonl",
          lines(
              {R"({"id": "b", "text": "t", "expected_decision": "accept", "expected_labels": ["a", 3], "primary_category": "c"})"})) ==
      "s.jsonl:1: (b) \"expected_labels\" is a list of texts; there is a number in it");
  CHECK(
      problem("s.json",
              R"([{"id": "b", "text": "t", "expected_decision": "accept", "expected_labels": [null], "primary_category": "c"}])")
          .contains("\"expected_labels\" is a list of texts; there is null in it"));
  CHECK(problem("s.jsonl", lines({row("b", R"(, "notes": false)")})) == "s.jsonl:1: (b) \"notes\" is a text, not true or false");
  CHECK(problem("s.jsonl", lines({row("b", R"(, "difficulty": "simple")")})) ==
        "s.jsonl:1: (b) \"difficulty\" is easy, medium or hard, not \"simple\"");
  CHECK(problem("s.jsonl", lines({row("")})) == "s.jsonl:1: \"id\" is empty");
  CHECK(problem("s.jsonl", lines({"[1, 2]", good})) == "s.jsonl:1: a row is a map, not a list");
  CHECK(problem("s.jsonl", lines({good, "{\"id\": tru}", good})) == "s.jsonl:2: invalid JSON: expected true, but there is '}'");
  CHECK(problem("s.json", "{\"samples\": [" + good + ",\n{\"id\":\n\"b\",,}, " + good + "]}")
            .starts_with("s.json:3: samples[1]: invalid JSON: "));
  CHECK(problem("s.jsonl", lines({"{\"id\": \"\xFF\"}"})).contains("which is not UTF-8"));
  // Warnings: the row counts.
  CHECK(problem("s.jsonl", lines({row("b", R"(, "expected_label": [])"), row("c", R"(, "expected_label": [])")})) ==
        "s.jsonl:1: (b) \"expected_label\" is no key of a row and not looked at; \"expected_labels\" is meant?");
  const Read twice = read(
      "s.jsonl",
      R"({"id": "b", "text": "t", "expected_decision": "accept", "expected_labels": ["a", "b", "a"], "primary_category": "c"})",
      true);
  CHECK(twice.samples.at(0).expected_labels == Texts{"a", "b"});
  CHECK(twice.problems == Texts{"s.jsonl:1: (b) \"expected_labels\" names \"a\" twice; it counts once"});
  // Strict, the first error ends reading; not strict, all others are there.
  const std::string mixed = lines({good, "nonsense", row("2"), R"({"id": "3"})", row("4")});
  CHECK(read("s.jsonl", mixed).samples.size() == 3);
  CHECK(read("s.jsonl", mixed).problems.size() == 5);
  const Read strict = read("s.jsonl", mixed, true);
  CHECK(strict.samples.size() == 1);
  CHECK(strict.error.starts_with("s.jsonl:2: invalid JSON"));
  CHECK(read("s.jsonl", R"({"id": "3"})", true).error == "s.jsonl:1: (3) \"text\" is missing");
}

TEST_CASE("tables: quotes, line ends, and rows that do not fit") {
  const std::string fields = "id,text,expected_decision,expected_labels,primary_category\n";
  const Read good =
      read("s.csv", fields + "1,\"a\r\nb\",accept,x,c\r\n2,,reject,,c\n\n3,\" \"\" \",reject,x,c\r4,t,accept,x,\"\"");
  CHECK(good.error.empty());
  CHECK(good.problems.empty());
  REQUIRE(good.samples.size() == 4);
  CHECK(good.samples[0].text == "a\r\nb");
  CHECK(good.samples[1].text.empty());
  CHECK(good.samples[1].expected_labels.empty());
  CHECK(good.samples[1].line == 4);
  CHECK(good.samples[2].text == " \" ");
  CHECK(good.samples[3].id == "4");
  const Read bad =
      read("s.csv",
           fields + "1,t,accept,x\n2,a\"b,accept,x,c\n3,\"a\"b,accept,x,c\n4,t,maybe,x,c\n5,\xFF,accept,x,c\n6,t,accept,x,c\n");
  CHECK(bad.error.empty());
  CHECK(bad.problems == Texts{"s.csv:2: the row has 4 fields, the first row names 5 columns",
                              "s.csv:3: a quote stands in a field that does not begin with one; double it (line 3)",
                              "s.csv:4: something stands between a closing quote and the separator (line 4)",
                              "s.csv:5: (4) \"expected_decision\" is accept or reject, not \"maybe\"",
                              "s.csv:6: \"text\" is not UTF-8"});
  REQUIRE(bad.samples.size() == 1);
  CHECK(bad.samples[0].id == "6");
  CHECK(read("s.csv", fields + "1,\"open,accept,x,c\n2,t,accept,x,c\n").error ==
        "s.csv: the quote that begins a field is never closed (line 2)");
  CHECK(read("s.csv", fields + "1,\"" + std::string(3'000'000, 'x'), false, 1 << 20)
            .error.contains("perhaps a quote that begins a field is never closed"));
  CHECK(read("s.csv", "id,words\n1,t\n").error == "the first row of 's.csv' names no column \"text\"; it is to name all columns");
  CHECK(read("s.csv", "id,text,id\n").error == "the first row of 's.csv' names the column \"id\" twice");
  CHECK(read("s.csv", "").error == "'s.csv' is empty");
  CHECK(read("s.csv", "text\nt\n").problems.size() == 4);
  CHECK(read("s.tsv", "id\ttext\texpected_decision\texpected_labels\tprimary_category\textra\n1\ta, b\taccept\tx\tc\t5\n")
            .samples.at(0)
            .metadata == Value::map({{"extra", Value("5")}}));
}

TEST_CASE("documents that are none") {
  const auto error = [](std::string_view text) { return read("s.json", text).error; };
  CHECK(error("") == "'s.json' is empty");
  CHECK(error("  \n 7") == "s.json:2:2: a JSON document with the list \"samples\" is expected, or a list");
  CHECK(error("{}") == "'s.json' has no list \"samples\"");
  CHECK(error(R"({"sample": []})") == "'s.json' has no list \"samples\"; is \"sample\" meant for it?");
  CHECK(error(R"({"samples": {}})") == "s.json:1:13: \"samples\" is to be a list");
  CHECK(error(R"({"samples": [], "samples": []})") == "s.json:1:28: \"samples\" stands twice in the document");
  CHECK(error(R"({"a": 1, "a": 2, "samples": []})").contains("\"a\" stands twice"));
  CHECK(error("{\"samples\": [" + row("1")).contains("the document breaks off; ']' is missing"));
  CHECK(error("{\"samples\": [" + row("1") + "]").contains("the document breaks off; '}' is missing"));
  CHECK(error("{\"samples\": [" + row("1") + " " + row("2") + "]}").contains("',' or ']' is expected"));
  CHECK(error("{\"samples\": [" + row("1") + ",]}").contains("nothing stands between ',' and ']'"));
  CHECK(error("{\"samples\": [,]}").contains("a row is expected"));
  CHECK(error("{\"samples\": [}]}").contains("a row is expected"));
  CHECK(error("{samples: []}").contains("a key is expected"));
  CHECK(error(R"({"samples" []})").contains("':' is expected behind a key"));
  CHECK(error(R"({"samples": []} x)").contains("something follows behind the document"));
  CHECK(error(lines({row("1"), row("2")})).contains("where each line is a row, name it .jsonl"));
  CHECK(read("s.json", "[\xEF\xBB\xBF" + row("1") + "]").problems.at(0).contains("a byte order mark"));
  CHECK(error(std::string("[]\0", 3)).contains("something follows behind the document"));
  CHECK(error("\xFF\xFE{").contains("is UTF-16; save it as UTF-8"));
  CHECK(read("s.json", "{\"samples\": [{\"id\": \"1").problems.size() == 1);  // breaks off in a row
  CHECK(read("s.json", R"({"version": tru, "samples": []})").error.starts_with("s.json:1:16: invalid JSON"));
}

TEST_CASE("a row that is too long is refused with its place, a long one is not") {
  const std::string megabyte = row("long", fmt::format(R"(, "notes": "{}")", std::string(1 << 20, 'x')));
  CHECK(read("s.jsonl", lines({megabyte, megabyte}), true).samples.size() == 2);
  CHECK(read("s.json", "[" + megabyte + "," + megabyte + "]", true).samples.at(1).notes.size() == 1 << 20);
  const std::string escapes = row("long", fmt::format(R"(, "notes": "{}")", std::string(1 << 20, '\\')));
  for (const std::string& large : {megabyte, escapes}) {
    for (const auto& [name, text] : {std::pair("s.jsonl", lines({row("1"), large, row("2")})),
                                     std::pair("s.json", "[" + row("1") + ",\n" + large + ",\n" + row("2") + "]")}) {
      const Read some = read(name, text, false, 300'000);
      CHECK(some.error.empty());
      CHECK(some.samples.size() == 2);
      REQUIRE(some.problems.size() == 1);
      CHECK(some.problems[0].starts_with(fmt::format("{}:2:", name)));
      CHECK(some.problems[0].contains("the row is longer than"));
      CHECK(read(name, text, true, 300'000).error.contains("the row is longer than"));
    }
  }
}

TEST_CASE("any samples are written and read back the same in both forms") {
  const bool same = rc::check("read what was written", [] {
    const auto any_text = [] {
      const auto codes = *rc::gen::container<std::u32string>(rc::gen::oneOf(rc::gen::inRange<char32_t>(0, 128),
                                                                            rc::gen::inRange<char32_t>(0x80, 0xD800),
                                                                            rc::gen::inRange<char32_t>(0xE000, 0x110000)));
      std::string text;
      for (const char32_t code : codes) utf8::append(text, code);
      return text;
    };
    std::vector<Sample> samples;
    const int count = *rc::gen::inRange(0, 6);
    for (int i = 0; i < count; ++i) {
      samples.push_back({.id = "x" + any_text(),
                         .text = any_text(),
                         .context = any_text(),
                         .expected_decision = *rc::gen::element(Decision::accept, Decision::reject),
                         .expected_labels = {"x" + any_text(), "second\x01"},  // a blank one is refused
                         .primary_category = any_text()});
    }
    for (const FileForm form : {FileForm::document, FileForm::lines}) {
      std::string text;
      RowWriter writer(form, Value::map({{"version", Value(any_text())}}), [&](std::string_view piece) -> Result<> {
        text += piece;
        return {};
      });
      for (const Sample& sample : samples) must(writer.write(to_value(sample)));
      must(writer.finish());
      const Read again = read(form == FileForm::document ? "s.json" : "s.jsonl", text, true);
      RC_ASSERT(again.error.empty());
      RC_ASSERT(again.samples.size() == samples.size());
      for (std::size_t i = 0; i < samples.size(); ++i) RC_ASSERT(to_value(again.samples[i]) == to_value(samples[i]));
    }
  });
  CHECK(same);
}
