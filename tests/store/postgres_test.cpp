// What can happen to a server and to the connection with it.
#include <signal.h>

#include <future>
#include <thread>

#include "base/module.h"
#include "store/driver.h"
#include "store/helpers.h"
#include "store/postgres_server.h"

using namespace thalweg;
using namespace thalweg::test;

namespace {
struct Opened {
  explicit Opened(StoreOptions options = {}) : store(must(open_store(world.within(), place.url(), options))) {
    must(store->commit(world.within(), one("create table t (id bigint primary key)")));
  }
  World world;
  Place place{Backend::postgres};
  std::unique_ptr<Store> store;

  // Of the connection that writes.
  pid_t server_process() {
    return static_cast<pid_t>(must(store->commit(world.within(), one("select pg_backend_pid()")))[0][0][0].as_int());
  }
};
}  // namespace

TEST_CASE("a connection ended by the server is made anew, for writing and for reading") {
  Opened db;
  const auto other = must(open_store(db.world.within(), db.place.url()));
  CHECK(count(*db.store, db.world.within(), "t") == 0);
  const auto before = db.store->statistics();
  must(other->commit(db.world.within(),
                     one("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and "
                         "datname = current_database()")));
  must(db.store->commit(db.world.within(), one("insert into t values (1)")));
  CHECK(count(*db.store, db.world.within(), "t") == 1);
  CHECK(db.store->statistics().connected == before.connected + 2);
}

