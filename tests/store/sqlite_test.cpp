#include "store/helpers.h"

using namespace thalweg;
using namespace thalweg::test;

TEST_CASE("a file database keeps what was committed") {
  const World world;
  const Folder folder;
  const Context context = world.within();
  {
    auto store = must(open_store(context, "sqlite:" + folder / "a.db"));
    must(store->commit(context, one("create table t (id bigint primary key, x text)")));
    must(store->commit(context, one("insert into t values ($1, $2)", {Value(1), Value("eins")})));
  }
  auto store = must(open_store(context, folder / "a.db"));
  const Rows rows = must(store->read(context, {"select id, x from t", {}}));
  REQUIRE(rows.size() == 1);
  CHECK(rows.columns == std::vector<std::string>{"id", "x"});
  CHECK(rows[0][0] == Value(1));
  CHECK(rows[0][1] == Value("eins"));
}
