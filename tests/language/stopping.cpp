// A real model is stopped while it reads and while it writes, by several callers, on the cores it is lent.

#include <latch>
#include <thread>

#include "base/cores.h"
#include "smollm2.h"

namespace thalweg::models {

TEST_SUITE("stopping") {
  std::string very_long() {
    std::string text;
    for (int i = 0; i < 150; ++i) text += fmt::format("Sentence {} is here to be read by the model. ", i);
    return text;
  }

  TEST_CASE("a stop in mid-prefill breaks the reading off, and the model goes on to work") {
    const auto model = opened(smollm2_path(), {.context_size = 4096});
    const auto wanted = generated(*model, prompt("The capital of France is", 4));
    REQUIRE(wanted);
    const auto clock = make_system_clock();
    std::stop_source stop;
    std::latch ended(1);
    Result<Generated> made = fail(Code::internal, "not called");
    model->generate(prompt(very_long(), 8), Context(*clock).with_stop(stop.get_token()), deaf, [&](Result<Generated> result) {
      made = std::move(result);
      ended.count_down();
    });
    // Long before the 1,700 tokens can have been read.
    clock->at(clock->now() + 100 * kMillisecond, [&] { stop.request_stop(); });
    ended.wait();
    REQUIRE(!made);
    CHECK(made.error().code() == Code::cancelled);
    const auto again = generated(*model, prompt("The capital of France is", 4));
    REQUIRE(again);
    CHECK(again->text == wanted->text);
  }

  TEST_CASE("a deadline in mid-prefill") {
    const auto model = opened(smollm2_path(), {.context_size = 4096});
    const auto clock = make_system_clock();
    const auto made =
        model->generate(prompt(very_long(), 8), Context(*clock).with_deadline(clock->now() + 100 * kMillisecond), deaf);
    REQUIRE(!made);
    CHECK(made.error().code() == Code::deadline_exceeded);
    CHECK(generated(*model, prompt("The capital of France is", 4)));
  }

  TEST_CASE("a stop in mid-answer ends it within one token; so does a receiver who wants no more") {
    const auto clock = make_system_clock();
    std::stop_source stop;
    int after = 0;
    const auto made =
        smollm2().generate(prompt("Once upon a time", 200), Context(*clock).with_stop(stop.get_token()), [&](std::string_view) {
          after += stop.stop_requested() ? 1 : 0;
          stop.request_stop();
          return true;
        });
    REQUIRE(!made);
    CHECK(made.error().code() == Code::cancelled);
    CHECK(after == 0);

    int told = 0;
    const auto refused = generated(smollm2(), prompt("Once upon a time", 200), [&](std::string_view) { return ++told < 3; });
    REQUIRE(!refused);
    CHECK(refused.error().code() == Code::cancelled);
    CHECK(told == 3);
  }

  TEST_CASE("two callers: in order, each its own text; one that waits can be stopped at once") {
    const auto clock = make_system_clock();
    std::stop_source stop;
    std::latch ended(3);
    std::vector<std::string> order;
    Result<Generated> stopped = fail(Code::internal, "not called");
    bool first_still_at_work = false;
    const Context context(*clock);
    smollm2().generate(
        prompt("Once upon a time", 40), context,
        [&](std::string_view) {
          stop.request_stop();
          return true;
        },
        [&](const Result<Generated>& made) {
          order.emplace_back(made ? "first" : "first failed");
          ended.count_down();
        });
    smollm2().generate(prompt("Never", 40), context.with_stop(stop.get_token()), deaf, [&](Result<Generated> made) {
      stopped = std::move(made);
      first_still_at_work = order.empty();
      ended.count_down();
    });
    smollm2().generate(prompt("The capital of France is", 4), context, deaf, [&](const Result<Generated>& made) {
      order.emplace_back(made ? made->text : "second failed");
      ended.count_down();
    });
    ended.wait();
    REQUIRE(!stopped);
    CHECK(stopped.error().code() == Code::cancelled);
    CHECK(first_still_at_work);
    REQUIRE(order.size() == 2);
    CHECK(order[0] == "first");
    CHECK(order[1].find("Paris") != std::string::npos);
  }

  TEST_CASE("the last reference may go with the answer, or while a request is at work") {
    const auto clock = make_system_clock();
    std::latch ended(1);
    {
      auto model = opened(smollm2_path(), {.context_size = 256});
      LanguageModel& used = *model;
      used.generate(prompt("One", 2), Context(*clock), deaf,
                    [held = std::move(model), &ended](const Result<Generated>& made) mutable {
                      CHECK(made);
                      held.reset();
                      ended.count_down();
                    });
    }
    ended.wait();

    Result<Generated> made = fail(Code::internal, "not called");
    std::latch begun(1);
    auto model = opened(smollm2_path(), {.context_size = 256});
    model->generate(
        prompt("Once upon a time", 200), Context(*clock),
        [&, told = false](std::string_view) mutable {
          if (!std::exchange(told, true)) begun.count_down();
          return true;
        },
        [&](Result<Generated> result) { made = std::move(result); });
    begun.wait();
    model.reset();
    REQUIRE(!made);
    CHECK(made.error().code() == Code::cancelled);
  }
}

TEST_SUITE("cores") {
  TEST_CASE("a generation computes with the cores it is lent, and lets others have theirs between tokens") {
    const auto clock = make_system_clock();
    CoreBudget budget(2);
    const Context context = Context(*clock).with_cores(budget);
    std::optional<CoreBudget::Lease> others;
    std::jthread waiting;
    std::size_t lent = 0, told = 0;
    std::latch asking(1);
    const auto made = smollm2().generate(prompt("Once upon a time", 30), context, [&](std::string_view) {
      if (++told == 1) {
        CHECK(budget.free() == 0);
        waiting = std::jthread([&] {
          auto lease = budget.lease(1, Context(*clock));
          REQUIRE(lease);
          ++lent;
          asking.count_down();
        });
        while (budget.waiting() == 0) std::this_thread::yield();
      }
      if (told == 3) asking.wait();
      return true;
    });
    REQUIRE(made);
    CHECK(lent == 1);
    CHECK(budget.free() == 2);
  }

  TEST_CASE("who waits for cores is stopped there") {
    const auto clock = make_system_clock();
    CoreBudget budget(1);
    const Context context = Context(*clock).with_cores(budget);
    const auto all = budget.lease(1, context);
    REQUIRE(all);
    const auto made = smollm2().generate(prompt("One", 2), context.with_deadline(clock->now() + 20 * kMillisecond), deaf);
    REQUIRE(!made);
    CHECK(made.error().code() == Code::deadline_exceeded);
  }
}

}  // namespace thalweg::models
