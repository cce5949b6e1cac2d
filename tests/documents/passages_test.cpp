#include "documents/passages.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "documents/manuals.h"
#include "text/headed.h"

using namespace thalweg;
using namespace thalweg::documents;
using text::Block;
using text::blocks;
using text::sentences;
using text::Span;

namespace {

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> found;
  for (const Block& block : blocks(text)) {
    for (const Span& span : sentences(text, block)) found.emplace_back(span.in(text));
  }
  return found;
}

using Strings = std::vector<std::string>;

std::string without_blanks(std::string_view text) {
  std::string out;
  std::ranges::copy_if(text, std::back_inserter(out), [](char c) { return c != ' ' && c != '\n'; });
  return out;
}

}  // namespace

TEST_CASE("sentences end where they end") {
  CHECK(split("Cats purr. Dogs bark! Do cows moo? They do.") == Strings{"Cats purr.", "Dogs bark!", "Do cows moo?", "They do."});
  CHECK(split("Use e.g. version 3.0.1 of dpkg, i.e. the newest. It works.") ==
        Strings{"Use e.g. version 3.0.1 of dpkg, i.e. the newest.", "It works."});
  CHECK(split("See https://www.debian.org/doc/. It is long.") == Strings{"See https://www.debian.org/doc/.", "It is long."});
  CHECK(split("Edit /etc/apt/sources.list and run apt.") == Strings{"Edit /etc/apt/sources.list and run apt."});
  CHECK(split("He said \"Stop.\" Then he left.") == Strings{"He said \"Stop.\"", "Then he left."});
  CHECK(split("J. Doe and Dr. Roe met Mr. Poe. They ate cats, dogs, etc. Then they left.") ==
        Strings{"J. Doe and Dr. Roe met Mr. Poe.", "They ate cats, dogs, etc.", "Then they left."});
  CHECK(split("1. First things first. Then the rest.") == Strings{"1. First things first.", "Then the rest."});
  CHECK(split("Install the package. dpkg does it.") == Strings{"Install the package.", "dpkg does it."});
  CHECK(split("Released in 2023. More follows.") == Strings{"Released in 2023.", "More follows."});
  CHECK(split("Wait... what? Yes.") == Strings{"Wait... what?", "Yes."});
  CHECK(split("apt update\napt upgrade\n\n- one. Two.") == Strings{"apt update", "apt upgrade", "- one.", "Two."});
  CHECK(split("").empty());
}

TEST_CASE("sentences stand behind their innermost heading, by the rules that are given") {
  constexpr std::string_view kText = "Run it. Then run it once more.\n\n- one\n\nmake\nmake install";
  CHECK(text::headed_sentences("Rivers", "Installing > From source > Cargo", kText) ==
        Strings{"Cargo: Run it.", "Cargo: Then run it once more.", "Cargo: - one", "Cargo: make", "Cargo: make install"});
  CHECK(text::headed_sentences("Rivers", "Installing", kText, {.shortest = 6, .whole_layout = true}) ==
        Strings{"Installing: Run it.", "Installing: Then run it once more.", "Installing: make\nmake install"});
  CHECK(text::headed_sentences("Rivers", "", "Boats float.") == Strings{"Rivers: Boats float."});
  CHECK(text::headed_sentences("", "", "Boats float.") == Strings{"Boats float."});
  const auto found = text::sentences(kText);
  REQUIRE(found.size() == 5);
  CHECK(found[1].kind == text::BlockKind::paragraph);
  CHECK(found[2].kind == text::BlockKind::item);
  CHECK(found[4].kind == text::BlockKind::layout);
  CHECK(found[4].span.in(kText) == "make install");
}

TEST_CASE("passages keep list items and code whole and carry their headings") {
  Document document;
  document.path = "a.md";
  document.title = "Animals";
  document.hash = "0123456789abcdef";
  const std::string item = "- " + std::string(60, 'x') + ". " + std::string(60, 'y') + ".";
  document.sections.push_back({{"Cats", "Food"}, 2, item + "\n\n" + item + "\n\nrun this\nand that"});
  const auto passages = cut(document, {.size = 150, .overlap = 0});
  REQUIRE(passages.size() == 2);
  CHECK(passages[0].text == item);
  CHECK(passages[1].text == item + "\n\nrun this\nand that");
  CHECK(passages[1].section == "Cats > Food");
  CHECK(passages[1].id == "a.md#1");
  CHECK(passages[0].hash != cut(document, {.size = 151, .overlap = 0})[0].hash);
}

TEST_CASE("passages of any text cover it, are stretches of it and are cut at ends of sentences") {
  const bool held = rc::check([] {
    const auto words = *rc::gen::container<Strings>(
        rc::gen::element<std::string>("cat", "Dog", "e.g.", "3.1", "runs.", "sleeps!", "why?", "\n\n", "\n\n- item",
                                      "\ncode line", "\"end.\"", "http://x.y/z.", "\u00E9t\u00E9.", "longer-word-here"));
    Document document;
    document.path = "p";
    Section section;
    // Numbered, so that a stretch of several words stands at one place only.
    for (std::size_t i = 0; i < words.size(); ++i) section.text += fmt::format("{} w{}x ", words[i], i);
    document.sections.push_back(section);
    const std::size_t size = *rc::gen::inRange<std::size_t>(30, 400);
    const std::size_t overlap = *rc::gen::inRange<std::size_t>(0, size / 2);
    const auto passages = cut(document, {.size = size, .overlap = overlap});
    RC_ASSERT(passages.size() == cut(document, {.size = size, .overlap = overlap}).size());

    const std::string& text = section.text;
    std::vector<std::size_t> ends;
    std::size_t longest = 0;
    for (const Block& block : blocks(text)) {
      for (const Span& span : sentences(text, block)) {
        ends.push_back(span.end);
        longest = std::max(longest, span.size());
      }
    }
    std::size_t covered = 0;
    std::size_t after = 0;  // each begins behind the one before: the rest of a cut sentence may be a word without a number
    for (const Passage& passage : passages) {
      const std::size_t at = text.find(passage.text, after);
      RC_ASSERT(at != std::string::npos);
      if (at > covered) RC_ASSERT(without_blanks(text.substr(covered, at - covered)).empty());
      after = at + 1;
      covered = at + passage.text.size();
      // Only a sentence longer than four passages is cut itself.
      RC_ASSERT(longest > 4 * size || std::ranges::find(ends, covered) != ends.end());
    }
    RC_ASSERT(without_blanks(text.substr(covered)).empty());
  });
  CHECK(held);
}

TEST_CASE("the sentences of Debian's manuals hold all of their text, in order") {
  std::size_t count = 0;
  std::size_t longest = 0;
  for (const Document& document : read_manuals().value()) {
    for (const Section& section : document.sections) {
      std::string joined;
      for (const std::string& sentence : split(section.text)) {
        joined += sentence;
        ++count;
      }
      CHECK(without_blanks(joined) == without_blanks(section.text));
    }
    for (const Passage& passage : cut(document)) longest = std::max(longest, passage.text.size());
  }
  CHECK(count > 10'000);
  CHECK(longest < 4'000);
}
