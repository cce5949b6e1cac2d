#include <cstdlib>
#include <future>
#include <optional>

#include "store/helpers.h"
#include "store/postgres_server.h"

using namespace thalweg;
using namespace thalweg::test;

namespace {
Transaction notify(std::string channel, std::string payload) {
  Transaction transaction;
  transaction.notifications.push_back({std::move(channel), std::move(payload)});
  return transaction;
}

// "resync" or the payload.
std::function<void(const Notice&)> into(Box<std::string>& box) {
  return [&box](const Notice& notice) { box.put(notice.resync ? "resync" : notice.payload); };
}
}  // namespace

TEST_CASE("the child of the notification test" * doctest::skip()) {
  const World world;
  const auto store = must(open_store(world.within(), std::getenv("THALWEG_TEST_URL")));
  must(store->commit(world.within(), notify("jobs", "from another process")));
}

TEST_CASE("notifications reach every subscriber of their channel, from this and other processes, in order") {
  for (const Backend backend : kBackends) {
    CAPTURE(backend);
    const World world;
    const Place place(backend);
    const Context context = world.within();
    const auto store = must(open_store(context, place.url()));
    const auto other = must(open_store(context, place.url()));
    Box<std::string> jobs, same, quiet;
    const Subscription a = must(other->subscribe("jobs", into(jobs)));
    const Subscription b = must(store->subscribe("jobs", into(same)));
    const Subscription c = must(other->subscribe("quiet", into(quiet)));
    REQUIRE(jobs.wait(1) == std::vector<std::string>{"resync"});
    REQUIRE(same.wait(1) == std::vector<std::string>{"resync"});
    REQUIRE(quiet.wait(1) == std::vector<std::string>{"resync"});
    std::vector<std::string> expected{"resync"};
    for (int i = 0; i < 100; ++i) {
      expected.push_back("number " + std::to_string(i));
      must(store->commit(context, notify("jobs", expected.back())));
    }
    CHECK(jobs.wait(expected.size()) == expected);
    CHECK(same.wait(expected.size()) == expected);
    Child child("the child of the notification test", {"THALWEG_TEST_URL=" + place.url()});
    CHECK(child.wait() == 0);
    CHECK(jobs.wait(expected.size() + 1).back() == "from another process");
    CHECK(quiet.wait(2, 0.1) == std::vector<std::string>{"resync"});
  }
}

TEST_CASE("a notification comes with its commit and not without") {
  for (const Backend backend : kBackends) {
    CAPTURE(backend);
    const World world;
    const Place place(backend);
    const Context context = world.within();
    const auto store = must(open_store(context, place.url()));
    must(store->commit(context, one("create table t (id bigint primary key)")));
    Box<std::string> box;
    const auto reader = must(open_store(context, place.url()));
    const Subscription subscription = must(reader->subscribe("rows", [&](const Notice& notice) {
      if (notice.resync) return box.put("resync");
      // Not from a thread of the same store: asked through the other one.
      box.put(notice.payload + " of " + std::to_string(count(*store, context, "t")));
    }));
    box.wait(1);
    for (int i = 0; i < 20; ++i) {
      Transaction work = one("insert into t values ($1)", {Value(i / 2)});  // every second is a duplicate
      work.notifications.push_back({"rows", std::to_string(i)});
      CHECK(code_of(store->commit(context, std::move(work))) == (i % 2 == 0 ? Code::ok : Code::already_exists));
      if (i % 2 == 0) CHECK(box.wait(static_cast<std::size_t>(i / 2 + 2)).back() == fmt::format("{} of {}", i, i / 2 + 1));
    }
    CHECK(box.wait(12, 0.1).size() == 11);
  }
}

TEST_CASE("a subscription that ended is not called, one that begins later is") {
  for (const Backend backend : kBackends) {
    CAPTURE(backend);
    const World world;
    const Place place(backend);
    const Context context = world.within();
    const auto store = must(open_store(context, place.url()));
    Box<std::string> first, second;
    std::optional<Subscription> one_subscription = must(store->subscribe("c", into(first)));
    first.wait(1);
    one_subscription.reset();
    const Subscription later = must(store->subscribe("c", into(second)));
    second.wait(1);
    must(store->commit(context, notify("c", "now")));
    CHECK(second.wait(2) == std::vector<std::string>{"resync", "now"});
    CHECK(first.wait(2, 0.05).size() == 1);
  }
}

TEST_CASE("bad names and payloads are refused") {
  const World world;
  const auto store = must(open_store(world.within(), ":memory:"));
  for (const char* name : {"", "a b", "quo\"te", "ümlaut"}) CHECK(code_of(store->subscribe(name, {})) == Code::invalid_argument);
  CHECK(code_of(store->subscribe(std::string(64, 'a'), {})) == Code::invalid_argument);
  CHECK(code_of(store->commit(world.within(), notify("c;", "x"))) == Code::invalid_argument);
  CHECK(code_of(store->commit(world.within(), notify("c", std::string(8'000, 'x')))) == Code::invalid_argument);
  CHECK(code_of(store->commit(world.within(), notify("c", "\xFF"))) == Code::invalid_argument);
}

TEST_CASE("a database in memory notifies its own store") {
  const World world;
  const auto store = must(open_store(world.within(), "sqlite::memory:"));
  Box<std::string> box;
  const Subscription subscription = must(store->subscribe("c", into(box)));
  box.wait(1);
  must(store->commit(world.within(), notify("c", "hello")));
  CHECK(box.wait(2) == std::vector<std::string>{"resync", "hello"});
}

TEST_CASE("a listener that fell behind is told to look anew") {
  const World world;
  const Scratch folder;
  const Context context = world.within();
  const std::string path = folder / "a.db";
  const auto store = must(open_store(context, path));
  Box<std::string> box;
  std::promise<void> held, go_on;
  bool first = true;
  const auto slow = must(open_store(context, path));
  const Subscription subscription = must(slow->subscribe("c", [&](const Notice& notice) {
    box.put(notice.resync ? "resync" : notice.payload);
    if (!notice.resync && std::exchange(first, false)) {
      held.set_value();
      go_on.get_future().wait();
    }
  }));
  box.wait(1);
  must(store->commit(context, notify("c", "first")));
  held.get_future().wait();
  // More than the table keeps, while the listener is held up.
  Transaction many;
  for (int i = 0; i < 10'050; ++i) many.notifications.push_back({"c", std::to_string(i)});
  must(store->commit(context, std::move(many)));
  go_on.set_value();
  const auto told = box.wait(10'003);
  CHECK(told[2] == "resync");
  CHECK(told.size() == 10'003);
  CHECK(told.back() == "10049");
}
