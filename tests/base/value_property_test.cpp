// Values against a naive model: plain vectors, copied as a whole at every change.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/value_arbitrary.h"
#include "thalweg/random.h"

using namespace thalweg;

TEST_CASE("a map under random changes agrees with a list of pairs, and older versions stay as they were") {
  using Model = std::vector<std::pair<std::string, std::int64_t>>;
  Random random(21);
  std::vector<std::pair<Value, Model>> versions{{Value::map(), {}}};
  for (int round = 0; round < 4'000; ++round) {
    const std::size_t from = random.below(versions.size());
    Model model = versions[from].second;
    const std::string key = fmt::format("k{}", random.below(40));
    const Value change(static_cast<std::int64_t>(round));
    const auto found = std::ranges::find(model, key, &Model::value_type::first);
    if (found == model.end()) {
      model.emplace_back(key, round);
    } else {
      found->second = round;
    }
    Value next = round % 2 == 0 ? Value(versions[from].first).set(Value(key), change)
                                : versions[from].first.with({Value(key)}, change).value();
    if (versions.size() < 50) {
      versions.emplace_back(std::move(next), std::move(model));
    } else {
      versions[random.below(versions.size())] = {std::move(next), std::move(model)};
    }
    const auto& [value, expected] = versions[random.below(versions.size())];
    REQUIRE(value.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      REQUIRE(value.entries()[i].key == Value(expected[i].first));
      REQUIRE(value.find(expected[i].first)->as_int() == expected[i].second);
    }
    REQUIRE(value.find("none") == nullptr);
  }
}

TEST_CASE("a list under random appends and changes agrees with a vector, shared or not") {
  Random random(22);
  Value list = Value::list(), kept = list;
  std::vector<std::int64_t> model, kept_model;
  for (std::int64_t round = 0; round < 4'000; ++round) {
    const std::size_t at = random.below(model.size() + 1);
    if (at == model.size()) {
      list = random.below(2) == 0 ? std::move(list).append(Value(round))
                                  : list.with({Value(static_cast<std::int64_t>(at))}, Value(round)).value();
      model.push_back(round);
    } else {
      list = std::move(list).with({Value(static_cast<std::int64_t>(at))}, Value(round)).value();
      model[at] = round;
    }
    if (random.below(20) == 0) {
      kept = list;
      kept_model = model;
    }
    REQUIRE(list.items()[std::min(at, model.size() - 1)].as_int() == round);
    REQUIRE(kept.size() == kept_model.size());
  }
  for (std::size_t i = 0; i < model.size(); ++i) REQUIRE(list.items()[i].as_int() == model[i]);
  for (std::size_t i = 0; i < kept_model.size(); ++i) REQUIRE(kept.items()[i].as_int() == kept_model[i]);
}

TEST_CASE("equality is an equivalence that the hash keeps") {
  CHECK(rc::check([] {
    const Value a = *testing::json_value(3), b = *testing::json_value(3);
    const Value copy = a;  // NOLINT(performance-unnecessary-copy-initialization): the copy is what is tested
    RC_ASSERT(a == copy);
    RC_ASSERT(hash(a) == hash(copy));
    RC_ASSERT((a == b) == (b == a));
    if (a == b) RC_ASSERT(hash(a) == hash(b));
    const Value listed = Value::list({a, b});
    RC_ASSERT(listed == Value::list({a, b}));
    RC_ASSERT(!(listed == Value::list({a})));
  }));
}
