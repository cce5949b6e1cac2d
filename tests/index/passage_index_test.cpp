#include "index/passage_index.h"

#include <doctest/doctest.h>

#include <cmath>
#include <csignal>

#include "index/fixture.h"
#include "index/terms.h"

using namespace thalweg;
using namespace thalweg::index;

TEST_CASE("questions become terms without stop words, stemmed, with their distances") {
  const auto analyzer = Analyzer::open().value();
  const auto terms = query_terms(analyzer, "Where are the configuration files of packages?").value();
  REQUIRE(terms.size() == 3);
  CHECK(terms[0].stem == "configur");  // Porter 2's stems, as snowballstem.org gives them
  CHECK(terms[1].stem == "file");
  CHECK(terms[1].distance == 1);
  CHECK(terms[2].word == "packages");
  CHECK(terms[2].distance == 2);
  CHECK(query_terms(analyzer, "to be or not to be").value().size() == 4);  // nothing else is there
  CHECK(query_terms(analyzer, "").value().empty());
}

TEST_CASE("passages are found by stems, in headings too, and come back as they were put") {
  const Scratch scratch;
  fill(scratch.path("index"));
  CHECK(documents(scratch.path("index"), "a cat chasing a mouse or mice") == Names{"a.html", "b.html"});
  CHECK(documents(scratch.path("index"), "barns").size() == 2);
  CHECK(documents(scratch.path("index"), "submarine").empty());
  CHECK(documents(scratch.path("index"), "").empty());
  const auto found = PassageIndex::open(scratch.path("index")).value().search("sheep").value();
  REQUIRE(found.hits.size() == 1);
  CHECK(found.hits[0].passage == passage("b.html", "Dogs guard the sheep.", "About cats"));
  CHECK(found.passages == 3);
  CHECK(found.terms[0].passages == 1);
}

TEST_CASE("the score of one term in one field is BM25's") {
  const Scratch scratch;
  auto writer = IndexWriter::open(scratch.path("index")).value();
  REQUIRE(writer.put(passage("a", "red red blue")));
  REQUIRE(writer.put(passage("b", "blue green grey pink")));
  REQUIRE(writer.commit());
  const auto found =
      PassageIndex::open(scratch.path("index")).value().search("red", {.section = 0, .title = 0, .phrase = 0}).value();
  REQUIRE(found.hits.size() == 1);
  // By hand: N = 2, n = 1, f = 2, length 3, average 3.5, k1 = 1.2, b = 0.75.
  const double idf = std::log(1 + (2 - 1 + 0.5) / (1 + 0.5));
  const double expected = idf * (2 * 2.2) / (2 + 1.2 * (1 - 0.75 + 0.75 * 3 / 3.5));
  CHECK(found.hits[0].score == doctest::Approx(expected).epsilon(1e-4));
}

TEST_CASE("indexing again leaves what has not changed and drops what is gone") {
  const Scratch scratch;
  fill(scratch.path("index"));
  auto writer = IndexWriter::open(scratch.path("index")).value();
  REQUIRE(writer.put(passage("a.html", "Cats chase mice through the barn.")));
  REQUIRE(writer.put(passage("b.html", "Wolves frighten the sheep.", "About wolves", "2")));
  const auto summary = writer.commit().value();
  CHECK(summary.unchanged == 1);
  CHECK(summary.written == 1);
  CHECK(summary.removed == 1);
  CHECK(summary.passages == 2);
  CHECK(documents(scratch.path("index"), "wolf wolves") == Names{"b.html"});
  CHECK(documents(scratch.path("index"), "cats") == Names{"a.html"});
  CHECK(documents(scratch.path("index"), "owl").empty());
}

TEST_CASE("what was not committed never happened") {
  const Scratch scratch;
  {
    auto writer = IndexWriter::open(scratch.path("index")).value();
    REQUIRE(writer.put(passage("a.html", "Cats chase mice.")));
  }
  CHECK_FALSE(fs::exists(scratch.path("index")));
  CHECK_FALSE(fs::exists(scratch.path("index") + ".new"));
  fill(scratch.path("index"));
  // Killed in the middle of a change: readers see the old state, the next writer goes on.
  const int status = in_child([&] {
    auto writer = IndexWriter::open(scratch.path("index")).value();
    for (int i = 0; i < 1000; ++i) (void)writer.put(passage(fmt::format("{}.html", i), "Submarines dive."));
    ::kill(::getpid(), SIGKILL);
    return true;
  });
  CHECK(WIFSIGNALED(status));
  CHECK(documents(scratch.path("index"), "submarines").empty());
  CHECK(documents(scratch.path("index"), "cats").size() == 2);
  fill(scratch.path("index"));
  CHECK(documents(scratch.path("index"), "cats").size() == 2);
}

TEST_CASE("one writer at a time, readers always") {
  const Scratch scratch;
  fill(scratch.path("index"));
  const auto writer = IndexWriter::open(scratch.path("index")).value();
  const auto second = IndexWriter::open(scratch.path("index"));
  REQUIRE_FALSE(second);
  CHECK(second.error().code() == Code::unavailable);
  CHECK(second.error().text() ==
        fmt::format("the index at {} is being written by another process: wait until it has ended", scratch.path("index")));
  CHECK(in_child([&] { return IndexWriter::open(scratch.path("index")).error().code() == Code::unavailable; }) == 0);
  CHECK(documents(scratch.path("index"), "cats").size() == 2);
}

TEST_CASE("passages that lack a field are refused") {
  const Scratch scratch;
  auto writer = IndexWriter::open(scratch.path("index")).value();
  CHECK(writer.put(Value::map({{"text", "alone"}})).error().code() == Code::invalid_argument);
  CHECK(writer.put(Value("text")).error().text().contains("'document'"));
}
