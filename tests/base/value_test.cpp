#include "base/value.h"

#include <doctest/doctest.h>

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
