// What must be the same on every backend.
#include <future>
#include <thread>

#include "store/helpers.h"
#include "store/postgres_server.h"

using namespace thalweg;
using namespace thalweg::test;

namespace {
struct Opened {
  explicit Opened(Backend backend, StoreOptions options = {})
      : place(backend), context(world.within()), store(must(open_store(context, place.url(), options))) {}
  World world;
  Place place;
  Context context;
  std::unique_ptr<Store> store;

  Result<std::vector<Rows>> run(std::string sql, std::vector<Value> parameters = {}, Expect expect = Expect::anything) {
    return store->commit(context, one(std::move(sql), std::move(parameters), expect));
  }
  Result<Rows> read(std::string sql, std::vector<Value> parameters = {}) {
    return store->read(context, {std::move(sql), std::move(parameters)});
  }
};
}  // namespace

TEST_CASE("values come back as they were given") {
  for (const Backend backend : kBackends) {
    CAPTURE(backend);
    Opened db(backend);
    must(db.run("create table t (id bigint primary key, i bigint, d double precision, s text, b bytea)"));
    const std::string all_bytes = [] {
      std::string bytes;
      for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
      return bytes;
    }();
    const std::vector<std::vector<Value>> table{
        {Value(1), Value(INT64_MAX), Value(0.1), Value("grüße 🌊"), Value::bytes(all_bytes)},
        {Value(2), Value(INT64_MIN), Value(1.7976931348623157e308), Value(""), Value::bytes("")},
        {Value(3), Value(0), Value(5e-324), Value("it's \"$1\" \\ ?"), Value::bytes(std::string_view("\0", 1))},
        {Value(4), Value(-1), Value(-1.0 / 0.0), Value(std::string(100'000, 'x')), Value::bytes(std::string(100'000, '\xFF'))},
        {Value(5), Value(), Value(), Value(), Value()},
        {Value(6), Value(7), Value(42.0), Value("42"), Value::bytes("42")},
    };
    for (const auto& row : table) must(db.run("insert into t values ($1, $2, $3, $4, $5)", row));
    const Rows rows = must(db.read("select id, i, d, s, b from t order by id"));
    CHECK(rows.columns == std::vector<std::string>{"id", "i", "d", "s", "b"});
    REQUIRE(rows.size() == table.size());
    for (std::size_t r = 0; r < table.size(); ++r) {
      for (std::size_t c = 0; c < 5; ++c) {
        CAPTURE(r);
        CAPTURE(c);
        CHECK(rows[r][c].kind() == table[r][c].kind());
        CHECK(rows[r][c] == table[r][c]);
      }
    }
    // Found again by each kind of key, the parameters in another order than the columns.
    CHECK(must(db.read("select id from t where b = $3 and s = $1 and d = $2",
                       {Value("grüße 🌊"), Value(0.1), Value::bytes(all_bytes)}))[0][0] == Value(1));
    CHECK(must(db.read("select id from t where i = $1 and $1 = i", {Value(INT64_MIN)}))[0][0] == Value(2));
    // Truth is 1, sums and counts are integers.
    CHECK(must(db.read("select 1 = $1, 1 = $2", {Value(true), Value(false)})).cells == std::vector{Value(1), Value(0)});
    CHECK(must(db.read("select sum(i), count(*), max(id) from t where id in (3, 4, 6)")).cells ==
          std::vector{Value(6), Value(3), Value(6)});
    CHECK(must(db.read("select id from t where id > 100")).size() == 0);
  }
}

TEST_CASE("a statement tells how many rows it changed, and returning gives them") {
  for (const Backend backend : kBackends) {
    CAPTURE(backend);
    Opened db(backend);
    CHECK(must(db.run("create table t (id bigint primary key, n bigint)"))[0].changed == 0);
    CHECK(must(db.run("insert into t values (1, 10), (2, 20), (3, 30)"))[0].changed == 3);
    CHECK(must(db.run("create table u (id bigint primary key)"))[0].changed == 0);
    CHECK(must(db.run("update t set n = n + 1 where id > $1", {Value(1)}))[0].changed == 2);
    CHECK(must(db.run("update t set n = n + 1 where id > $1", {Value(9)}))[0].changed == 0);
    const Rows upsert = must(db.run("insert into t values ($1, $2) on conflict (id) do update set n = excluded.n returning id, n",
                                    {Value(1), Value(5)}))[0];
    CHECK(upsert.cells == std::vector{Value(1), Value(5)});
    CHECK(upsert.changed == 1);
    CHECK(must(db.run("delete from t"))[0].changed == 3);
  }
}

