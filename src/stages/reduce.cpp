#include <mutex>

#include "stages/common.h"
#include "stages/stages.h"

namespace thalweg::stages {

namespace {
enum : std::size_t { kItems, kFrom, kDo };

/// One pass over a list, an item at a time.
class Pass : public std::enable_shared_from_this<Pass> {
 public:
  Pass(CallRef call, Value items, Value from) : call_(std::move(call)), items_(std::move(items)), total_(std::move(from)) {}

  /// A nested pipeline may end at once, on this very stack: then the loop here goes on, not a recursion.
  void go_on() {
    std::unique_lock lock(mutex_);
    if (looping_) return;
    looping_ = true;
    while (!running_ && !failure_ && next_ < items_.size()) {
      running_ = true;
      const std::size_t index = next_++;
      lock.unlock();
      step(index);
      lock.lock();
    }
    looping_ = false;
    if (running_) return;
    lock.unlock();
    call_->finish(failure_ ? Result<Value>(std::unexpected(*failure_)) : std::move(total_));
  }

 private:
  void step(std::size_t index) {
    if (const auto on = call_->context().check(); !on) return stepped(index, std::unexpected(on.error()));
    call_->nested(kDo, {std::move(total_), items_.items()[index], number(index)},
                  [self = shared_from_this(), index](Result<Value> result) { self->stepped(index, std::move(result)); });
  }

  void stepped(std::size_t index, Result<Value> result) {
    {
      const std::lock_guard lock(mutex_);
      running_ = false;
      if (result) {
        total_ = std::move(*result);
      } else {
        failure_ = at_item(result.error(), index);
      }
    }
    go_on();
  }

  const CallRef call_;
  const Value items_;
  std::mutex mutex_;
  Value total_;
  std::size_t next_ = 0;
  bool running_ = false;
  bool looping_ = false;
  std::optional<Error> failure_;
};

class Reduce final : public Stage {
 public:
  void start(CallRef call) const override {
    Value items = call->take(kItems);
    Value from = call->take(kFrom);
    std::make_shared<Pass>(std::move(call), std::move(items), std::move(from))->go_on();
  }
};
}  // namespace

void add_reduce(Catalog& catalog) {
  catalog.add(
      {
          .name = "reduce",
          .version = "1",
          .summary = "Works a list off into one value, an item after the other.",
          .description =
              "`do` gets what was made so far as `total` (at first `from`), the `item` and its `index`, and gives the next "
              "total; a "
              "template is enough where no stages are needed. An empty list gives `from`. The first item that fails ends it.",
          .example = R"yaml(name: sum
input: {numbers: list<int>}
stages:
  - id: sum
    uses: reduce
    with: {items: "{{ input.numbers }}", from: 0, do: {output: "{{ total + item }}"}}
output: "{{ sum }}"
tests:
  - {input: {numbers: [1, 2, 3]}, expect: 6}
  - {input: {numbers: []}, expect: 0}
)yaml",
          .fields =
              {
                  {.name = "items", .type = Type::list({}), .description = "the list to work off"},
                  {.name = "from", .type = Type(), .description = "the total before the first item"},
                  {.name = "do",
                   .type = Type(),
                   .description = "stages that give the next total, or {stages, output}",
                   .binding = Binding::pipeline,
                   .locals = {{"total", Type(), ""}, {"item", Type(), "items"}, {"index", Type(Type::Kind::integer), ""}}},
              },
          .output = Type(),
          .waits = true,
      },
      [](const Configuration&) -> Result<std::unique_ptr<Stage>> { return std::make_unique<Reduce>(); });
}

}  // namespace thalweg::stages
