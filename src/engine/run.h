#pragma once
// One run in flight: its frames, the stages that are ready, the threads that work on it.

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

#include "base/cores.h"
#include "engine/attempt.h"
#include "engine/executor.h"
#include "engine/runtime.h"

namespace thalweg {

class Engine;
class Run;
struct Worker;

inline constexpr std::uint32_t kNone = UINT32_MAX;
inline constexpr std::size_t kCredits = 64;                // items in a channel
inline constexpr Nanos kStopGrace = 2 * kSecond;           // for waiting stages to end in order after a stop
inline constexpr Nanos kWorthSharing = 40 * kMicrosecond;  // of pending work; waking a thread costs about half of it

/// `span` after `now`; kNever when that is out of reach.
[[nodiscard]] constexpr Nanos after(Nanos now, Nanos span) noexcept { return span > kNever - now ? kNever : now + span; }

enum class Phase : std::uint8_t { idle, queued, running, waiting, settled };
/// Where a queued stage goes on.
enum class Next : std::uint8_t { start, permit, attempt, items };
enum class Why : std::uint8_t { none, condition, absent, stopped, unneeded, broken_stream };

/// What every run touches of a stage: kept small.
struct StageState {
  Nanos ready = 0;
  Nanos start = 0;
  Nanos end = 0;
  Nanos conversion = 0;
  std::uint32_t remaining = 0;
  std::uint32_t attempts = 0;
  std::uint32_t critical = kNone;  ///< the stage whose end made this one ready
  Phase phase = Phase::idle;
  Next next = Next::start;
  StageStatus status = StageStatus::not_reached;
  Why why = Why::none;
};

/// Items on their way from a stage to one of its readers.
struct Channel {
  std::vector<Value> items;
  bool ended = false;   ///< no more will come
  bool closed = false;  ///< the reader takes no more
  bool broken = false;  ///< the writer failed
  bool busy = false;    ///< the reader is at work
  void reset() noexcept { items.clear(), ended = closed = broken = busy = false; }
};

/// Sums over the frames of a nested plan; one for every stage of it.
struct NestedRecord {
  const Plan* plan = nullptr;
  std::shared_ptr<const Plan> owner;
  std::vector<StageReport> stages;
};

/// The rest of a stage's state.
struct StageExtra {
  std::optional<Error> error;
  Attempt* attempt = nullptr;  ///< in flight: waiting, backing off, queued for a permit, reading a stream
  Channel channel;             ///< of a reader: its input
  std::vector<Value> collected;
  std::uint64_t items = 0;
  Nanos held = 0;  ///< waited for a permit, another's cached result or the store
  std::uint32_t because = kNone;
  std::vector<NestedRecord> nested;
  bool final_error = false;  ///< no retry would mend it
  bool consumed = false;     ///< a reader that has had items
  bool reading = false;      ///< a reader that waits for items
  bool touched = false;
  void reset() noexcept;
};

/// One activation of a plan. Pooled; a root frame is also the source of its run's report.
struct Frame final : ReportSource {
  explicit Frame(PlanRuntime& plan_runtime);

  void hold() noexcept { references.fetch_add(1, std::memory_order_relaxed); }
  void drop() noexcept;
  void on_stop() noexcept;  ///< any thread

  [[nodiscard]] const Plan& plan() const noexcept { return runtime.plan; }
  /// Binds the frame to a run, as the child of a call. Holds the call and passes one reference to itself on to the caller.
  void open(Run& of, std::shared_ptr<const Plan> plan, Attempt& by, std::move_only_function<void(Result<Value>)> then);
  void open_root(Run& of, std::shared_ptr<const Plan> plan, Context with);
  /// Hears a root's stop from now on. Not before the run has begun: a stop would call a second thread to its start.
  void listen();
  void give(std::uint32_t slot, Value value) {
    values[slot] = std::move(value);
    slots[slot] = &values[slot];
  }
  StageExtra& extra(std::uint32_t stage) noexcept {
    extras[stage].touched = true;
    any_extra.store(true, std::memory_order_relaxed);
    return extras[stage];
  }

  // ReportSource
  std::string_view pipeline() const noexcept override { return plan().name; }
  std::string_view version() const noexcept override { return plan().version; }
  Accounting accounting() const override;
  std::vector<StageReport> stages() const override;
  void release() noexcept override { drop(); }

  [[nodiscard]] std::string reason(std::uint32_t stage) const;
  void add_to(std::vector<NestedRecord>& records) const;
  static void add(StageReport& sum, const StageReport& one);

  struct Stopper {
    Frame* frame;
    void operator()() const noexcept { frame->on_stop(); }
  };