TEST_CASE("errors have the same code everywhere, name the statement and undo their transaction") {
  for (const Backend backend : kBackends) {
    CAPTURE(backend);
    Opened db(backend);
    must(db.run("create table t (id bigint primary key, n bigint not null check (n >= 0))"));
    must(db.run("create table child (id bigint references t (id))"));
    must(db.run("insert into t values (1, 1)"));
    const auto code = [&](std::string sql, std::vector<Value> parameters = {}, Expect expect = Expect::anything) {
      return code_of(db.run(std::move(sql), std::move(parameters), expect));
    };
    CHECK(code("insert into t values (1, 2)") == Code::already_exists);
    CHECK(code("insert into t values (2, null)") == Code::failed_precondition);
    CHECK(code("insert into t values (2, -1)") == Code::failed_precondition);
    CHECK(code("insert into child values (99)") == Code::failed_precondition);
    CHECK(code("insert into nowhere values (1)") == Code::invalid_argument);
    CHECK(code("insert onto t") == Code::invalid_argument);
    CHECK(code("") == Code::invalid_argument);
    CHECK(code("select 1; select 2") == Code::invalid_argument);
    CHECK(code("insert into t values ($1, $2)", {Value(2)}) == Code::invalid_argument);
    CHECK(code("insert into t values ($1, $2)", {Value(2), Value(2), Value(3)}) == Code::invalid_argument);
    CHECK(code("select $1", {Value::list()}) == Code::invalid_argument);
    CHECK(code("select $1", {Value(0.0 / 0.0)}) == Code::invalid_argument);
    CHECK(code("select $1", {Value("\xFF")}) == Code::invalid_argument);
    CHECK(code("select $1", {Value("\xED\xA0\x80")}) == Code::invalid_argument);
    CHECK(code("select $1", {Value(std::string_view("a\0b", 3))}) == Code::invalid_argument);
    CHECK(code("update t set n = 5 where id = 9", {}, Expect::change) == Code::failed_precondition);
    CHECK(code("update t set n = 1 where id = 1", {}, Expect::change) == Code::ok);
    CHECK(code_of(db.read("insert into t values (7, 7)")) == Code::invalid_argument);
    CHECK(code_of(db.read("select * from nowhere")) == Code::invalid_argument);
    CHECK(db.run("insert into nowhere values (1)").error().text().find("insert into nowhere") != std::string::npos);

    // The first statement of a transaction that fails later is undone.
    Transaction both = one("update t set n = 77 where id = 1");
    both.statements.push_back({"insert into t values (1, 2)", {}});
    CHECK(code_of(db.store->commit(db.context, both)) == Code::already_exists);
    both.statements[1] = {"update t set n = 1 where id = 9", {}, Expect::change};
    CHECK(code_of(db.store->commit(db.context, both)) == Code::failed_precondition);
    CHECK(must(db.read("select id, n from t")).cells == std::vector{Value(1), Value(1)});
  }
}

TEST_CASE("a constraint checked at the commit fails only its own transaction") {
  for (const Backend backend : kBackends) {
    CAPTURE(backend);
    Opened db(backend);
    must(db.run("create table t (id bigint primary key)"));
    must(db.run("create table child (id bigint primary key, parent bigint references t (id) deferrable initially deferred)"));
    Box<std::pair<int, Code>> answers;
    for (int i = 0; i < 20; ++i) {
      // Every fourth has no parent.
      Transaction family = one("insert into child values ($1, $1)", {Value(i)});
      if (i % 4 != 0) family.statements.push_back({"insert into t values ($1)", {Value(i)}});
      db.store->commit(db.context, std::move(family), [&answers, i](auto rows) { answers.put({i, code_of(rows)}); });
    }
    for (const auto& [i, code] : answers.wait(20)) CHECK(code == (i % 4 == 0 ? Code::failed_precondition : Code::ok));
    CHECK(count(*db.store, db.context, "child") == 15);
    CHECK(count(*db.store, db.context, "t") == 15);
  }
}

