// Streams between stages: order, back-pressure, ends before the end.

#include <doctest/doctest.h>

#include <thread>

#include "world.h"

using namespace thalweg;
using namespace thalweg::test;

namespace {

constexpr std::size_t kMost = 64;  // items a channel holds

/// What a test sees of a stream while it runs.
struct Seen {
  std::atomic<std::int64_t> sent{0};
  std::atomic<std::int64_t> taken{0};
  std::atomic<std::int64_t> most_ahead{0};  ///< items sent and not yet taken
  std::atomic<int> pauses{0};               ///< times a writer waited for room
  void count_sent() {
    const std::int64_t ahead = ++sent - taken;
    if (ahead > most_ahead) most_ahead = ahead;
  }
};

/// Emits 0, 1, ... as many as the input says; fails instead of item `fails_at`.
Body counting(std::shared_ptr<Seen> seen, std::int64_t fails_at = -1) {
  return [seen, fails_at](Call& call) -> Result<Value> {
    for (std::int64_t i = 0; i < call.argument(0).as_int(); ++i) {
      if (i == fails_at) return fail(Code::not_found, "item {} is lost", i);
      TRY(call.context().check());
      (void)call.emit(Value(i));
      seen->count_sent();
    }
    return Value();
  };
}

/// The same, as a waiting stage that stops at a full channel and goes on when told.
class WaitingWriter : public Stage {
 public:
  explicit WaitingWriter(std::shared_ptr<Seen> seen, std::int64_t fails_at = -1, bool polite = true)
      : seen_(std::move(seen)), fails_at_(fails_at), polite_(polite) {}
  void start(CallRef call) const override { go_on(*this, std::move(call), 0); }

 private:
  static void go_on(const WaitingWriter& self, CallRef call, std::int64_t next) {
    const std::int64_t count = call->argument(0).as_int();
    if (const auto on = call->context().check(); self.polite_ && !on) return call->finish(std::unexpected(on.error()));
    while (next < count) {
      if (next == self.fails_at_) return call->finish(fail(Code::not_found, "item {} is lost", next));
      self.seen_->count_sent();
      if (!call->emit(Value(next++))) {
        ++self.seen_->pauses;
        Call& held = *call;
        return held.when_room([&self, call, next] { go_on(self, call, next); });
      }
    }
    call->finish(Value());
  }
  std::shared_ptr<Seen> seen_;
  std::int64_t fails_at_;
  bool polite_;
};

struct Sum {
  std::int64_t count = 0;
  std::int64_t sum = 0;
  bool in_order = true;
};

struct ReaderOptions {
  std::int64_t stops_after = -1;  ///< finishes early
  std::int64_t fails_after = -1;
  Nanos pause = 0;  ///< of a waiting one, for each batch
};

/// Takes a batch; true when it has finished.
bool take_batch(Call& call, Seen& seen, const ReaderOptions& options) {
  if (!call.state()) call.state() = std::make_shared<Sum>();
  Sum& sum = *std::static_pointer_cast<Sum>(call.state());
  for (const Value& item : call.items()) {
    sum.in_order = sum.in_order && item.as_int() == sum.count;
    ++seen.taken;
    ++sum.count;
    sum.sum += item.as_int();
    if (sum.count == options.fails_after) {
      call.finish(fail(Code::data_loss, "no good after {} items", sum.count));
      return true;
    }
    if (sum.count == options.stops_after) break;
  }
  if (!call.ended() && sum.count != options.stops_after) return false;
  call.finish(sum.in_order ? Result<Value>(Value(sum.sum)) : fail(Code::internal, "out of order"));
  return true;
}

class Reader : public Stage {
 public:
  Reader(std::shared_ptr<Seen> seen, ReaderOptions options) : seen_(std::move(seen)), options_(options) {}
  void run(std::span<Call*> calls) const override { (void)take_batch(*calls[0], *seen_, options_); }

 private:
  std::shared_ptr<Seen> seen_;
  ReaderOptions options_;
};

class WaitingReader : public Stage {
 public:
  WaitingReader(std::shared_ptr<Seen> seen, ReaderOptions options) : seen_(std::move(seen)), options_(options) {}
  void start(CallRef call) const override {
    Clock& clock = call->context().clock();
    const auto work = [seen = seen_, options = options_, call] {
      if (!take_batch(*call, *seen, options)) call->more();
    };
    if (options_.pause > 0) {
      clock.at(clock.now() + options_.pause, work);
    } else {
      work();
    }
  }

