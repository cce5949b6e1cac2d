// The ledger in real databases: what was put is found, listed and tried again.
#include "engine/ledger.h"

#include <rapidcheck.h>

#include <cmath>
#include <map>

#include "base/log.h"
#include "store/ledger_book.h"

using namespace thalweg;
using namespace thalweg::test;

TEST_CASE("what was put is found by another program, results with all their bits and failures with their reason") {
  for (const Backend backend : kBackends) {
    CAPTURE(backend);
    Book book(backend);
    const Value result = Value::map({{"score", Value(0.1 + 0.2)}, {"raw", Value::list({Value(std::nan("")), Value(5e-324)})}});
    must(book.ledger->put(
        book.context, kScore,
        {book.row(1, result), book.row(2, fail(Code::resource_exhausted, "no memory for \"\xFF\"\n{}", "tail"), 3),
         book.row(3, Value())}));
    const Book other(backend, 60, book.place.url());
    const std::vector<Hash128> asked{other.key(9), other.key(2), other.key(1), other.key(2), other.key(3)};
    const auto found = must(other.ledger->find(other.context, kScore, asked));
    REQUIRE(found.size() == 5);
    CHECK(found[0].state == ItemState::open);
    CHECK(found[0].attempts == 0);
    CHECK(!found[0].error);
    for (const std::size_t i : {1, 3}) {
      CHECK(found[i].state == ItemState::failed);
      CHECK(found[i].attempts == 3);
      REQUIRE(found[i].error);
      CHECK(found[i].error->code() == Code::resource_exhausted);
      CHECK(found[i].error->message() == "no memory for \"\uFFFD\"\ntail");
    }
    CHECK(found[2].state == ItemState::done);
    CHECK(*found[2].result.find("score") == Value(0.1 + 0.2));
    CHECK(std::isnan(found[2].result.find("raw")->items()[0].as_real()));
    CHECK(found[2].result.find("raw")->items()[1] == Value(5e-324));
    CHECK(found[4].state == ItemState::done);
    CHECK(found[4].result.is_null());
    CHECK(counts(other) == std::array<std::int64_t, 3>{2, 1, 0});
    CHECK(must(other.ledger->find(other.context, kScore, {})).empty());
    must(other.ledger->put(other.context, kScore, {}));
  }
}

TEST_CASE("stages that differ in anything do not meet") {
  Book book(Backend::sqlite);
  must(book.ledger->put(book.context, kScore, {book.row(1, Value(1))}));
  CHECK(book.status(1).state == ItemState::done);
  for (const LedgerStage& stage :
       {LedgerStage{"scor", "e1", "configuration", "model"}, LedgerStage{"score", "2", "configuration", "model"},
        LedgerStage{"score", "1", "other", "model"}, LedgerStage{"score", "1", "configuration", "other"},
        LedgerStage{"score", "1", "configurationmodel", ""}, LedgerStage{}}) {
    CHECK(book.status(1, stage).state == ItemState::open);
    CHECK(counts(book, stage) == std::array<std::int64_t, 3>{0, 0, 0});
    CHECK(book.all({}, stage).empty());
  }
  // Nor do two databases agree on the keys of contents.
  const Book other(Backend::sqlite);
  CHECK(other.key(1) != book.key(1));
  CHECK(must(book.ledger->value_key(Value(1))) != must(book.ledger->value_key(Value(1.0))));
}