  PlanRuntime& runtime;
  std::shared_ptr<const Plan> owner;  ///< while in use
  Run* run = nullptr;
  Attempt* caller = nullptr;                           ///< nested: the call that asked for it, held
  std::move_only_function<void(Result<Value>)> done;   // nested
  std::move_only_function<void(RunResult)> done_root;  // root, started
  RunResult* result = nullptr;                         // root, waited for
  bool* told = nullptr;                                // root, waited for
  std::optional<Context> context;
  std::stop_source source;
  std::stop_token outer_stop;  ///< of a root, until listen()
  std::optional<std::stop_callback<Stopper>> link;
  std::atomic<bool> stopping{false};
  std::vector<Value> values;
  std::vector<const Value*> slots;
  std::vector<StageState> states;
  std::vector<StageState> fresh;
  std::vector<StageExtra> extras;
  std::uint32_t left = 0;  ///< stages not settled
  std::uint32_t error_stage = kNone;
  std::optional<Error> error;
  bool any_absent = false;
  std::atomic<bool> any_extra{false};
  bool ending = false;  ///< no new stage is started
  bool stop_handled = false;
  bool stop_deferred = false;  ///< until computing stages before the failed one have ended
  Nanos deadline = kNever;
  std::uint64_t draw = 0;  ///< sets its random numbers apart from those of frames beside it
  Nanos submitted = 0;
  Nanos began = 0;
  Nanos computed = 0;  ///< all stages settled
  Nanos ended = 0;
  TimerId grace = 0;
  bool grace_set = false;
  std::atomic<std::uint32_t> references{0};
  Event on_new{Event::Kind::frame_new};
  Event on_stopping{Event::Kind::frame_stop};
  Event on_grace{Event::Kind::frame_grace};
  Frame* next_free = nullptr;
};

struct Item {
  Frame* frame;
  std::uint32_t stage;
};

/// Stages ready to go on, first come first served.
class ReadyQueue {
 public:
  [[nodiscard]] bool empty() const noexcept { return head_ == tail_; }
  [[nodiscard]] std::size_t size() const noexcept { return tail_ - head_; }
  [[nodiscard]] const Item& front() const noexcept { return items_[head_ & (items_.size() - 1)]; }
  void push(Item item) {
    if (size() == items_.size()) grow();
    items_[tail_++ & (items_.size() - 1)] = item;
  }
  /// Takes an item out of the middle.
  [[nodiscard]] bool remove(const Frame& frame, std::uint32_t stage);
  Item pop() noexcept { return items_[head_++ & (items_.size() - 1)]; }

 private:
  void grow();
  std::vector<Item> items_ = std::vector<Item>(64);
  std::size_t head_ = 0;
  std::size_t tail_ = 0;
};

/// One thread at work on a run.
struct Worker {
  bool token = false;          ///< answers for the inbox
  bool locked = false;         ///< holds the run's mutex
  Nanos now = 0;               ///< the last boundary
  Attempt* attempt = nullptr;  ///< for plain stages
  std::vector<Item> group;
  CoreBudget::Lease core;
  std::vector<std::move_only_function<void()>> actions;  ///< empty: memory to swap with the run's
};

/// The bookkeeping of a run (graph.cpp, attempts.cpp, streams.cpp) is done by one thread at a time. As long as only one works on
/// the run it needs no lock; before a second one is called in, `shared_` is set and everybody locks. Threads from outside only
/// push events. Bodies, callbacks and expressions run outside the lock.
class Run {
 public:
  void hold() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
  void drop() noexcept;

  /// From any thread; passes on a reference to the event's object, and wakes somebody when nobody is at work.
  void push(Event& event) noexcept;
  /// Works until there is nothing to do. `token`: this thread answers for the inbox, as push() asked. `core`: what it works on,
  /// counted in the budget.
  void drive(bool token, CoreBudget::Lease core);
  /// For the thread that waits for a result: works, sleeps, works until `frame` has ended.
  void drive_to_end(const bool& done);

  /// Takes the token for the thread that will drive; `wait_here`: that thread stays until the end, so it is the one to be woken.
  void begin(bool wait_here);
  void tell_end(bool& done);

  std::shared_ptr<Engine> engine;
  RunOptions options;
  std::size_t batch = 1;
  Timestamp wall_start;
  Clock* clock = nullptr;
  Run* next_free = nullptr;

  void start_root(Frame& frame);

 private:
  friend class Attempt;
  friend class Engine;

  void lock(Worker& worker);
  void unlock(Worker& worker) noexcept;
  /// Runs an action outside the section, soon.
  void later(std::move_only_function<void()> action) { later_.push_back(std::move(action)); }
  void take_events(Worker& worker);
  void handle(Worker& worker, Event& event);
  void share(Worker& worker);
  void schedule() noexcept;
  void finish_frame(Worker& worker, Frame& frame);

