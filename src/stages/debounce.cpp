#include <functional>
#include <mutex>
#include <unordered_map>

#include "stages/common.h"
#include "stages/stages.h"
#include "stages/wait.h"

namespace thalweg::stages {

namespace {
enum : std::size_t { kFor, kKey };

/// A call that waits for quiet.
class Turn {
 public:
  void supersede() {
    std::unique_lock lock(mutex_);
    superseded_ = true;
    const auto cut = std::exchange(cut_, nullptr);
    lock.unlock();
    if (cut) cut();
  }
  /// How to end the wait, once that is known.
  void waits(std::function<void()> cut) {
    std::unique_lock lock(mutex_);
    if (!superseded_) {
      cut_ = std::move(cut);
      return;
    }
    lock.unlock();
    cut();
  }
  [[nodiscard]] bool superseded() {
    const std::lock_guard lock(mutex_);
    return superseded_;
  }

 private:
  std::mutex mutex_;
  bool superseded_ = false;
  std::function<void()> cut_;
};

/// The calls that wait, one a key.
class Turns {
 public:
  /// Takes the place of the one that waits.
  std::shared_ptr<Turn> enter(const Value& key) {
    auto turn = std::make_shared<Turn>();
    std::unique_lock lock(mutex_);
    const auto before = std::exchange(by_key_[key], turn);
    lock.unlock();
    if (before) before->supersede();
    return turn;
  }
  void leave(const Value& key, const std::shared_ptr<Turn>& turn) {
    const std::lock_guard lock(mutex_);
    const auto found = by_key_.find(key);
    if (found != by_key_.end() && found->second == turn) by_key_.erase(found);
  }

 private:
  struct Hash {
    std::size_t operator()(const Value& value) const noexcept { return hash(value); }
  };
  std::mutex mutex_;
  std::unordered_map<Value, std::shared_ptr<Turn>, Hash> by_key_;
};

class Debounce final : public Stage {
 public:
  explicit Debounce(Nanos span) : span_(span), turns_(std::make_shared<Turns>()) {}

  void start(CallRef call) const override {
    const Value key = call->argument(kKey);
    const auto turn = turns_->enter(key);
    const Nanos until = from_now(call->context(), span_);
    turn->waits(wait_until(call, until, [call, key, turn, turns = turns_](Result<> on) {
      turns->leave(key, turn);
      if (on && turn->superseded()) on = fail(Code::aborted, "a later call took its place");
      call->finish(on ? Result<Value>(Value()) : std::unexpected(on.error()));
    }));
  }

 private:
  const Nanos span_;
  const std::shared_ptr<Turns> turns_;
};
}  // namespace

void add_debounce(Catalog& catalog) {
  catalog.add(
      {
          .name = "debounce",
          .version = "1",
          .summary = "Lets the last of several calls through, when no other has come for a while.",
          .description =
              "Over all runs of the pipeline, and for each `key` apart: a call waits for `for`; when another comes meanwhile, it "
              "fails (aborted) and the other waits in its place. The result is null: let stages `need` this one.",
          .example = R"yaml(name: search-as-you-type
input: {text: string, user: string}
stages:
  - {id: quiet, uses: debounce, with: {for: 300ms, key: "{{ input.user }}"}}
  - {id: query, uses: template, needs: [quiet], with: {text: "looking for {{ input.text }}"}}
output: "{{ query }}"
tests:
  - {input: {text: thalweg, user: ada}, expect: looking for thalweg}
)yaml",
          .fields =
              {
                  {.name = "for",
                   .type = Type(Type::Kind::string),
                   .description = "how long it must be quiet: 300ms, 1s",
                   .binding = Binding::constant},
                  {.name = "key",
                   .type = Type(),
                   .description = "calls with different keys do not disturb each other",
                   .required = false},
              },
          .output = Type(Type::Kind::null),
          .waits = true,
          .deterministic = false,
          .effects = true,
      },
      [](const Configuration& configuration) -> Result<std::unique_ptr<Stage>> {
        return std::make_unique<Debounce>(TRY(constant_span(configuration, "for", 0)));
      });
}

}  // namespace thalweg::stages
