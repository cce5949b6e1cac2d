// Results of stages in real databases.
#include "engine/stored_results.h"

#include <cmath>
#include <thread>

#include "engine/executor.h"
#include "engine/plan.h"
#include "store/helpers.h"
#include "store/postgres_server.h"

using namespace thalweg;
using namespace thalweg::test;

namespace {

/// A stage type that counts its calls.
struct Counting {
  explicit Counting(std::string version) {
    Contract contract;
    contract.name = "twice";
    contract.version = std::move(version);
    contract.fields.push_back({.name = "of", .type = {}, .description = "a number", .fallback = {}, .locals = {}});
    catalog.add(std::move(contract), [this](const Configuration&) -> Result<std::unique_ptr<Stage>> {
      return stage_of([this](Call& call) -> Result<Value> {
        ++calls;
        return Value::list({Value(call.argument(0).as_int() * 2), Value(std::nan("")), Value::bytes("\xFF")});
      });
    });
  }
  std::shared_ptr<const Plan> plan(std::string_view more = "") {
    const auto definition = must(parse_definition(
        "d",
        fmt::format(
            "name: d\ninput: int\nstages: [{{id: a, uses: twice, cache: {{ttl: 1h}}, with: {{of: \"{{{{ input }}}}\"{}}}}}]\n"
            "output: \"{{{{ a }}}}\"\n",
            more)));
    return must(compile_plan(definition, {.catalog = &catalog, .load = {}}));
  }
  Catalog catalog;
  std::atomic<int> calls = 0;
};

/// What one program does: opens the store, runs the pipeline, ends.
struct Program {
  explicit Program(std::string where) : url(std::move(where)) {}
  StageStatus run(const std::shared_ptr<const Plan>& plan, std::int64_t input) {
    Logger logger(*world.clock, LogLevel::info, Logger::Form::text, [this](std::string_view line) { log += line; });
    const auto results = must(StoredResults::open(world.within(), url, logger));
    Executor executor(*world.clock, 2);
    const RunResult result = executor.run(plan, Value(input), world.within(), {.results = results.get()});
    const Value output = must(result.output);
    CHECK(output.items()[0] == Value(input * 2));
    CHECK(output.items()[1].as_real() != output.items()[1].as_real());
    CHECK(output.items()[2] == Value::bytes("\xFF"));
    executor.settle();
    return result.report.stages().at(0).status;
  }
  World world;
  std::string url;
  std::string log;
};

}  // namespace

TEST_CASE("results stay from one program to the next, for that version of the stage") {
  for (const Backend backend : kBackends) {
    CAPTURE(backend);
    const test::Place place(backend);
    Program program(place.url());
    Counting first("1"), same("1"), next("2");
    CHECK(program.run(first.plan(), 21) == StageStatus::ok);
    CHECK(program.run(first.plan(), 21) == StageStatus::cached);
    CHECK(program.run(same.plan(), 21) == StageStatus::cached);
    CHECK(same.calls == 0);
    CHECK(program.run(same.plan(), 22) == StageStatus::ok);
    CHECK(program.run(next.plan(), 21) == StageStatus::ok);
    CHECK(next.calls == 1);
    CHECK(program.log.empty());
  }
}

TEST_CASE("a damaged row is told, made anew, and never an answer") {
  for (const Backend backend : kBackends) {
    CAPTURE(backend);
    const test::Place place(backend);
    Program program(place.url());
    Counting counting("1");
    const auto plan = counting.plan();
    CHECK(program.run(plan, 1) == StageStatus::ok);
    const auto store = must(open_store(program.world.within(), place.url()));
    std::string row(must(store->read(program.world.within(), {"select value from thalweg_cache", {}}))[0][0].as_string());
    row[row.size() / 2] = static_cast<char>(row[row.size() / 2] ^ 0x10);
    must(store->commit(program.world.within(), one("update thalweg_cache set value = $1", {Value::bytes(row)})));
    CHECK(program.run(plan, 1) == StageStatus::ok);
    CHECK(program.log.contains("a kept result is made anew"));
    CHECK(program.log.contains("its checksum is another one"));
    CHECK(program.run(plan, 1) == StageStatus::cached);
    // A value of another type that is whole: it was somebody else's.
    must(store->commit(program.world.within(), one("update thalweg_cache set value = $1", {Value::bytes("rubbish")})));
    CHECK(program.run(plan, 1) == StageStatus::ok);
  }
}

TEST_CASE("a table that is gone costs the results, not the run") {
  for (const Backend backend : kBackends) {
    CAPTURE(backend);
    const test::Place place(backend);
    World world;
    std::string log;
    Logger logger(*world.clock, LogLevel::info, Logger::Form::text, [&](std::string_view line) { log += line; });
    Counting counting("1");
    const auto plan = counting.plan();
    {
      const auto results = must(StoredResults::open(world.within(), place.url(), logger));
      const auto store = must(open_store(world.within(), place.url()));
      must(store->commit(world.within(), one("drop table thalweg_cache")));
      Executor executor(*world.clock, 2);
      for (int i = 0; i < 5; ++i) {
        CHECK(executor.run(plan, Value(i), world.within(), {.results = results.get()}).output.has_value());
      }
      executor.settle();
    }
    CHECK(counting.calls == 5);
    CHECK(std::ranges::count(log, '\n') == 2);  // each kind of trouble once
    CHECK(log.contains("kept results are not found"));
    CHECK(log.contains("results are not kept"));
  }
}

TEST_CASE("two programs at once share one database, from its very beginning on") {
  for (const Backend backend : kBackends) {
    CAPTURE(backend);
    const test::Place place(backend);
    Counting counting("1");
    const auto plan = counting.plan();
    const auto work = [&](std::int64_t from) {
      World world;
      Logger logger(*world.clock, LogLevel::info, Logger::Form::text, [](std::string_view line) { FAIL(std::string(line)); });
      auto results = StoredResults::open(world.within(), place.url(), logger);
      if (!results) return false;
      Executor executor(*world.clock, 2);
      bool good = true;
      std::int64_t given = from, seen = from;
      executor.run_many(
          plan, [&]() -> std::optional<Value> { return given < from + 200 ? std::optional(Value(given++)) : std::nullopt; },
          [&](std::size_t, RunResult result) {
            good = good && result.output && result.output->items()[0] == Value(seen * 2);
            ++seen;
          },
          world.within(), {.jobs = 4}, {.results = results->get()});
      executor.settle();
      return good;
    };
    bool one_good = false, other_good = false;
    {
      const std::jthread one([&] { one_good = work(0); });
      const std::jthread other([&] { other_good = work(100); });
    }
    CHECK(one_good);
    CHECK(other_good);
    CHECK(counting.calls >= 300);
    const int before = counting.calls;
    CHECK(work(0));
    CHECK(work(100));
    CHECK(counting.calls == before);  // all 300 were kept, under one secret
  }
}

TEST_CASE("what cannot be reached or is no database is told when it is opened") {
  const World world;
  const Scratch folder;
  Logger logger(*world.clock);
  CHECK(code_of(StoredResults::open(world.within(), folder / "none/results.db", logger)) == Code::not_found);
  CHECK(code_of(StoredResults::open(world.within(5), "postgresql://nobody@127.0.0.1:1/none", logger)) == Code::unavailable);
  CHECK(code_of(StoredResults::open(world.within(), "mysql://host/none", logger)) == Code::invalid_argument);
}