TEST_CASE("transactions that wait together share a commit, and one that fails does not harm the others") {
  for (const Backend backend : kBackends) {
    CAPTURE(backend);
    Opened db(backend);
    must(db.run("create table t (id bigint primary key, n bigint)"));
    // The first answer holds the writer up until all others wait.
    std::promise<void> holding, all_wait;
    const auto before = db.store->statistics();
    db.store->commit(db.context, one("insert into t values (0, 0)"), [&](auto rows) {
      CHECK(rows.has_value());
      holding.set_value();
      all_wait.get_future().wait();
    });
    holding.get_future().wait();
    constexpr int kCount = 50;
    Box<std::pair<int, Result<std::vector<Rows>>>> answers;
    for (int i = 1; i <= kCount; ++i) {
      // Every seventh is a duplicate; all others see what those before them wrote.
      Transaction work = one("insert into t values ($1, (select count(*) from t)) returning n", {Value(i % 7 == 0 ? 0 : i)});
      work.statements.push_back({"select count(*) from t", {}});
      db.store->commit(db.context, std::move(work), [&, i](auto rows) { answers.put({i, std::move(rows)}); });
    }
    all_wait.set_value();
    std::int64_t there = 1;
    for (const auto& [i, rows] : answers.wait(kCount)) {
      if (i % 7 == 0) {
        CHECK(code_of(rows) == Code::already_exists);
      } else if (must(Result<std::vector<Rows>>(rows)).size() == 2) {
        CHECK((*rows)[0][0][0] == Value(there));
        CHECK((*rows)[1][0][0] == Value(++there));
      } else {
        FAIL("two answers expected");
      }
    }
    CHECK(count(*db.store, db.context, "t") == 44);
    const auto after = db.store->statistics();
    CHECK(after.committed - before.committed == 44);
    CHECK(after.commits - before.commits == 2);
  }
}

TEST_CASE("without joining, each transaction has its commit") {
  for (const Backend backend : kBackends) {
    CAPTURE(backend);
    Opened db(backend, {.max_group = 1});
    must(db.run("create table t (id bigint primary key)"));
    Box<Code> answers;
    const auto before = db.store->statistics();
    for (int i = 0; i < 20; ++i) {
      db.store->commit(db.context, one("insert into t values ($1)", {Value(i)}), [&](auto rows) { answers.put(code_of(rows)); });
    }
    CHECK(answers.wait(20) == std::vector<Code>(20, Code::ok));
    CHECK(db.store->statistics().commits - before.commits == 20);
  }
}

