#include "index/keyword_index.h"

#include <doctest/doctest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "index/terms.h"

using namespace thalweg;
using namespace thalweg::index;
namespace fs = std::filesystem;

namespace {

struct Scratch {
  fs::path path = fs::temp_directory_path() / fmt::format("thalweg-index-{}", ::getpid());
  Scratch() { fs::create_directories(path); }
  ~Scratch() { fs::remove_all(path); }
  [[nodiscard]] std::string folder() const { return (path / "index").string(); }
};

Value passage(std::string_view document, std::string_view text, std::string_view section = "", std::string_view hash = "1") {
  return Value::map({{"id", std::string(document) + "#0"},
                     {"document", document},
                     {"title", "Manual"},
                     {"section", section},
                     {"ordinal", 0},
                     {"text", text},
                     {"hash", hash}});
}

void fill(const std::string& folder) {
  auto writer = IndexWriter::open(folder);
  REQUIRE_MESSAGE(writer, (writer ? "" : writer.error().text()));
  REQUIRE(writer->put(passage("a.html", "Cats chase mice through the barn.")));
  REQUIRE(writer->put(passage("b.html", "Dogs guard the sheep.", "About cats")));
  REQUIRE(writer->put(passage("c.html", "The barn owl hunts at night.")));
  REQUIRE(writer->commit());
}

std::vector<std::string> documents(const std::string& folder, std::string_view question) {
  std::vector<std::string> found;
  for (const Hit& hit : KeywordIndex::open(folder).value().search(question).value().hits) {
    found.emplace_back(hit.passage.find("document")->as_string());
  }
  return found;
}

// The exit status of `body` run in a process of its own.
int in_child(const std::function<bool()>& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body() ? 0 : 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

using Names = std::vector<std::string>;

}  // namespace

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
  fill(scratch.folder());
  CHECK(documents(scratch.folder(), "a cat chasing a mouse or mice") == Names{"a.html", "b.html"});
  CHECK(documents(scratch.folder(), "barns").size() == 2);
  CHECK(documents(scratch.folder(), "submarine").empty());
  CHECK(documents(scratch.folder(), "").empty());
  const auto found = KeywordIndex::open(scratch.folder()).value().search("sheep").value();
  REQUIRE(found.hits.size() == 1);
  CHECK(found.hits[0].passage == passage("b.html", "Dogs guard the sheep.", "About cats"));
  CHECK(found.passages == 3);
  CHECK(found.terms[0].passages == 1);
}

TEST_CASE("the score of one term in one field is BM25's") {
  const Scratch scratch;
  auto writer = IndexWriter::open(scratch.folder()).value();
  REQUIRE(writer.put(passage("a", "red red blue")));
  REQUIRE(writer.put(passage("b", "blue green grey pink")));
  REQUIRE(writer.commit());
  const auto found = KeywordIndex::open(scratch.folder()).value().search("red", {.section = 0, .title = 0, .phrase = 0}).value();
  REQUIRE(found.hits.size() == 1);
  // By hand: N = 2, n = 1, f = 2, length 3, average 3.5, k1 = 1.2, b = 0.75.
  const double idf = std::log(1 + (2 - 1 + 0.5) / (1 + 0.5));
  const double expected = idf * (2 * 2.2) / (2 + 1.2 * (1 - 0.75 + 0.75 * 3 / 3.5));
  CHECK(found.hits[0].score == doctest::Approx(expected).epsilon(1e-4));
}

TEST_CASE("indexing again leaves what has not changed and drops what is gone") {
  const Scratch scratch;
  fill(scratch.folder());
  auto writer = IndexWriter::open(scratch.folder()).value();
  REQUIRE(writer.put(passage("a.html", "Cats chase mice through the barn.")));
  REQUIRE(writer.put(passage("b.html", "Wolves frighten the sheep.", "About wolves", "2")));
  const auto summary = writer.commit().value();
  CHECK(summary.unchanged == 1);
  CHECK(summary.written == 1);
  CHECK(summary.removed == 1);
  CHECK(summary.passages == 2);
  CHECK(documents(scratch.folder(), "wolf wolves") == Names{"b.html"});
  CHECK(documents(scratch.folder(), "cats") == Names{"a.html"});
  CHECK(documents(scratch.folder(), "owl").empty());
}

TEST_CASE("what was not committed never happened") {
  const Scratch scratch;
  {
    auto writer = IndexWriter::open(scratch.folder()).value();
    REQUIRE(writer.put(passage("a.html", "Cats chase mice.")));
  }
  CHECK_FALSE(fs::exists(scratch.folder()));
  CHECK_FALSE(fs::exists(scratch.folder() + ".new"));
  fill(scratch.folder());
  // Killed in the middle of a change: readers see the old state, the next writer goes on.
  const int status = in_child([&] {
    auto writer = IndexWriter::open(scratch.folder()).value();
    for (int i = 0; i < 1000; ++i) (void)writer.put(passage(fmt::format("{}.html", i), "Submarines dive."));
    ::kill(::getpid(), SIGKILL);
    return true;
  });
  CHECK(WIFSIGNALED(status));
  CHECK(documents(scratch.folder(), "submarines").empty());
  CHECK(documents(scratch.folder(), "cats").size() == 2);
  fill(scratch.folder());
  CHECK(documents(scratch.folder(), "cats").size() == 2);
}