TEST_CASE("the server's process is killed while transactions come in: each is told the truth") {
  Opened db;
  Box<std::pair<int, Code>> answers;
  constexpr int kCount = 400;
  const pid_t victim = db.server_process();
  std::jthread writer([&] {
    for (int i = 0; i < kCount; ++i) {
      db.store->commit(db.world.within(), one("insert into t values ($1)", {Value(i)}),
                       [&, i](auto rows) { answers.put({i, code_of(rows)}); });
      if (i == kCount / 4) ::kill(victim, SIGKILL);  // all sessions are ended, and the server recovers
      if (i % 20 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  int kept = 0, unknown = 0;
  for (const auto& [i, code] : answers.wait(kCount, 60)) {
    CHECK((code == Code::ok || code == Code::unavailable));
    ++(code == Code::ok ? kept : unknown);
  }
  CHECK(kept + unknown == kCount);
  const std::int64_t there = count(*db.store, db.world.within(), "t");
  CHECK(there >= kept);
  CHECK(there <= kept + unknown);
  CHECK(unknown <= 60);  // those of the one commit that was on its way
}

TEST_CASE("a server that restarts in mid-use: waiting calls wait for it") {
  PostgresServer server;  // one of its own
  const World world;
  const auto store = must(open_store(world.within(), server.url("postgres")));
  must(store->commit(world.within(), one("create table t (id bigint primary key)")));
  Box<std::string> notices;
  const Subscription subscription =
      must(store->subscribe("c", [&](const Notice& notice) { notices.put(notice.resync ? "resync" : notice.payload); }));
  CHECK(notices.wait(1).size() == 1);
  for (const int signal : {SIGINT, SIGQUIT}) {
    const auto before = notices.wait(1).size();
    server.stop(signal);
    Box<Code> answers;
    for (int i = 0; i < 10; ++i) {
      Transaction work = one("insert into t values ($1)", {Value(signal * 100 + i)});
      work.idempotent = true;
      store->commit(world.within(), std::move(work), [&](auto rows) { answers.put(code_of(rows)); });
      store->read(world.within(), {"select count(*) from t", {}}, [&](auto rows) { answers.put(code_of(rows)); });
    }
    CHECK(code_of(store->commit(world.within(0.1), one("select 1"))) == Code::deadline_exceeded);
    CHECK(answers.wait(1, 0).empty());
    server.start();
    CHECK(answers.wait(20) == std::vector<Code>(20, Code::ok));
    // Who follows a channel is told to look anew, and then hears what comes.
    CHECK(notices.wait(before + 1).back() == "resync");
    Transaction hello;
    hello.notifications.push_back({"c", "hello"});
    must(store->commit(world.within(), std::move(hello)));
    CHECK(notices.wait(before + 2).back() == "hello");
  }
  CHECK(count(*store, world.within(), "t") == 20);

  // Longer away than calls are patient.
  const auto impatient = must(open_store(world.within(), server.url("postgres"), {.patience = kSecond / 4}));
  server.stop(SIGINT);
  const auto lost = impatient->commit(world.within(), one("insert into t values (1)"));
  CHECK(code_of(lost) == Code::unavailable);
  CHECK(code_of(impatient->read(world.within(), {"select 1", {}})) == Code::unavailable);
  CHECK(code_of(open_store(world.within(), server.url("postgres"))) == Code::unavailable);
}

TEST_CASE("a long queue does not wait once more for each of its groups while the server is away") {
  PostgresServer server;
  const World world;
  const auto store = must(open_store(world.within(), server.url("postgres"), {.max_group = 1, .patience = kSecond / 2}));
  must(store->commit(world.within(), one("create table t (id bigint primary key)")));
  CHECK(count(*store, world.within(), "t") == 0);
  server.stop(SIGINT);
  Box<Code> answers;
  for (int i = 0; i < 100; ++i) {
    store->commit(world.within(), one("insert into t values ($1)", {Value(i)}), [&](auto rows) { answers.put(code_of(rows)); });
    store->read(world.within(), {"select 1", {}}, [&](auto rows) { answers.put(code_of(rows)); });
  }
  // One by one this would take 100 half seconds.
  CHECK(answers.wait(200, 20) == std::vector<Code>(200, Code::unavailable));
  server.start();
  must(store->commit(world.within(), one("insert into t values (1)")));
  CHECK(count(*store, world.within(), "t") == 1);
}

TEST_CASE("a connection lost during the commit: unknown for most, repeated where that does no harm") {
  // The server ends the session inside the commit itself, by a trigger that runs then.
  Opened db;
  must(db.store->commit(db.world.within(), one("create table log (id bigint)")));
  must(db.store->commit(db.world.within(), one("create sequence attempts")));
  must(db.store->commit(db.world.within(),
                        one("create function die() returns trigger language plpgsql as 'begin if nextval(''attempts'') "
                            "% 2 = 1 then perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(5); end if; "
                            "return null; end'")));
  must(db.store->commit(db.world.within(),
                        one("create constraint trigger die after insert on log deferrable initially deferred for each "
                            "row execute function die()")));
  const auto unknown = db.store->commit(db.world.within(), one("insert into log values (1)"));
  CHECK(code_of(unknown) == Code::unavailable);
  CHECK(unknown.error().message().find("may or may not") != std::string::npos);
  must(db.store->commit(db.world.within(), one("select setval('attempts', 2)")));
  Transaction harmless = one("insert into log values (2)");
  harmless.idempotent = true;
  must(db.store->commit(db.world.within(), harmless));
  CHECK(must(db.store->read(db.world.within(), {"select id from log", {}})).cells == std::vector{Value(2)});
}

TEST_CASE("a row locked by another session: waits, then tells; others of the group go on") {
  Opened db({.patience = kSecond / 2});
  must(db.store->commit(db.world.within(), one("insert into t values (1), (2)")));
  // Holds a row lock until it is cancelled.
  const auto other = must(open_store(db.world.within(), db.place.url()));
  std::stop_source stop;
  Transaction holder = one("update t set id = id where id = 1");
  holder.statements.push_back({"select pg_sleep(30)", {}});
  Box<Code> held;
  other->commit(db.world.within().with_stop(stop.get_token()), holder, [&](auto rows) { held.put(code_of(rows)); });
  while (must(db.store->read(db.world.within(), {"select count(*) from pg_stat_activity where query like 'select pg_sleep%' and "
                                                 "datname = current_database() and state = 'active'",
                                                 {}}))[0][0] == Value(0)) {
  }
  std::promise<void> holding, all_wait;
  db.store->commit(db.world.within(), {}, [&](auto) {
    holding.set_value();
    all_wait.get_future().wait();
  });
  holding.get_future().wait();
  Box<std::pair<int, Code>> answers;
  for (int i = 1; i <= 3; ++i) {
    db.store->commit(db.world.within(), one("update t set id = id where id = $1", {Value(i)}),
                     [&, i](auto rows) { answers.put({i, code_of(rows)}); });
  }
  all_wait.set_value();
  for (const auto& [i, code] : answers.wait(3)) CHECK(code == (i == 1 ? Code::unavailable : Code::ok));
  CHECK(code_of(db.store->commit(db.world.within(0.1), one("update t set id = id where id = 1"))) == Code::deadline_exceeded);
  stop.request_stop();
  CHECK(held.wait(1) == std::vector{Code::cancelled});
  must(db.store->commit(db.world.within(), one("update t set id = id where id = 1", {}, Expect::change)));
}

TEST_CASE("what is wrong with the address is told, without its password") {
  const World world;
  const auto error = [&](const std::string& url) { return open_store(world.within(), url).error(); };
  PostgresServer& server = PostgresServer::shared();
  CHECK(error(server.url("nowhere")).code() == Code::not_found);
  CHECK(error("postgresql://nobody@/postgres" + server.url("").substr(server.url("").find('?'))).code() == Code::unauthenticated);
  CHECK(error("postgresql://u:secret@127.0.0.1:1/x").code() == Code::unavailable);
  CHECK(error("postgresql://u:secret@127.0.0.1:1/x").text().find("secret") == std::string::npos);
  CHECK(error("postgresql://u:secret@127.0.0.1:1/x").text().find("127.0.0.1:1/x") != std::string::npos);
  CHECK(error("postgresql://u:secret@[::1/x").code() == Code::invalid_argument);
  CHECK(error("postgresql://u:secret@[::1/x").text().find("secret") == std::string::npos);
  CHECK(error("postgresql:///x?no_such_option=1").code() == Code::invalid_argument);
}

TEST_CASE("errors of the server keep their words") {
  Opened db;
  const auto failed = db.store->commit(db.world.within(), one("select 1 / $1", {Value(0)}));
  CHECK(code_of(failed) == Code::invalid_argument);
  CHECK(failed.error().text().find("division by zero") != std::string::npos);
  must(db.store->commit(db.world.within(), one("set statement_timeout = 50")));
  CHECK(code_of(db.store->commit(db.world.within(), one("select pg_sleep(5)"))) == Code::deadline_exceeded);
  must(db.store->commit(db.world.within(), one("set statement_timeout = 0")));
  must(db.store->commit(db.world.within(), one("set default_transaction_read_only = on")));
  CHECK(code_of(db.store->commit(db.world.within(), one("insert into t values (1)"))) == Code::permission_denied);
}

TEST_CASE("a module that is missing, or of another version, is told with its cure") {
  const auto missing = open_module("nothing");
  CHECK(code_of(missing) == Code::not_found);
  CHECK(missing.error().message().find("libthalweg-nothing.so") != std::string::npos);
  const Module module = must(open_module("postgres"));
  CHECK(module.function<PostgresFactory>(kPostgresFactory).has_value());
  const auto other = module.function<PostgresFactory>("thalweg_postgres_driver_0");
  CHECK(code_of(other) == Code::failed_precondition);
  CHECK(other.error().message().find("another version") != std::string::npos);
}
