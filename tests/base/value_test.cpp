#include "thalweg/value.h"

#include <doctest/doctest.h>

#include "base/identical.h"
#include "thalweg/json.h"

using namespace thalweg;

TEST_CASE("numbers compare by mathematical value over all kinds") {
  CHECK(Value(1) == Value(std::uint64_t{1}));
  CHECK(Value(1) == Value(1.0));
  CHECK_FALSE(Value(std::int64_t{9007199254740993}) == Value(9007199254740992.0));
  CHECK_FALSE(Value(-1) == Value(UINT64_MAX));
  CHECK_FALSE(Value(0.0 / 0.0) == Value(0.0 / 0.0));
  CHECK(hash(Value(7)) == hash(Value(7.0)));
}

TEST_CASE("maps find their keys at any size, and compare without regard to order") {
  for (const int n : {0, 1, 8, 9, 1000}) {
    MapBuilder forward, backward;
    for (int i = 0; i < n; ++i) REQUIRE(forward.add(Value(std::to_string(i)), Value(i)));
    for (int i = n - 1; i >= 0; --i) REQUIRE(backward.add(Value(std::to_string(i)), Value(i)));
    if (n > 0) CHECK_FALSE(forward.add(Value("0"), Value()));
    const Value a = forward.build(), b = backward.build();
    CHECK(a == b);
    CHECK(hash(a) == hash(b));
    for (int i = 0; i < n; ++i) REQUIRE(a.find(std::to_string(i))->as_int() == i);
    CHECK(a.find("none") == nullptr);
  }
}

TEST_CASE("an update by path shares the rest and leaves the old value alone") {
  const Value inner = Value::map({{"x", 1}});
  const Value old = Value::map({{"left", inner}, {"right", Value::list({Value(1), Value("two")})}});
  const Value next = old.with({Value("right"), Value(1)}, Value(2)).value();
  CHECK(old.find("right")->items()[1] == Value("two"));
  CHECK(next.find("right")->items()[1] == Value(2));
  CHECK(next.find("left")->entries().data() == old.find("left")->entries().data());
  CHECK(old.with({Value("nowhere"), Value(1)}, Value(2)).error().code() == Code::not_found);
  CHECK(old.with({Value("right"), Value(9)}, Value(2)).error().code() == Code::out_of_range);
  CHECK(old.with({Value("left"), Value("x"), Value(0)}, Value(2)).error().code() == Code::invalid_argument);
}

TEST_CASE("a uniquely owned value is changed in place") {
  Value list = Value::list();
  list = std::move(list).append(Value(1));
  const Value* place = list.items().data();
  Value changed = std::move(list).with(std::span<const Value>(std::vector<Value>{Value(0)}), Value(5)).value();
  CHECK(changed.items().data() == place);
  CHECK(changed.items()[0] == Value(5));
}

TEST_CASE("a million levels are built, compared, hashed and destroyed without recursion") {
  const auto tower = [] {
    Value value(1);
    for (int i = 0; i < 1'000'000; ++i) value = i % 2 == 0 ? Value::list({value}) : Value::map({{"k", value}});
    return value;
  };
  const Value a = tower(), b = tower();
  CHECK(a == b);
  CHECK(hash(a) == hash(b));
}

TEST_CASE("external buffers are not copied and their owner is held") {
  auto owner = std::make_shared<std::string>("a long enough text");
  std::weak_ptr<std::string> watch = owner;
  {
    const Value text = Value::external_string(*owner, owner);
    const char* place = owner->data();
    owner.reset();
    CHECK(text.as_string().data() == place);
    CHECK_FALSE(watch.expired());
  }
  CHECK(watch.expired());
}

TEST_CASE("a value that holds its parts in many places costs what it is, not what it looks like") {
  // Each level holds the one below twice: 60 levels look like 2^60 numbers. Both are made apart, so that nothing but their levels
  // is shared.
  const auto mesh = [](double last, bool maps) {
    Value value(last);
    for (int i = 0; i < 60; ++i) {
      value = maps && i % 2 == 0 ? Value::map({{"left", value}, {"right", value}}) : Value::list({value, value});
    }
    return value;
  };
  for (const bool maps : {false, true}) {
    const Value a = mesh(1, maps), b = mesh(1, maps), other = mesh(2, maps), nan = mesh(std::nan(""), maps);
    CHECK(a == a);
    CHECK(a == b);
    CHECK_FALSE(a == other);
    CHECK_FALSE(nan == nan);  // as NaN wants it
    CHECK(identical(a, b));
    CHECK(identical(nan, nan));
    CHECK_FALSE(identical(a, other));
    CHECK(hash(a) == hash(b));
    CHECK(hash(a) != hash(other));
    CHECK(a.footprint() < 20'000);
    CHECK(to_json(a, JsonStyle::compact, 100'000).error().code() == Code::resource_exhausted);
    CHECK(to_json(a, JsonStyle::pretty, 100'000).error().code() == Code::resource_exhausted);
  }
}

TEST_CASE("hashes of maps do not depend on order, those of lists do, also in long ones") {
  std::vector<Entry> entries, turned;
  std::vector<Value> items, swapped;
  for (int i = 0; i < 1'000; ++i) {
    const Value part = i % 2 == 0 ? Value(i) : Value::list({Value(i), Value::map({{"i", Value(i)}})});
    entries.push_back({Value(i), part});
    items.push_back(part);
  }
  turned.assign(entries.rbegin(), entries.rend());
  swapped = items;
  std::swap(swapped[500], swapped[501]);
  CHECK(Value::map(entries) == Value::map(turned));
  CHECK(hash(Value::map(entries)) == hash(Value::map(turned)));
  CHECK_FALSE(identical(Value::map(entries), Value::map(turned)));
  CHECK(hash(Value::list(items)) != hash(Value::list(swapped)));
}

TEST_CASE("identical is stricter than equal") {
  CHECK(identical(Value(1), Value(1)));
  CHECK_FALSE(identical(Value(1), Value(1.0)));
  CHECK_FALSE(identical(Value(1), Value(std::uint64_t{1})));
  CHECK_FALSE(identical(Value(0.0), Value(-0.0)));
  CHECK(identical(Value(std::nan("")), Value(std::nan(""))));
  CHECK_FALSE(identical(Value::list({Value(1)}), Value::list({Value(1.0)})));
  CHECK_FALSE(identical(Value::floats(std::vector<float>{0.0F}), Value::floats(std::vector<float>{-0.0F})));
  CHECK(identical(Value::map({{"a", Value(1)}}), Value::map({{"a", Value(1)}})));
  CHECK_FALSE(identical(Value("1"), Value::bytes("1")));
}

TEST_CASE("JSON may be as long as asked for, to the byte") {
  const Value value = Value::list({Value("ab"), Value(1)});  // ["ab",1]
  CHECK(to_json(value, JsonStyle::compact, 8).value() == "[\"ab\",1]");
  CHECK(to_json(value, JsonStyle::compact, 7).error().code() == Code::resource_exhausted);
  std::string out = "before";
  CHECK(append_json(out, value, JsonStyle::compact, 7).error().message() ==
        "the value is more than 7 bytes of JSON; take a part of it");
  CHECK(out == "before");
  CHECK(append_json(out, value, JsonStyle::compact, 8).has_value());
}