TEST_CASE("a result beats a failure, and failures are listed and tried again") {
  for (const Backend backend : kBackends) {
    CAPTURE(backend);
    Book book(backend);
    const auto broken = [] { return fail(Code::unavailable, "no model"); };
    must(book.ledger->put(book.context, kScore, {book.row(1, Value("one")), book.row(2, broken()), book.row(3, broken())}));
    must(book.ledger->put(book.context, kScore, {book.row(1, broken(), 2), book.row(2, Value("two"), 2)}));
    CHECK(book.status(1).result == Value("one"));
    CHECK(book.status(1).attempts == 1);
    CHECK(book.status(2).result == Value("two"));
    CHECK(book.status(2).attempts == 2);
    CHECK(book.labels({.only = ItemState::failed}) == std::vector<std::string>{"s3"});
    CHECK(book.labels({.only = ItemState::done}) == std::vector<std::string>{"s1", "s2"});
    const LedgerRow failure = book.all({.only = ItemState::failed}).at(0);
    CHECK(failure.result.error().text() == "no model");
    CHECK(failure.elapsed == 7 * kMillisecond);
    CHECK(std::abs(failure.at - book.world.clock->wall()) < 3'600 * kSecond);

    CHECK(must(book.ledger->retry(book.context, kScore)) == 1);
    CHECK(must(book.ledger->retry(book.context, kScore)) == 0);
    CHECK(counts(book) == std::array<std::int64_t, 3>{2, 0, 1});
    const ItemStatus open = book.status(3);
    CHECK(open.state == ItemState::open);
    CHECK(open.attempts == 1);
    CHECK(!open.damaged);
    CHECK(open.error.value().message() == "no model");
    CHECK(book.labels({}) == std::vector<std::string>{"s1", "s2"});
    must(book.ledger->put(book.context, kScore, {book.row(3, Value(3), open.attempts + 1)}));
    CHECK(book.labels({}) == std::vector<std::string>{"s1", "s2", "s3"});  // at its first place
    CHECK(counts(book) == std::array<std::int64_t, 3>{3, 0, 0});

    const LedgerStage next{"score", "2", "", ""};
    must(book.ledger->put(book.context, next, {book.row(1, Value(1))}));
    must(book.ledger->begin_run(book.context, kScore, Value()));
    must(book.ledger->begin_run(book.context, next, Value()));
    must(book.ledger->forget(book.context, kScore));
    CHECK(counts(book) == std::array<std::int64_t, 3>{0, 0, 0});
    CHECK(counts(book, next) == std::array<std::int64_t, 3>{1, 0, 0});
    CHECK(must(book.ledger->runs(book.context)).size() == 1);
  }
}

TEST_CASE("all rows by pages, in the order they were put and in the order of their keys") {
  for (const Backend backend : kBackends) {
    CAPTURE(backend);
    Book book(backend);
    std::vector<std::string> put;
    for (std::int64_t batch = 0; batch < 10; ++batch) {
      std::vector<LedgerRow> rows;
      for (std::int64_t i = 0; i < 30; ++i) {
        const std::int64_t n = (batch * 30 + i) * 7 % 300;
        put.push_back(fmt::format("s{}", n));
        rows.push_back(n % 10 == 3 ? book.row(n, fail(Code::internal, "{}", n)) : book.row(n, Value(n)));
      }
      must(book.ledger->put(book.context, kScore, std::move(rows)));
    }
    for (const std::int64_t page : {1, 7, 299, 300, 301}) {
      CAPTURE(page);
      CHECK(book.labels({.page = page}) == put);
      const auto rows = book.all({.order = Ledger::Order::item, .page = page});
      CHECK(rows.size() == 300);
      CHECK(std::ranges::is_sorted(rows, {}, &LedgerRow::item));
      CHECK(book.all({.order = Ledger::Order::item, .only = ItemState::failed, .page = page}).size() == 30);
      CHECK(book.all({.only = ItemState::failed, .page = page}).size() == 30);
      CHECK(book.all({.only = ItemState::done, .page = page}).size() == 270);
    }
    // More items at a time than one question takes.
    std::vector<Hash128> asked;
    for (std::int64_t n = 0; n < 1'000; ++n) asked.push_back(book.key(999 - n));
    const auto found = must(book.ledger->find(book.context, kScore, asked));
    for (std::int64_t n = 0; n < 1'000; ++n) {
      const ItemStatus& status = found[static_cast<std::size_t>(999 - n)];
      CHECK(status.state == (n >= 300 ? ItemState::open : n % 10 == 3 ? ItemState::failed : ItemState::done));
      if (status.state == ItemState::done) CHECK(status.result == Value(n));
    }
  }
}

TEST_CASE("a batch is there whole or not at all, and a ledger in trouble is an error") {
  for (const Backend backend : kBackends) {
    CAPTURE(backend);
    Book book(backend);
    // The second row's result is nothing that can be kept.
    Value deep = Value::list();
    for (int i = 0; i < 10'001; ++i) deep = Value::list({deep});
    const auto kept = book.ledger->put(book.context, kScore, {book.row(1, Value(1)), book.row(2, deep), book.row(3, Value(3))});
    CHECK(code_of(kept) == Code::resource_exhausted);
    CHECK(kept.error().text().contains("the result of \"s2\""));
    CHECK(counts(book) == std::array<std::int64_t, 3>{0, 0, 0});
    const Context late = Context(*book.world.clock).with_deadline(1);
    CHECK(code_of(book.ledger->put(late, kScore, {book.row(1, Value(1))})) == Code::deadline_exceeded);
    CHECK(code_of(book.ledger->find(late, kScore, std::vector{book.key(1)})) == Code::deadline_exceeded);
    const auto store = must(open_store(book.context, book.place.url()));
    must(store->commit(book.context, one("drop table thalweg_ledger")));
    CHECK(code_of(book.ledger->put(book.context, kScore, {book.row(1, Value(1))})) == Code::invalid_argument);
    CHECK(code_of(book.ledger->find(book.context, kScore, std::vector{book.key(1)})) == Code::invalid_argument);
    CHECK(code_of(book.ledger->count(book.context, kScore)) == Code::invalid_argument);
    LedgerReader reader = book.ledger->read(kScore, {});
    CHECK(code_of(reader.next(book.context)) == Code::invalid_argument);
  }
  const World world;
  const Scratch folder;
  CHECK(code_of(Ledger::open(world.within(), folder / "none/eval.db")) == Code::not_found);
  CHECK(code_of(Ledger::open(world.within(5), "postgresql://nobody@127.0.0.1:1/none")) == Code::unavailable);
}

TEST_CASE("a row that cannot be read is told, counts as open, and is put anew") {
  for (const Backend backend : kBackends) {
    CAPTURE(backend);
    Book book(backend);
    std::string log;
    Logger logger(*book.world.clock, LogLevel::info, Logger::Form::text, [&](std::string_view line) { log += line; });
    const Context context = book.context.with_log(logger);
    const auto store = must(open_store(book.context, book.place.url()));
    const auto damage = [&](std::string_view with) {
      must(book.ledger->put(book.context, kScore,
                            {book.row(1, Value("one")), book.row(2, Value("two")), book.row(3, Value("three"))}));
      must(store->commit(book.context, one(fmt::format("update thalweg_ledger set {} where label = 's2'", with))));
    };
    for (const std::string_view with : {"result = null", "status = 9", "status = 1", "code = 99, message = 'x', status = 1"}) {
      CAPTURE(with);
      damage(with);
      log.clear();
      const auto found = must(book.ledger->find(context, kScore, std::vector{book.key(1), book.key(2)}));
      CHECK(found[0].result == Value("one"));
      CHECK(found[1].state == ItemState::open);
      CHECK(found[1].damaged);
      CHECK(log.contains("rows of the ledger cannot be read and count as not done"));
      CHECK(counts(book) == std::array<std::int64_t, 3>{2, 0, 1});
      must(book.ledger->put(book.context, kScore, {book.row(2, fail(Code::internal, "again"), 2)}));
      CHECK(book.status(2).state == ItemState::failed);
    }
    // The reader goes round it, also where it fills a page.
    must(store->commit(book.context, one("update thalweg_ledger set result = $1, status = 0 where label = 's2'",
                                         {Value::bytes("TV\x01rubbish")})));
    log.clear();
    LedgerReader reader = book.ledger->read(kScore, {.page = 1});
    CHECK(must(reader.next(context)).value().label == "s1");
    CHECK(must(reader.next(context)).value().label == "s3");
    CHECK(!must(reader.next(context)));
    CHECK(!must(reader.next(context)));
    CHECK(log.contains("rows=1"));
    CHECK(counts(book) == std::array<std::int64_t, 3>{2, 0, 1});
  }
}

TEST_CASE("runs are listed, and those that were killed have no end") {
  for (const Backend backend : kBackends) {
    CAPTURE(backend);
    Book book(backend);
    const Value given = Value::map({{"data", Value("set.jsonl")}, {"hash", Value("0f")}});
    const LedgerRun first = must(book.ledger->begin_run(book.context, kScore, given));
    const LedgerRun second = must(book.ledger->begin_run(book.context, {"other", "1", "", ""}, Value()));
    CHECK(first.id != second.id);
    must(book.ledger->end_run(book.context, second.id, Value::map({{"rows", Value(3)}})));
    CHECK(code_of(book.ledger->end_run(book.context, "none", Value())) == Code::not_found);
    CHECK(code_of(book.ledger->run(book.context, "none")) == Code::not_found);
    const Book other(backend, 60, book.place.url());
    const LedgerRun found = must(other.ledger->run(other.context, first.id));
    CHECK(found.stage == kScore);
    CHECK(found.given == given);
    CHECK(found.began == first.began);
    CHECK(!found.ended);
    const auto runs = must(other.ledger->runs(other.context));
    REQUIRE(runs.size() == 2);
    CHECK(runs[0].id == second.id);
    CHECK(runs[0].ended.value() >= runs[0].began);
    CHECK(runs[0].totals == Value::map({{"rows", Value(3)}}));
    CHECK(must(other.ledger->runs(other.context, &kScore)).at(0).id == first.id);
    CHECK(must(other.ledger->runs(other.context, nullptr, 1)).size() == 1);
  }
}

TEST_CASE("any sequence of puts, retries and searches agrees with a map") {
  Book book(Backend::sqlite, 600, "sqlite::memory:");
  const bool agrees = rc::check("as a map", [&] {
    must(book.ledger->forget(book.context, kScore));
    std::map<std::int64_t, std::pair<ItemState, std::int64_t>> model;  // state, value
    const auto steps = *rc::gen::container<std::vector<std::pair<int, std::vector<std::pair<std::int64_t, bool>>>>>(
        rc::gen::pair(rc::gen::inRange(0, 5), rc::gen::container<std::vector<std::pair<std::int64_t, bool>>>(rc::gen::pair(
                                                  rc::gen::inRange<std::int64_t>(0, 12), rc::gen::arbitrary<bool>()))));
    std::int64_t next = 0;
    for (const auto& [kind, items] : steps) {
      if (kind == 0) {
        std::int64_t failed = 0;
        for (auto& [item, entry] : model) {
          if (entry.first != ItemState::failed) continue;
          entry.first = ItemState::open;
          ++failed;
        }
        RC_ASSERT(must(book.ledger->retry(book.context, kScore)) == failed);
        continue;
      }
      std::vector<LedgerRow> rows;
      for (const auto& [item, good] : items) {
        const std::int64_t value = next++;
        rows.push_back(good ? book.row(item, Value(value)) : book.row(item, fail(Code::internal, "{}", value)));
        if (const auto was = model.find(item); !good && was != model.end() && was->second.first == ItemState::done) continue;
        model[item] = {good ? ItemState::done : ItemState::failed, value};
      }
      must(book.ledger->put(book.context, kScore, std::move(rows)));
    }
    LedgerCounts expected;
    std::vector<Hash128> keys;
    for (std::int64_t item = 0; item < 12; ++item) keys.push_back(book.key(item));
    const auto found = must(book.ledger->find(book.context, kScore, keys));
    for (std::int64_t item = 0; item < 12; ++item) {
      const ItemStatus& status = found[static_cast<std::size_t>(item)];
      const auto entry = model.find(item);
      RC_ASSERT(status.state == (entry == model.end() ? ItemState::open : entry->second.first));
      if (status.state == ItemState::done) RC_ASSERT(status.result == Value(entry->second.second));
      if (status.state == ItemState::failed) RC_ASSERT(status.error->message() == std::to_string(entry->second.second));
      if (entry == model.end()) continue;
      ++(status.state == ItemState::done ? expected.done : status.state == ItemState::failed ? expected.failed : expected.open);
    }
    RC_ASSERT(counts(book) == (std::array{expected.done, expected.failed, expected.open}));
    RC_ASSERT(book.all({.page = 3}).size() == static_cast<std::size_t>(expected.done + expected.failed));
  });
  CHECK(agrees);
}
