#include <array>
#include <thread>

#include "store/helpers.h"
#include "store/postgres_server.h"

using namespace thalweg;
using namespace thalweg::test;

namespace {
std::vector<Migration> first() {
  return {{1, "items", {"create table item (id bigint primary key)", "insert into item values (1)"}}};
}
std::vector<Migration> both() {
  return {
      first()[0],
      {2, "states", {"alter table item add column state text not null default 'new'", "insert into item values (2, 'second')"}}};
}
}  // namespace

TEST_CASE("migrations run once, in order, and only those that are missing") {
  for (const Backend backend : kBackends) {
    CAPTURE(backend);
    const World world;
    const Place place(backend);
    const Context context = world.within();
    auto store = must(open_store(context, place.url()));
    must(store->migrate(context, "work", first()));
    must(store->migrate(context, "work", first()));
    CHECK(count(*store, context, "item") == 1);
    store = must(open_store(context, place.url()));
    must(store->migrate(context, "work", both()));
    CHECK(must(store->read(context, {"select id, state from item order by id", {}})).cells ==
          std::vector{Value(1), Value("new"), Value(2), Value("second")});
    // Components do not know of each other.
    must(store->migrate(context, "other", std::array{Migration{1, "other", {"create table other (id bigint)"}}}));
    const Rows kept =
        must(store->read(context, {"select component, version, name from thalweg_migration order by component, version", {}}));
    CHECK(kept.cells == std::vector{Value("other"), Value(1), Value("other"), Value("work"), Value(1), Value("items"),
                                    Value("work"), Value(2), Value("states")});
  }
}

TEST_CASE("tables of a newer program, an edited or a badly numbered migration are refused") {
  for (const Backend backend : kBackends) {
    CAPTURE(backend);
    const World world;
    const Place place(backend);
    const Context context = world.within();
    const auto store = must(open_store(context, place.url()));
    must(store->migrate(context, "work", both()));
    const auto newer = store->migrate(context, "work", first());
    CHECK(code_of(newer) == Code::failed_precondition);
    CHECK(newer.error().message().find("version 2") != std::string::npos);
    std::vector<Migration> edited = both();
    edited[0].statements[1] = "insert into item values (3)";
    CHECK(code_of(store->migrate(context, "work", edited)) == Code::failed_precondition);
    CHECK(code_of(store->migrate(context, "work", std::array{both()[1]})) == Code::invalid_argument);
  }
}

TEST_CASE("a migration that fails leaves nothing of itself or of those before it in the same run") {
  for (const Backend backend : kBackends) {
    CAPTURE(backend);
    const World world;
    const Place place(backend);
    const Context context = world.within();
    const auto store = must(open_store(context, place.url()));
    std::vector<Migration> broken = both();
    broken[1].statements.push_back("insert into nowhere values (1)");
    const auto failed = store->migrate(context, "work", broken);
    CHECK(code_of(failed) == Code::invalid_argument);
    CHECK(failed.error().text().find("migration 2 (states) of work") != std::string::npos);
    CHECK(code_of(store->read(context, {"select * from item", {}})) == Code::invalid_argument);
    must(store->migrate(context, "work", both()));
    CHECK(count(*store, context, "item") == 2);
  }
}

TEST_CASE("many programs that start together migrate once") {
  for (const Backend backend : kBackends) {
    CAPTURE(backend);
    const World world;
    const Place place(backend);
    const Context context = world.within();
    {
      std::vector<std::jthread> programs;
      for (int i = 0; i < 6; ++i) {
        programs.emplace_back([&] {
          auto store = open_store(context, place.url());
          CHECK_MESSAGE(store.has_value(), (store ? "" : store.error().text()));
          if (!store) return;
          const auto migrated = (*store)->migrate(context, "work", both());
          CHECK_MESSAGE(migrated.has_value(), (migrated ? "" : migrated.error().text()));
        });
      }
    }
    const auto store = must(open_store(context, place.url()));
    CHECK(count(*store, context, "item") == 2);
    CHECK(count(*store, context, "thalweg_migration") == 2);
  }
}