  // graph.cpp: under the section
  void start_frame(Frame& frame, Nanos now);
  void make_ready(Frame& frame, std::uint32_t stage, Nanos now, std::uint32_t critical);
  void enqueue(Frame& frame, std::uint32_t stage, Nanos now);
  void settle(Frame& frame, std::uint32_t stage, StageStatus status, Nanos now);
  void settle_output(Frame& frame, std::uint32_t stage, StageStatus status, Value value, Nanos now);
  void skip(Frame& frame, std::uint32_t stage, Why why, std::uint32_t because, Nanos now);
  void absent(Frame& frame, std::uint32_t stage, StageStatus status, Nanos now);
  void drop_fallback(Frame& frame, std::uint32_t stage, Nanos now);
  [[nodiscard]] static Error chained_error(const Frame& frame, std::uint32_t stage);
  void fail_stage(Frame& frame, std::uint32_t stage, Error error, Nanos now);
  void end_frame(Frame& frame, std::uint32_t stage, Error error, Nanos now);
  void stop_waiting(Frame& frame, std::uint32_t stage, Nanos now);
  void stop_calls(Frame& frame, Nanos now);
  void release(Frame& frame, std::uint32_t stage);

  // attempts.cpp
  void run_plain(Worker& worker, Item item);
  void advance(Worker& worker, Item item);
  bool may_start(Worker& worker, Frame& frame, std::uint32_t stage);
  void handle_attempt(Worker& worker, Attempt& attempt, Event::Kind kind);
  [[nodiscard]] Attempt* prepare(Worker& worker, Frame& frame, std::uint32_t stage);
  void count_conversion(Worker& worker, StageState& state);
  void run_bodies(Worker& worker, std::span<Attempt* const> attempts);
  void start_waiting(Worker& worker, Attempt& attempt);
  void give_up(Worker& worker, Frame& frame, std::uint32_t stage, Error error);
  void outcome(Worker& worker, Frame& frame, std::uint32_t stage, Result<Value> result, Nanos end);
  [[nodiscard]] bool try_again(Worker& worker, Frame& frame, std::uint32_t stage, const Error& error, Nanos end);
  [[nodiscard]] lang::Frame expression_frame(const Frame& frame) const;
  [[nodiscard]] lang::Frame limited_frame(const Frame& frame, std::uint32_t stage, std::optional<Context>& limited) const;
  [[nodiscard]] Error stop_reason(const Frame& frame) const;
  [[nodiscard]] Result<Value> time_is_up(const Frame& frame, std::uint32_t stage) const;
  void trace_attempt(const Frame& frame, std::uint32_t stage, Nanos end, const Result<Value>& result);

  // lookup.cpp
  [[nodiscard]] bool look_up(Worker& worker, Attempt& attempt);
  [[nodiscard]] Result<Value> cache_key(const Frame& frame, std::uint32_t stage, Attempt& attempt) const;
  [[nodiscard]] bool take_kept(Worker& worker, Attempt& attempt);

  // streams.cpp
  void deliver(Frame& frame, std::uint32_t stage, Value item, Nanos now);
  void wake_reader(Frame& frame, std::uint32_t reader, std::uint32_t writer, Nanos now);
  void end_stream(Frame& frame, std::uint32_t stage, Nanos now);
  [[nodiscard]] Attempt* next_items(Worker& worker, Attempt& attempt);
  void items_done(Worker& worker, Attempt& attempt);
  void await_items(Frame& frame, Attempt& attempt, Nanos now);
  void items_done_waiting(Worker& worker, Attempt& attempt);
  void room_made(Frame& frame, std::uint32_t writer);
  void stop_streams(Frame& frame);
  void drop_resume(Attempt& attempt);
  [[nodiscard]] std::size_t fullest(Frame& frame, std::uint32_t writer);
  void take_outbox(Worker& worker, Attempt& attempt);
  bool emit_computing(Worker& worker, Attempt& attempt, Value item);
  void make_room(Worker& worker, Frame& frame, std::uint32_t reader);
  void sleep(Worker& worker);
  void notify_sleepers() noexcept;
  void wake_sleepers() noexcept;

  std::mutex mutex_;
  std::atomic<bool> shared_{false};
  std::uint32_t workers_ = 0;
  ReadyQueue ready_;
  Nanos ready_cost_ = 0;
  Nanos crowded_since_ = 0;
  Nanos refused_ = INT64_MIN;  // when no core was free for a helper
  std::vector<std::move_only_function<void()>> later_;
  std::vector<std::move_only_function<void()>> spare_;  // empty: memory kept from one worker to the next
  std::vector<Frame*> complete_;

  std::atomic<Event*> inbox_{nullptr};
  std::atomic<std::uint64_t> wanted_{0};
  std::atomic<std::uint32_t> references_{0};

  std::mutex park_mutex_;
  std::condition_variable park_changed_;
  std::atomic<std::uint32_t> sleeping_{0};
  std::uint64_t epoch_ = 0;    // guarded by park_mutex_
  bool caller_waits_ = false;  // guarded by park_mutex_
  bool offered_ = false;       // guarded by park_mutex_
};

}  // namespace thalweg