TEST_CASE("more statements than a connection keeps prepared, and more than one pipeline takes") {
  for (const Backend backend : kBackends) {
    CAPTURE(backend);
    Opened db(backend);
    must(db.run("create table t (id bigint primary key)"));
    Transaction many;
    for (int i = 0; i < 1'500; ++i)
      many.statements.push_back({fmt::format("insert into t values ($1 + {})", i % 600), {Value(i - i % 600)}});
    CHECK(must(db.store->commit(db.context, many)).size() == 1'500);
    CHECK(count(*db.store, db.context, "t") == 1'500);
    for (int i = 0; i < 300; ++i) CHECK(must(db.read(fmt::format("select {}", i)))[0][0] == Value(i));
  }
}

TEST_CASE("two stores on one database count without losing one") {
  for (const Backend backend : kBackends) {
    CAPTURE(backend);
    Opened db(backend);
    must(db.run("create table counter (name text primary key, n bigint not null)"));
    must(db.run("insert into counter values ('a', 0), ('b', 0)"));
    const auto other = must(open_store(db.context, db.place.url()));
    Box<Code> answers;
    constexpr int kEach = 150;
    for (int i = 0; i < kEach; ++i) {
      // In opposite order: deadlocks and conflicts are sure where several write at once.
      Transaction ab = one("update counter set n = n + 1 where name = 'a'"),
                  ba = one("update counter set n = n + 1 where name = 'b'");
      ab.statements.push_back(ba.statements[0]);
      ba.statements.push_back(ab.statements[0]);
      db.store->commit(db.context, std::move(ab), [&](auto rows) { answers.put(code_of(rows)); });
      other->commit(db.context, std::move(ba), [&](auto rows) { answers.put(code_of(rows)); });
    }
    CHECK(answers.wait(2 * kEach, 60) == std::vector<Code>(2 * kEach, Code::ok));
    CHECK(must(db.read("select n from counter order by name")).cells == std::vector{Value(2 * kEach), Value(2 * kEach)});
  }
}

TEST_CASE("transactions are serialisable: of two that each look and then write, one sees the other") {
  for (const Backend backend : kBackends) {
    CAPTURE(backend);
    Opened db(backend);
    must(db.run("create table doctor (name text primary key, on_call bigint)"));
    const auto other = must(open_store(db.context, db.place.url()));
    for (int round = 0; round < 20; ++round) {
      must(db.run("delete from doctor"));
      must(db.run("insert into doctor values ('x', 1), ('y', 1)"));
      // Each goes home only if another stays: under weaker isolation both may go.
      const auto go = [](const char* name) {
        return one("update doctor set on_call = 0 where name = $1 and (select sum(on_call) from doctor) > 1", {Value(name)});
      };
      Box<Code> answers;
      db.store->commit(db.context, go("x"), [&](auto rows) { answers.put(code_of(rows)); });
      other->commit(db.context, go("y"), [&](auto rows) { answers.put(code_of(rows)); });
      CHECK(answers.wait(2) == std::vector<Code>(2, Code::ok));
      CHECK(must(db.read("select sum(on_call) from doctor"))[0][0] == Value(1));
    }
  }
}

TEST_CASE("a read sees what was committed before it, also beside a running write") {
  for (const Backend backend : kBackends) {
    CAPTURE(backend);
    Opened db(backend, {.readers = 4});
    must(db.run("create table t (id bigint primary key)"));
    for (int i = 1; i <= 50; ++i) {
      must(db.run("insert into t values ($1)", {Value(i)}));
      std::vector<std::jthread> threads;
      for (int r = 0; r < 4; ++r) threads.emplace_back([&] { CHECK(count(*db.store, db.context, "t") >= i); });
    }
    CHECK(db.store->statistics().connected <= 5);
  }
}

TEST_CASE("a call ends with its context: before, while it waits, and while it runs") {
  for (const Backend backend : kBackends) {
    CAPTURE(backend);
    Opened db(backend);
    must(db.run("create table t (id bigint primary key)"));
    const std::string endless =
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000000000) select count(*) from n";
    CHECK(code_of(db.store->read(Context(*db.world.clock).with_deadline(1), {endless, {}})) == Code::deadline_exceeded);
    CHECK(code_of(db.store->read(db.world.within(0.2), {endless, {}})) == Code::deadline_exceeded);
    CHECK(code_of(db.store->commit(db.world.within(0.2), one(endless))) == Code::deadline_exceeded);

    std::stop_source stop;
    Box<Code> answers;
    db.store->commit(db.context.with_stop(stop.get_token()), one(endless), [&](auto rows) { answers.put(code_of(rows)); });
    // These wait behind it: one gives up by itself, one is run after all.
    CHECK(code_of(db.store->commit(db.world.within(0.2), one("insert into t values (1)"))) == Code::deadline_exceeded);
    db.store->commit(db.context, one("insert into t values (2)"), [&](auto rows) { answers.put(code_of(rows)); });
    stop.request_stop();
    CHECK(answers.wait(2) == std::vector{Code::cancelled, Code::ok});
    CHECK(must(db.read("select id from t")).cells == std::vector{Value(2)});
  }
}

TEST_CASE("a member of a group that never ends is taken out, the others are committed") {
  for (const Backend backend : kBackends) {
    CAPTURE(backend);
    Opened db(backend);
    must(db.run("create table t (id bigint primary key)"));
    std::promise<void> holding, all_wait;
    db.store->commit(db.context, {}, [&](auto) {
      holding.set_value();
      all_wait.get_future().wait();
    });
    holding.get_future().wait();
    Box<std::pair<int, Code>> answers;
    for (int i = 0; i < 10; ++i) {
      const bool endless = i == 4;
      Transaction work = one("insert into t values ($1)", {Value(i)});
      if (endless) {
        work.statements.push_back(
            {"insert into t with recursive n(i) as (select 100 union all select i + 1 from n where i < 1000000000) select i from "
             "n",
             {}});
      }
      db.store->commit(endless ? db.world.within(0.5) : db.context, std::move(work),
                       [&, i](auto rows) { answers.put({i, code_of(rows)}); });
    }
    all_wait.set_value();
    for (const auto& [i, code] : answers.wait(10)) CHECK(code == (i == 4 ? Code::deadline_exceeded : Code::ok));
    CHECK(count(*db.store, db.context, "t") == 9);
  }
}

TEST_CASE("closing a store answers everybody") {
  for (const Backend backend : kBackends) {
    CAPTURE(backend);
    Opened db(backend);
    must(db.run("create table t (id bigint primary key)"));
    std::atomic<int> answered = 0;
    for (int i = 0; i < 500; ++i) {
      db.store->commit(db.context, one("insert into t values ($1)", {Value(i)}), [&](auto rows) {
        CHECK((rows.has_value() || rows.error().code() == Code::cancelled));
        ++answered;
      });
      db.store->read(db.context, {"select count(*) from t", {}}, [&](auto rows) {
        CHECK((rows.has_value() || rows.error().code() == Code::cancelled));
        ++answered;
      });
    }
    db.store.reset();
    CHECK(answered == 1'000);
  }
}