 private:
  std::shared_ptr<Seen> seen_;
  ReaderOptions options_;
};

struct Pair {
  bool writer_waits = false;
  bool reader_waits = false;
};

constexpr Pair kPairs[] = {{false, false}, {false, true}, {true, false}, {true, true}};

void add_writer(PlanBuilder& builder, bool waits, const std::shared_ptr<Seen>& seen, std::int64_t fails_at = -1) {
  builder.streaming();
  if (waits) {
    builder.waiting("write", {-1}, std::make_shared<WaitingWriter>(seen, fails_at));
  } else {
    builder.computing("write", {-1}, counting(seen, fails_at));
  }
}

PlannedStage& add_reader(PlanBuilder& builder, const std::string& id, bool waits, const std::shared_ptr<Seen>& seen,
                         ReaderOptions options = {}) {
  PlannedStage* stage = nullptr;
  if (waits) {
    stage = &builder.waiting(id, {}, std::make_shared<WaitingReader>(seen, options));
  } else {
    stage = &builder.computing(id, {}, {});
    stage->body = std::make_shared<Reader>(seen, options);
  }
  stage->streams_from = 0;
  return *stage;
}

std::int64_t sum_of(std::int64_t count) { return count * (count - 1) / 2; }

}  // namespace

TEST_CASE("10,000 items arrive in order, whoever computes or waits, never more than a channel holds") {
  for (const std::size_t threads : {1, 4}) {
    for (const auto& [writer_waits, reader_waits] : kPairs) {
      for (const Nanos pause : {Nanos{0}, kMillisecond}) {
        if (pause > 0 && !reader_waits) continue;
        CAPTURE(threads);
        CAPTURE(writer_waits);
        CAPTURE(reader_waits);
        World world(threads);
        const auto seen = std::make_shared<Seen>();
        PlanBuilder builder;
        add_writer(builder, writer_waits, seen);
        add_reader(builder, "read", reader_waits, seen, {.pause = pause});
        const auto plan = builder.output({1}).build();
        for (const std::int64_t count : {0, 1, 64, 65, 10'000}) {
          seen->sent = seen->taken = seen->most_ahead = 0;
          seen->pauses = 0;
          if (pause > 0 && writer_waits == false) continue;  // it would hold the thread that moves the clock
          const RunResult result = world.run(plan, Value(count));
          REQUIRE(result.output.has_value());
          CHECK(result.output->as_int() == sum_of(count));
          CHECK(result.report.stages()[0].items == static_cast<std::uint64_t>(count));
          // One batch with the reader, one in the channel, and the item in the writer's hand.
          CHECK(seen->most_ahead <= static_cast<std::int64_t>(2 * kMost + 1));
          if (writer_waits && pause > 0 && count == 10'000) CHECK(seen->pauses > 50);
        }
      }
    }
  }
}

TEST_CASE("two readers get every item, the slower one sets the pace") {
  for (const std::size_t threads : {1, 4}) {
    for (const bool writer_waits : {false, true}) {
      World world(threads);
      const auto seen = std::make_shared<Seen>();
      const auto slow = std::make_shared<Seen>();
      PlanBuilder builder;
      add_writer(builder, writer_waits, seen);
      add_reader(builder, "fast", false, seen);
      add_reader(builder, "slow", writer_waits, slow, {.pause = writer_waits ? kMillisecond : 0});
      const auto plan = builder.output({1, 2}).build();
      const RunResult result = world.run(plan, Value(10'000));
      REQUIRE(result.output.has_value());
      CHECK(result.output->items()[0].as_int() == sum_of(10'000));
      CHECK(result.output->items()[1].as_int() == sum_of(10'000));
      if (writer_waits) CHECK(seen->pauses > 50);
    }
  }
}

TEST_CASE("a reader that ends early holds its writer up no longer") {
  for (const std::size_t threads : {1, 4}) {
    for (const auto& [writer_waits, reader_waits] : kPairs) {
      for (int round = 0; round < 20; ++round) {
        CAPTURE(threads);
        CAPTURE(writer_waits);
        CAPTURE(reader_waits);
        World world(threads);
        const auto seen = std::make_shared<Seen>();
        PlanBuilder builder;
        add_writer(builder, writer_waits, seen);
        add_reader(builder, "read", reader_waits, seen, {.stops_after = 100});
        const RunResult result = world.run(builder.output({1}).build(), Value(2'000));
        REQUIRE(result.output.has_value());
        CHECK(result.output->as_int() == sum_of(100));
        CHECK(seen->sent == 2'000);
        CHECK(result.report.stages()[0].status == StageStatus::ok);
        CHECK(result.report.accounting().wall == 0);
      }
    }
  }
}

TEST_CASE("a writer that fails in mid-stream: its reader gives nothing") {
  for (const std::size_t threads : {1, 4}) {
    for (const auto& [writer_waits, reader_waits] : kPairs) {
      for (const bool goes_on : {false, true}) {
        World world(threads);
        const auto seen = std::make_shared<Seen>();
        PlanBuilder builder;
        add_writer(builder, writer_waits, seen, 500);
        add_reader(builder, "read", reader_waits, seen);
        builder.computing("after", {-1}, [](Call&) -> Result<Value> { return Value("reached"); });
        const auto plan = builder.output({2}).build();
        if (goes_on) plan->stages[0].on_failure.kind = FailurePolicy::Kind::proceed;
        plan->stages[2].needs.push_back(0);
        plan->stages[0].consumers.push_back(2);
        const RunResult result = world.run(plan, Value(1'000));
        const std::vector<StageReport> stages = result.report.stages();
        if (goes_on) {
          REQUIRE(result.output.has_value());
          CHECK(result.output->as_string() == "reached");
          CHECK(stages[0].status == StageStatus::continued);
          CHECK(stages[1].status == StageStatus::skipped);
          CHECK(stages[1].reason == "the stream of 'write' broke off");
        } else {
          CHECK(result.output.error().text() == "test: write: item 500 is lost");
          CHECK(stages[0].status == StageStatus::failed);
          CHECK(stages[1].status != StageStatus::ok);
        }
        CHECK(seen->sent == 500);
      }
    }
  }
}

TEST_CASE("a reader that fails ends the run, or only its own part") {
  for (const std::size_t threads : {1, 4}) {
    for (const auto& [writer_waits, reader_waits] : kPairs) {
      for (const bool goes_on : {false, true}) {
        CAPTURE(threads);
        CAPTURE(writer_waits);
        CAPTURE(reader_waits);
        CAPTURE(goes_on);
        World world(threads);
        const auto seen = std::make_shared<Seen>();
        PlanBuilder builder;
        add_writer(builder, writer_waits, seen);
        PlannedStage& reader = add_reader(builder, "read", reader_waits, seen, {.fails_after = 200});
        if (goes_on) reader.on_failure.kind = FailurePolicy::Kind::proceed;
        const RunResult result = world.run(builder.output({-1}).build(), Value(2'000));
        if (goes_on) {
          REQUIRE(result.output.has_value());
          CHECK(seen->sent == 2'000);
          CHECK(result.report.stages()[1].status == StageStatus::continued);
        } else {
          CHECK(result.output.error().text() == "test: read: no good after 200 items");
        }
        CHECK(result.report.accounting().wall == 0);
      }
    }
  }
}

TEST_CASE("a stop in mid-stream ends both sides") {
  for (const std::size_t threads : {1, 4}) {
    for (const bool polite : {true, false}) {
      World world(threads);
      const auto seen = std::make_shared<Seen>();
      PlanBuilder builder;
      builder.streaming().waiting("write", {-1}, std::make_shared<WaitingWriter>(seen, -1, polite));
      add_reader(builder, "read", true, seen, {.pause = 10 * kMillisecond});
      const auto plan = builder.output({1}).build();
      std::stop_source stop;
      world.clock.at(world.clock.now() + 105 * kMillisecond, [&stop] { stop.request_stop(); });
      const RunResult result =
          simulate(world.executor, world.clock, plan, Value(1'000'000'000), Context(world.clock).with_stop(stop.get_token()));
      CHECK(result.output.error().code() == Code::cancelled);
      CHECK(result.report.stages()[0].status == StageStatus::cancelled);
      CHECK(result.report.stages()[1].status == StageStatus::cancelled);
      CHECK(seen->taken <= static_cast<std::int64_t>(11 * kMost));
      // The reader ends with its batch, at 110 ms; a writer that never asks whether to stop is left behind after the grace.
      CHECK(result.report.accounting().wall == (polite ? 110 * kMillisecond : 105 * kMillisecond + 2 * kSecond));
      while (world.clock.step()) {
      }
    }
  }
}

TEST_CASE("a waiting reader may let go of its call any time after more()") {
  for (int round = 0; round < 50; ++round) {
    World world(4);
    const auto seen = std::make_shared<Seen>();
    PlanBuilder builder;
    builder.streaming().waiting("write", {-1}, [](CallRef call) {
      Clock& clock = call->context().clock();
      (void)call->emit(Value(0));
      clock.at(clock.now() + kSecond, [call] {
        (void)call->emit(Value(1));
        call->finish(Value());
      });
    });
    PlannedStage& reader = builder.waiting("read", {}, [seen](CallRef call) {
      Clock& clock = call->context().clock();
      clock.at(clock.now() + kMillisecond, [call, seen] {
        if (!take_batch(*call, *seen, {})) call->more();
        std::this_thread::sleep_for(std::chrono::microseconds(200));  // the engine goes on meanwhile
      });
    });
    reader.streams_from = 0;
    const RunResult result = world.run(builder.output({1}).build());
    REQUIRE(result.output.has_value());
    CHECK(result.output->as_int() == 1);
  }
}
