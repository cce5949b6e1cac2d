#include "documents/evidence.h"

#include <doctest/doctest.h>

using namespace thalweg::documents;

TEST_CASE("what answers is shown by the passage or a whole sentence of it") {
  const Evidence evidence(
      {{"rivers.md", "A thalweg is the lowest line of a valley. Boats keep to it. So do fish that have a long way to go."}});
  CHECK(evidence.shown_in(
      "docs/rivers.md",
      "Before. A thalweg is the lowest line of a valley.\n\nBoats  keep to it.\tSo do fish that have a long way to go."));
  CHECK(evidence.shown_in("rivers.md", "A thalweg is the lowest line of a valley. Cut off here."));
  CHECK(evidence.shown_in("rivers.md", "So do fish that have\n a long way to go."));
  CHECK_FALSE(evidence.shown_in("rivers.md", "Boats keep to it."));  // so short that it may stand anywhere
  CHECK_FALSE(evidence.shown_in("rivers.md", "A thalweg is the lowest line of a"));
  CHECK_FALSE(evidence.shown_in("rivers.md", ""));
}

TEST_CASE("of the document that was meant, and of no other") {
  const std::string text = "A thalweg is the lowest line of a valley.";
  const Evidence named({{"water/rivers.md", text}});
  CHECK(named.shown_in("/docs/water/rivers.md", text));
  CHECK(named.shown_in("water/rivers.md", text));
  CHECK_FALSE(named.shown_in("/docs/rivers.md", text));
  CHECK_FALSE(named.shown_in("/docs/underwater/rivers.md", text));
  CHECK_FALSE(Evidence({{"rivers.md", text}}).shown_in("/docs/my-rivers.md", text));
  CHECK(Evidence({{"", text}}).shown_in("anything.txt", text));
}

TEST_CASE("any place will do, none does not") {
  const Evidence two({{"a.md", "The first way to say it."}, {"b.md", "Another way to say it."}});
  CHECK(two.shown_in("b.md", "Another way to say it."));
  CHECK_FALSE(two.shown_in("b.md", "The first way to say it."));
  CHECK_FALSE(Evidence({}).shown_in("a.md", "The first way to say it."));
}

TEST_CASE("a quote may be a part of the passage, when it is long enough") {
  const Evidence evidence({{"rivers.md", "A thalweg, as sailors say, is the lowest line of a valley."}});
  CHECK(evidence.quoted_in("rivers.md", "is the lowest line of a valley."));
  CHECK_FALSE(evidence.quoted_in("rivers.md", "of a valley."));
  CHECK_FALSE(evidence.quoted_in("lakes.md", "is the lowest line of a valley."));
  CHECK_FALSE(evidence.shown_in("rivers.md", "is the lowest line of a valley."));
  CHECK(evidence.quoted_in("rivers.md", "They say: A thalweg, as sailors say, is the lowest line of a valley."));
}

TEST_CASE("a mean and how sure it is") {
  const Estimate none = estimate({});
  CHECK(none.mean == 0);
  CHECK(none.high == 0);
  const std::vector<double> same(30, 0.25);
  CHECK(estimate(same).low == 0.25);
  CHECK(estimate(same).high == 0.25);
  // 40 of 50: for proportions the bootstrap comes close to the normal interval 0.8 -+ 1.96 sqrt(0.8 * 0.2 / 50) = 0.689 to 0.911.
  std::vector<double> found(50, 1.0);
  std::fill_n(found.begin(), 10, 0.0);
  const Estimate share = estimate(found);
  CHECK(share.mean == doctest::Approx(0.8));
  CHECK(share.low == doctest::Approx(0.69).epsilon(0.03));
  CHECK(share.high == doctest::Approx(0.91).epsilon(0.03));
  CHECK(estimate(found).low == share.low);
}