TEST_CASE("one writer at a time, readers always") {
  const Scratch scratch;
  fill(scratch.folder());
  const auto writer = IndexWriter::open(scratch.folder()).value();
  const auto second = IndexWriter::open(scratch.folder());
  REQUIRE_FALSE(second);
  CHECK(second.error().code() == Code::unavailable);
  CHECK(second.error().text().contains("written by another process"));
  CHECK(in_child([&] { return IndexWriter::open(scratch.folder()).error().code() == Code::unavailable; }) == 0);
  CHECK(documents(scratch.folder(), "cats").size() == 2);
}

TEST_CASE("folders that are no index, of another format or damaged are told apart") {
  const Scratch scratch;
  CHECK(KeywordIndex::open(scratch.folder()).error().code() == Code::not_found);
  fs::create_directory(scratch.folder());
  CHECK(KeywordIndex::open(scratch.folder()).error().text().contains("holds no index"));
  std::ofstream(scratch.folder() + "/letter.txt") << "Dear Ada";
  const auto refused = IndexWriter::open(scratch.folder());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == Code::failed_precondition);
  CHECK(refused.error().text().contains("other files"));
  fs::remove_all(scratch.folder());

  fill(scratch.folder());
  std::ofstream(scratch.folder() + "/thalweg.json") << R"({"format":99,"analyzer":"english-1"})";
  CHECK(KeywordIndex::open(scratch.folder()).error().code() == Code::failed_precondition);
  CHECK(IndexWriter::open(scratch.folder()).error().text().contains("another version"));
  std::ofstream(scratch.folder() + "/thalweg.json") << "{";
  CHECK(KeywordIndex::open(scratch.folder()).error().code() == Code::data_loss);
  fs::remove_all(scratch.folder());

  fill(scratch.folder());
  std::ofstream(scratch.folder() + "/meta.json") << "{ broken";
  const auto damaged = KeywordIndex::open(scratch.folder());
  REQUIRE_FALSE(damaged);
  CHECK(damaged.error().code() == Code::data_loss);
  CHECK(damaged.error().text().contains("delete the folder and index again"));
  fs::remove_all(scratch.folder());

  fill(scratch.folder());
  for (const auto& file : fs::directory_iterator(scratch.folder())) {
    if (file.path().extension() == ".term" || file.path().extension() == ".idx") fs::resize_file(file.path(), 7);
  }
  const auto cut = KeywordIndex::open(scratch.folder());
  const auto found = cut ? cut->search("cats") : std::unexpected(cut.error());
  REQUIRE_FALSE(found);
  CHECK(found.error().code() == Code::data_loss);
}

TEST_CASE("a folder without the right to write is told, and stays as it is") {
  const Scratch scratch;
  fill(scratch.folder());
  // As an ordinary user, since root may write anywhere.
  const int status = in_child([&] {
    if (::geteuid() == 0 && ::seteuid(65534) != 0) return false;
    const auto reader = KeywordIndex::open(scratch.folder());
    const auto writer = IndexWriter::open(scratch.folder());
    return reader && !writer && writer.error().code() == Code::permission_denied &&
           documents(scratch.folder(), "cats").size() == 2;
  });
  CHECK(status == 0);
}

TEST_CASE("a full disk is told, and the old index stays") {
  const Scratch scratch;
  fill(scratch.folder());
  const int status = in_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{2000, 2000};  // no file may grow beyond this: writing fails as on a full disk
    auto writer = IndexWriter::open(scratch.folder());
    if (!writer || ::setrlimit(RLIMIT_FSIZE, &small) != 0) return false;
    for (int i = 0; i < 2000; ++i) {
      if (!writer->put(passage(fmt::format("{}.html", i), fmt::format("Submarine number {} dives.", i)))) break;
    }
    const auto committed = writer->commit();
    return !committed && committed.error().code() == Code::resource_exhausted;
  });
  CHECK(status == 0);
  CHECK(documents(scratch.folder(), "cats").size() == 2);
}

TEST_CASE("passages that lack a field are refused") {
  const Scratch scratch;
  auto writer = IndexWriter::open(scratch.folder()).value();
  CHECK(writer.put(Value::map({{"text", "alone"}})).error().code() == Code::invalid_argument);
  CHECK(writer.put(Value("text")).error().text().contains("'document'"));
}
