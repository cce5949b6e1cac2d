#include "store/cache.h"

#include "store/helpers.h"
#include "store/postgres_server.h"

using namespace thalweg;
using namespace thalweg::test;

TEST_CASE("the cache keeps bytes for their time, for every program, and sweeps") {
  for (const Backend backend : kBackends) {
    CAPTURE(backend);
    const World world;
    const Place place(backend);
    // Only time is virtual here, so the calls' deadlines never come.
    VirtualClock clock;
    const Context context(clock);
    const auto store = must(open_store(world.within(), place.url()));
    const Cache cache = must(Cache::open(*store, world.within()));
    const std::string key("k\0\xFF'", 4);
    CHECK_FALSE(must(cache.get(context, key)).has_value());
    must(cache.put(context, key, Value::bytes("one"), 10 * kSecond));
    CHECK(must(cache.get(context, key))->value == Value::bytes("one"));
    must(cache.put(context, key, Value::bytes("two"), 20 * kSecond));
    must(cache.put(context, "other", Value::bytes(""), kNever));

    clock.advance(15 * kSecond);
    CHECK(must(cache.get(context, key))->left == 5 * kSecond);
    CHECK(must(cache.get(context, "other"))->left == kNever);
    CHECK(must(cache.get(context, key))->value == Value::bytes("two"));
    const auto second_store = must(open_store(world.within(), place.url()));
    const Cache second = must(Cache::open(*second_store, world.within()));
    CHECK(must(second.get(context, key))->value == Value::bytes("two"));

    clock.advance(5 * kSecond);
    CHECK_FALSE(must(cache.get(context, key)).has_value());
    CHECK(must(cache.get(context, "other"))->value == Value::bytes(""));
    CHECK(count(*store, world.within(), "thalweg_cache") == 2);
    must(cache.put(context, "third", Value::bytes("3"), kSecond));
    CHECK(count(*store, world.within(), "thalweg_cache") == 2);  // the first is gone

    CHECK(code_of(cache.put(context, "x", Value("text"), kSecond)) == Code::invalid_argument);
    CHECK(code_of(cache.put(context, "x", Value::bytes("b"), 0)) == Code::invalid_argument);
  }
}

TEST_CASE("a cache whose store is in trouble says so") {
  const World world;
  const auto store = must(open_store(world.within(), ":memory:"));
  const Cache cache = must(Cache::open(*store, world.within()));
  must(store->commit(world.within(), one("drop table thalweg_cache")));
  CHECK(code_of(cache.get(world.within(), "k")) == Code::invalid_argument);
  CHECK(code_of(cache.put(world.within(), "k", Value::bytes("b"), kSecond)) == Code::invalid_argument);
}
