#include <mutex>

#include "stages/common.h"
#include "stages/stages.h"

namespace thalweg::stages {

namespace {
enum : std::size_t { kItems, kDo, kConcurrency };

constexpr std::size_t kMostAtOnce = 1'000'000;  // as a stage's own `concurrency`

/// One run over a list: at most `limit` nested pipelines at once, results in the items' order, the first failure (in that order
/// among those that ran) ends it.
class Loop : public std::enable_shared_from_this<Loop> {
 public:
  Loop(CallRef call, Value items, std::size_t limit) : call_(std::move(call)), items_(std::move(items)), limit_(limit) {
    results_.resize(items_.size());
  }

  /// Starts what may be started. A nested pipeline may end at once, on this very stack: then the loop here goes on, not a
  /// recursion.
  void pump() {
    std::unique_lock lock(mutex_);
    if (pumping_) return;
    pumping_ = true;
    while (!failure_ && next_ < items_.size() && running_ < limit_) {
      const std::size_t index = next_++;
      ++running_;
      lock.unlock();
      begin(index);
      lock.lock();
    }
    pumping_ = false;
    if (finished_ || running_ > 0) return;
    finished_ = true;
    lock.unlock();
    end();
  }

 private:
  void begin(std::size_t index) {
    if (const auto on = call_->context().check(); !on) return ended(index, std::unexpected(on.error()));
    call_->nested(kDo, {items_.items()[index], number(index)},
                  [self = shared_from_this(), index](Result<Value> result) { self->ended(index, std::move(result)); });
  }

  void ended(std::size_t index, Result<Value> result) {
    {
      const std::lock_guard lock(mutex_);
      --running_;
      if (result) {
        results_[index] = std::move(*result);
      } else if (!failure_ || index < failed_at_) {
        failed_at_ = index;
        failure_ = at_item(result.error(), index);
      }
    }
    pump();
  }

  void end() {
    if (failure_) {
      call_->finish(std::unexpected(*failure_));
    } else {
      call_->finish(Value::list(std::move(results_)));
    }
  }

  const CallRef call_;
  const Value items_;
  const std::size_t limit_;
  std::mutex mutex_;
  std::vector<Value> results_;
  std::size_t next_ = 0;
  std::size_t running_ = 0;
  std::size_t failed_at_ = 0;
  bool pumping_ = false;
  bool finished_ = false;
  std::optional<Error> failure_;
};

class ForEach final : public Stage {
 public:
  explicit ForEach(std::size_t limit) : limit_(limit) {}
  void start(CallRef call) const override {
    Value items = call->take(kItems);
    std::make_shared<Loop>(std::move(call), std::move(items), limit_)->pump();
  }

 private:
  std::size_t limit_;
};
}  // namespace

void add_for_each(Catalog& catalog) {
  catalog.add(
      {
          .name = "for_each",
          .version = "1",
          .summary = "Runs stages for each item of a list.",
          .description =
              "Up to `concurrency` items are worked on at once; the results stand in the items' order. The first item that fails "
              "ends the loop with its error: give the stages inside `on_failure: continue` or a fallback to keep going. The "
              "stages see `item`, `index`, and all that the pipeline around them sees.",
          .example = R"yaml(name: shout
input: {words: list<string>}
stages:
  - id: loud
    uses: for_each
    with:
      items: "{{ input.words }}"
      concurrency: 2
      do:
        - {id: upper, uses: set, with: {text: "{{ item.upperAscii() }}", at: "{{ index }}"}}
output: "{{ loud }}"
tests:
  - input: {words: [a, b]}
    expect: [{text: A, at: 0}, {text: B, at: 1}]
)yaml",
          .fields =
              {
                  {.name = "items", .type = Type::list({}), .description = "the list to walk over"},
                  {.name = "do",
                   .type = Type(),
                   .description = "stages to run, or {stages, output}; the result is the last stage's, or `output`",
                   .binding = Binding::pipeline,
                   .locals = item_locals()},
                  {.name = "concurrency",
                   .type = Type(Type::Kind::integer),
                   .description = "items worked on at once",
                   .binding = Binding::constant,
                   .required = false,
                   .fallback = Value(8),
                   .limits = Value::map({{"minimum", 1}, {"maximum", static_cast<std::int64_t>(kMostAtOnce)}})},
              },
          .output = Type::list({}),
          .output_of = [](const Configuration& configuration) { return Type::list(configuration.type("do")); },
          .waits = true,
      },
      [](const Configuration& configuration) -> Result<std::unique_ptr<Stage>> {
        const Value* limit = configuration.constant("concurrency");
        const auto count = limit == nullptr ? Result<std::size_t>(8) : count_in(*limit, "concurrency", 1);
        if (!count) return std::unexpected(count.error().at("concurrency"));
        if (*count > kMostAtOnce) {
          const Error error(Code::invalid_argument, fmt::format("'concurrency' must be at most {}", kMostAtOnce));
          return std::unexpected(error.at("concurrency"));
        }
        return std::make_unique<ForEach>(*count);
      });
}

}  // namespace thalweg::stages
