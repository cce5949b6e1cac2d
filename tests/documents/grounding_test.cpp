// What is written from sources, held against them.
#include "documents/grounding.h"

#include <doctest/doctest.h>

using namespace thalweg;
using namespace thalweg::documents;

namespace {

const std::vector<std::string> kSources{
    "The project name is pronounced Deb'-ee-en, with a short e in Deb, and emphasis on the first syllable.",
    "Note that a package should not modify a dpkg-handled conffile in its maintainer scripts. It can't divert one, either."};

const std::unique_ptr<Clock> kClock = make_system_clock();
const Context kContext(*kClock);

Grounding held(std::string_view text, std::string_view question = "", double least = 0.7) {
  const auto found = grounding(index::Analyzer::open().value(), text, kSources, question, least, kContext);
  REQUIRE_MESSAGE(found, found.error().text());
  return *found;
}

using Sentences = std::vector<std::string>;

}  // namespace

TEST_CASE("what the sources say is borne out, in their words and their stems") {
  const Grounding quoted = held(kSources[0] + " " + kSources[1]);
  CHECK(quoted.unsupported.empty());
  CHECK(quoted.share == 1);
  CHECK(quoted.sentences == 3);
  CHECK(held("Debian: the names of the project are pronounced with the emphasis on their first syllables.",
             "How is Debian pronounced?")
            .unsupported.empty());
}

TEST_CASE("what is made up is told, each sentence once, without the mark of a list") {
  const Grounding found =
      held("The emphasis is on the first syllable.\n\n- Run pip list in Python.\n\n- Run pip list in Python.\n");
  CHECK(found.unsupported == Sentences{"Run pip list in Python."});
  CHECK(found.sentences == 2);
  CHECK(found.share == doctest::Approx(3.0 / 7));
}

TEST_CASE("a denial that is gone, or that has come, is no support") {
  CHECK(held("A package should not modify a conffile.").unsupported.empty());
  CHECK(held("Packages mustn't modify conffiles.").unsupported.empty());
  CHECK(held("Packages mustn\u2019t modify conffiles.").unsupported.empty());
  CHECK(held("Yes, a package may modify a conffile.").unsupported.size() == 1);
  CHECK(held("The project name is not pronounced with emphasis on the first syllable.").unsupported.size() == 1);
  // Two of them say yes.
  CHECK(held("It is not that the project name isn't pronounced with emphasis on the first syllable.").unsupported.empty());
}

TEST_CASE("how much must stand in the sources is given") {
  constexpr std::string_view kHalf = "The syllable wanders.";
  CHECK(held(kHalf, "", 0.5).unsupported.empty());
  CHECK(held(kHalf, "", 0.51).unsupported.size() == 1);
  CHECK(held("A syllable among rivers, boats and valleys.", "", 0).unsupported.empty());
  CHECK(held("A wholly different matter.", "", 0).unsupported.size() == 1);
}

TEST_CASE("texts that say nothing, no sources, and hostile ones") {
  CHECK(held("").unsupported.empty());
  CHECK(held("And so it is.").sentences == 0);
  const auto analyzer = index::Analyzer::open().value();
  CHECK(grounding(analyzer, "Rivers run deep.", {}, "", 0.7, kContext)->unsupported == Sentences{"Rivers run deep."});
  CHECK(grounding(analyzer, "Rivers \xFF run.", kSources, "", 0.7, kContext).error().code() == Code::invalid_argument);
  const std::vector<std::string> broken{"Rivers \xFF run."};
  CHECK(grounding(analyzer, "Rivers run.", broken, "", 0.7, kContext).error().code() == Code::invalid_argument);
  std::string megabyte;
  for (int i = 0; megabyte.size() < 1'000'000; ++i) megabyte += fmt::format("The emphasis is on syllable {}. ", i);
  const auto large = grounding(analyzer, megabyte, std::vector<std::string>{megabyte}, "", 0.7, kContext);
  REQUIRE(large);
  CHECK(large->unsupported.empty());
  const auto late = grounding(analyzer, megabyte, {}, "", 0.7, kContext.with_deadline(kClock->now()));
  CHECK(late.error().code() == Code::deadline_exceeded);
}
