#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "documents/extract.h"
#include "documents/manuals.h"
#include "index/passage_index.h"
#include "scratch.h"
#include "thalweg/json.h"

using namespace thalweg;
using namespace thalweg::documents;

namespace {

struct Asked {
  std::string question;
  std::string evidence;  // empty: the manuals do not say
};

std::vector<Asked> questions() {
  std::vector<Asked> all;
  std::ifstream file("questions.jsonl");
  for (std::string line; std::getline(file, line);) {
    const Value value = parse_json(line).value();
    const Value* evidence = value.find("evidence");
    all.push_back(
        {std::string(value.find("question")->as_string()), evidence == nullptr ? "" : std::string(evidence->as_string())});
  }
  return all;
}

}  // namespace

TEST_CASE("questions over Debian's manuals: passages found, answers given and withheld") {
  const Scratch scratch;
  const std::string folder = scratch.path("index");
  auto writer = index::IndexWriter::open(folder);
  REQUIRE_MESSAGE(writer, (writer ? "" : writer.error().text()));
  std::size_t documents = 0;
  for (const Document& document : read_manuals().value()) {
    ++documents;
    for (const Passage& passage : cut(document)) REQUIRE(writer->put(to_value(passage)));
  }
  const auto summary = writer->commit().value();
  const auto keyword = index::PassageIndex::open(folder).value();
  const auto analyzer = index::Analyzer::open().value();
  MESSAGE(documents << " documents, " << summary.passages << " passages");

  std::size_t answerable = 0;
  std::size_t found_at_5 = 0;
  std::size_t answered = 0;
  std::size_t right = 0;
  std::size_t unanswerable = 0;
  std::size_t withheld = 0;
  for (const Asked& asked : questions()) {
    const auto found = keyword.search(asked.question, {.limit = 8}).value();
    Rarity rarity{found.passages, {}};
    for (const auto& term : found.terms) rarity.holding[term.stem] = term.passages;
    std::vector<Source> sources;
    bool recalled = false;
    for (const auto& hit : found.hits) {
      const auto text = [&](const char* name) { return std::string(hit.passage.find(name)->as_string()); };
      sources.push_back({text("document"), text("title"), text("section"), text("text"), hit.score});
      recalled = recalled || (sources.size() <= 5 && !asked.evidence.empty() && sources.back().text.contains(asked.evidence));
    }
    const auto extracted = extract(analyzer, asked.question, sources, rarity).value();
    for (const Quote& quote : extracted.quotes) CHECK(sources[quote.source].text.contains(quote.text));
    bool quoted = false;
    for (const Quote& quote : extracted.quotes) quoted = quoted || quote.text.contains(asked.evidence);
    if (asked.evidence.empty()) {
      ++unanswerable;
      withheld += extracted.quotes.empty() ? 1U : 0U;
    } else {
      ++answerable;
      found_at_5 += recalled ? 1U : 0U;
      answered += extracted.quotes.empty() ? 0U : 1U;
      right += quoted ? 1U : 0U;
    }
    if (std::getenv("THALWEG_SHOW") != nullptr) {
      fmt::print("{} {} {:.2f} {}\n",
                 asked.evidence.empty() ? "-"
                 : recalled             ? "R"
                                        : "miss",
                 quoted ? "Q" : ".", extracted.support, asked.question);
      for (const Quote& quote : extracted.quotes)
        fmt::print("      {:.2f} {} [{}]\n", quote.score, quote.text, sources[quote.source].section);
    }
  }
  MESSAGE("passage recall at 5: " << found_at_5 << " of " << answerable << "; answered " << answered << ", quoting the evidence "
                                  << right << "; withheld " << withheld << " of " << unanswerable
                                  << " that the manuals do not answer");
  CHECK(answerable >= 25);
  CHECK(unanswerable >= 10);
  CHECK(found_at_5 * 10 >= answerable * 8);
  CHECK(answered * 10 >= answerable * 9);
  CHECK(withheld * 10 >= unanswerable * 8);
  CHECK(right * 10 >= answerable * 6);
}
