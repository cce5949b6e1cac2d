#include <algorithm>
#include <mutex>
#include <optional>
#include <stop_token>

#include "stages/common.h"
#include "stages/stages.h"
#include "stages/wait.h"

namespace thalweg::stages {

namespace {
enum : std::size_t { kItem, kSize, kWithin, kDo };

/// Calls on their way into one batch.
class Batcher : public std::enable_shared_from_this<Batcher> {
 public:
  Batcher(std::size_t size, Nanos within) : size_(size), within_(within) {}

  void add(CallRef call) {
    const auto member = std::make_shared<Member>(Member{.call = call, .item = call->take(kItem)});
    std::unique_lock lock(mutex_);
    waiting_.push_back(member);
    if (waiting_.size() >= size_) {
      auto full = take();
      lock.unlock();
      return work(std::move(full));
    }
    const bool first = waiting_.size() == 1;
    const std::uint64_t number = batch_;
    lock.unlock();
    // Each waits, so that a stop takes it out of the line; the first one's time is that of all.
    const Nanos until = first ? from_now(call->context(), within_) : kNever;
    auto cut = wait_until(
        call, until, [self = shared_from_this(), member, first, number](Result<> on) { self->woken(member, first, number, on); });
    lock.lock();
    member->cut = std::move(cut);
    if (!member->taken) return;
    lock.unlock();
    member->cut();
  }

 private:
  struct Member {
    CallRef call;
    Value item;
    bool taken = false;           ///< guarded, as what follows
    std::function<void()> cut{};  ///< ends its wait
  };
  using Members = std::vector<std::shared_ptr<Member>>;

  /// Under the mutex.
  Members take() {
    ++batch_;
    for (const auto& member : waiting_) member->taken = true;
    return std::exchange(waiting_, {});
  }

  // It has been taken into a batch, its time is up (then the batch's is), or it was stopped: without its first call nobody would
  // wait for the batch's time.
  void woken(const std::shared_ptr<Member>& member, bool first, std::uint64_t number, const Result<>& on) {
    std::unique_lock lock(mutex_);
    if (member->taken) return;
    if (!on) {
      std::erase(waiting_, member);
      member->taken = true;
    }
    Members rest;
    if (first && batch_ == number) rest = take();
    lock.unlock();
    if (!on) member->call->finish(std::unexpected(on.error()));
    if (!rest.empty()) work(std::move(rest));
  }

  // Inside the run of the first call that still counts; the next one takes over when that is stopped.
  void work(Members members) {
    for (const auto& member : members) {
      std::unique_lock lock(mutex_);
      const auto cut = member->cut;
      lock.unlock();
      if (cut) cut();
    }
    lead(std::move(members));
  }

  void lead(Members members) {
    while (!members.empty()) {
      const auto on = members.front()->call->context().check();
      if (on) break;
      members.front()->call->finish(std::unexpected(on.error()));
      members.erase(members.begin());
    }
    if (members.empty()) return;
    std::vector<Value> items;
    for (const auto& member : members) items.push_back(member->item);
    Call& leader = *members.front()->call;
    leader.nested(kDo, {Value::list(std::move(items))},
                  [self = shared_from_this(), members = std::move(members)](Result<Value> result) mutable {
                    if (!result && members.size() > 1 && !members.front()->call->context().check()) {
                      return self->lead(std::move(members));
                    }
                    hand_out(members, result);
                  });
  }

  static void hand_out(const Members& members, Result<Value>& results) {
    if (results && (!results->is_list() || results->size() != members.size())) {
      results = fail(Code::internal, "'do' must give a list of {} results, one for each of `items`, and gave {}", members.size(),
                     results->is_list() ? fmt::format("{}", results->size()) : with_article(type_name(results->kind())));
    }
    for (std::size_t i = 0; i < members.size(); ++i) {
      members[i]->call->finish(results ? Result<Value>(results->items()[i]) : std::unexpected(results.error()));
    }
  }

  const std::size_t size_;
  const Nanos within_;
  std::mutex mutex_;
  std::uint64_t batch_ = 0;  ///< how many have been taken
  Members waiting_;
};

class Batch final : public Stage {
 public:
  Batch(std::size_t size, Nanos within) : batcher_(std::make_shared<Batcher>(size, within)) {}
  void start(CallRef call) const override { batcher_->add(std::move(call)); }

 private:
  const std::shared_ptr<Batcher> batcher_;
};

Result<std::unique_ptr<Stage>> make(const Configuration& configuration) {
  const auto size = count_in(*configuration.constant("size"), "size", 1);
  if (!size) return std::unexpected(size.error().at("size"));
  return std::make_unique<Batch>(*size, TRY(constant_span(configuration, "within", 0)));
}
}  // namespace

void add_batch(Catalog& catalog) {
  catalog.add(
      {
          .name = "batch",
          .version = "1",
          .summary = "Works calls off together: so many at once, or those that come within a time.",
          .description =
              "Calls from all runs of the pipeline are collected until there are `size`, or until `within` has passed since the "
              "first of them. Then `do` runs once, with `items`, and gives a list with one result for each. It runs inside the "
              "first call's run, and sees of what is around it what that call sees: let it read `items` alone. Its failure is "
              "that of all; when the first call is stopped, the next one's run takes over.",
          .example = R"yaml(name: together
input: {numbers: list<int>}
stages:
  - id: each
    uses: for_each
    with:
      items: "{{ input.numbers }}"
      do:
        - id: sum
          uses: batch
          with: {item: "{{ item }}", size: 3, within: 1s, do: {output: "{{ items.map(x, x + 10 * size(items)) }}"}}
output: "{{ each }}"
tests:
  - {input: {numbers: [1, 2, 3]}, expect: [31, 32, 33]}
)yaml",
          .fields =
              {
                  {.name = "item", .type = Type(), .description = "what this call adds to `items`"},
                  {.name = "size",
                   .type = Type(Type::Kind::integer),
                   .description = "how many calls make a full batch",
                   .binding = Binding::constant,
                   .limits = at_least(1)},
                  {.name = "within",
                   .type = Type(Type::Kind::string),
                   .description = "how long the first of them waits: 10ms, 1s",
                   .binding = Binding::constant},
                  {.name = "do",
                   .type = Type(),
                   .description = "stages that give a list of results, or {stages, output}",
                   .binding = Binding::pipeline,
                   .locals = {{"items", Type::list({}), ""}}},
              },
          .output = Type(),
          .output_of =
              [](const Configuration& configuration) {
                const Type results = configuration.type("do");
                return results.is(Type::Kind::list) ? results.argument(0) : Type();
              },
          .waits = true,
          .deterministic = false,
      },
      make);
}

}  // namespace thalweg::stages
