// The same operations leave the same tables on both backends.
#include <rapidcheck.h>

#include "store/helpers.h"
#include "store/postgres_server.h"

using namespace thalweg;
using namespace thalweg::test;

namespace {
rc::Gen<Value> any_cell() {
  return rc::gen::oneOf(
      rc::gen::just(Value()), rc::gen::map(rc::gen::arbitrary<std::int64_t>(), [](std::int64_t n) { return Value(n); }),
      rc::gen::map(rc::gen::arbitrary<double>(), [](double d) { return Value(d == d ? d : 0.0); }),
      rc::gen::map(rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127)),
                   [](const std::string& text) { return Value(text); }),
      rc::gen::map(rc::gen::arbitrary<std::string>(), [](const std::string& data) { return Value::bytes(data); }));
}

// Columns take values of their own type: text goes into the text column, and so on.
Statement any_statement() {
  const auto key = [] { return Value(*rc::gen::inRange<std::int64_t>(0, 6)); };
  const Value cell = *any_cell();
  const char* const column = cell.is_int() ? "i" : cell.is_real() ? "d" : cell.is_bytes() ? "b" : "s";
  switch (*rc::gen::inRange(0, 7)) {
    case 0:
      return {fmt::format("insert into t (id, {}) values ($1, $2)", column), {key(), cell}};
    case 1:
      return {fmt::format(
                  "insert into t (id, {0}) values ($1, $2) on conflict (id) do update set {0} = excluded.{0} returning id, {0}",
                  column),
              {key(), cell}};
    case 2:
      return {fmt::format("update t set {} = $2 where id = $1", column), {key(), cell}, Expect::change};
    case 3:
      return {"delete from t where id = $1 returning i, s", {key()}};
    case 4:
      return {"update t set s = coalesce(s, '') || $1 where id >= $2", {Value("+"), key()}};
    case 5:
      return {"insert into child values ($1)", {key()}};
    default:
      return {"select count(*), sum(id), max(s), min(d) from t", {}};
  }
}
}  // namespace

TEST_CASE("any operations have the same answers and leave the same rows on both backends") {
  const World world;
  const Place sqlite(Backend::sqlite), postgres(Backend::postgres);
  const std::array stores{must(open_store(world.within(600), sqlite.url())), must(open_store(world.within(600), postgres.url()))};
  for (const auto& store : stores) {
    must(store->commit(world.within(),
                       one("create table t (id bigint primary key, i bigint, d double precision, s text, b bytea)")));
    must(store->commit(world.within(), one("create table child (id bigint primary key references t (id))")));
  }
  const bool same = rc::check("same answers", [&] {
    const auto transactions = *rc::gen::container<std::vector<std::vector<Statement>>>(
        rc::gen::container<std::vector<Statement>>(rc::gen::exec([] { return any_statement(); })));
    std::array<std::vector<std::string>, 2> told;
    for (std::size_t s = 0; s < 2; ++s) {
      must(stores[s]->commit(world.within(), one("delete from child")));
      must(stores[s]->commit(world.within(), one("delete from t")));
      const auto note = [&](const auto& answer) {
        if (!answer) return told[s].push_back(std::string(info(answer.error().code()).name));
        for (const Rows& rows : *answer) {
          std::string line = fmt::format("{} changed;", rows.changed);
          for (const Value& cell : rows.cells) {
            line += fmt::format(" {}:{}", type_name(cell.kind()),
                                cell.is_int()    ? std::to_string(cell.as_int())
                                : cell.is_real() ? fmt::format("{}", cell.as_real() + 0.0)
                                : cell.is_null() ? ""
                                                 : std::string(cell.as_string()));
          }
          told[s].push_back(std::move(line));
        }
      };
      for (const auto& statements : transactions) note(stores[s]->commit(world.within(), Transaction{statements, {}, false}));
      note(stores[s]->commit(world.within(), one("select id, i, d, s, b from t order by id")));
      note(stores[s]->commit(world.within(), one("select id from child order by id")));
    }
    RC_ASSERT(told[0] == told[1]);
  });
  CHECK(same);
}
