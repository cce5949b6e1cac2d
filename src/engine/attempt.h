#pragma once
// One attempt at one stage: the Call that a stage's body sees.

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

#include "engine/cache.h"
#include "engine/stage.h"

namespace thalweg {

class Run;
struct Frame;
struct Worker;
class Attempt;

/// Something that happened outside a run's threads. Sits inside the object it is about; on its way it holds a reference to it.
struct Event {
  enum class Kind : std::uint8_t {
    finished,    // attempt: its stage called finish()
    time_up,     // attempt: its deadline has passed
    backoff,     // attempt: time for the next try
    granted,     // attempt: may go on (a permit of `concurrency`, another one's result in the cache)
    answered,    // attempt: the store of results has looked
    emitted,     // attempt: items wait in its outbox
    more,        // attempt: its stage wants the next items
    frame_new,   // frame: to be started
    frame_stop,  // frame: a stop was asked for
    frame_grace  // frame: the time for an orderly stop is over
  };
  explicit Event(Kind what) : kind(what) {}
  const Kind kind;
  Event* next = nullptr;
  union {
    Attempt* attempt;
    Frame* frame;
  };
};

/// A reference to an attempt or frame that fits into a timer's callback.
template <class T>
class Held {
 public:
  explicit Held(T& object) noexcept : object_(&object) { object_->hold(); }
  Held(Held&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  Held& operator=(Held&&) = delete;
  ~Held() {
    if (object_ != nullptr) object_->drop();
  }
  T* operator->() const noexcept { return object_; }
  [[nodiscard]] T& operator*() const noexcept { return *object_; }

 private:
  T* object_;
};

/// Pooled. A computing stage's attempt is used by one thread only; a waiting stage's is shared between the engine (one reference)
/// and the stage (one for all CallRefs together).
class Attempt final : public Call {
 public:
  Attempt();

  /// Binds to a stage; `waits`: the body runs on its own, finish() comes by event.
  void bind(Frame& frame, std::uint32_t stage, bool waits);
  /// The same for a plain stage, inside one call of its body: nothing is counted.
  void bind_local(Frame& frame, std::uint32_t stage, Worker& worker) noexcept;
  void clear_local() noexcept;
  /// Gives back everything it held, ready for bind().
  void clear() noexcept;

  // Call
  Result<Value> evaluate(std::size_t field, std::span<const Value> locals) override;
  void nested(std::size_t field, std::vector<Value> locals, std::move_only_function<void(Result<Value>)> done) override;
  void invoke(std::shared_ptr<const Plan> plan, Value input, std::move_only_function<void(Result<Value>)> done) override;
  std::span<Value> items() noexcept override { return batch; }
  bool ended() const noexcept override { return last_batch; }
  void more() override;
  bool emit(Value item) override;
  void when_room(std::move_only_function<void()> resume) override;
  void progress(std::int64_t done, std::int64_t total, std::string_view unit) override;
  std::shared_ptr<const void> working() override;
  void finish(Result<Value> result) override;

  void hold() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
  void drop() noexcept;

  /// The engine takes the call away from the stage: true when the stage had not finished; what it does later is ignored.
  bool take_away() noexcept { return (state_.fetch_or(kClaimed, std::memory_order_acq_rel) & kClaimed) == 0; }
  /// Before and after start(): in between, an end is not told by event but by started() when start() has returned.
  void starting() noexcept { state_.fetch_and(~kStarted, std::memory_order_acq_rel); }
  void started() noexcept {
    if ((state_.fetch_or(kStarted, std::memory_order_acq_rel) & kFinished) != 0) tell_end();
  }
  /// The end was told at a time when nobody could take it: the started() to come tells it again.
  void forget_told() noexcept { state_.fetch_and(~kTold, std::memory_order_acq_rel); }
  [[nodiscard]] bool finished() const noexcept { return (state_.load(std::memory_order_acquire) & kFinished) != 0; }
  [[nodiscard]] bool claimed() const noexcept { return (state_.load(std::memory_order_acquire) & kClaimed) != 0; }
  /// What the stage gave; an error when it misused the call.
  Result<Value> take_result();
  /// The same call for another round (stream consumers) or a computing stage's next try.
  void reopen() noexcept { state_.store(0, std::memory_order_release); }
  /// A reader's next round begins (a CallRef for it has been made): letting go of the call is an error again.
  void more_begins() noexcept { stage_references_.fetch_and(~kMore, std::memory_order_acq_rel); }

  /// Gives the attempt a context of its own, with an earlier deadline and a stop of its own, linked to the frame's.
  void limit_time(Nanos deadline);
  void request_stop();
  /// For the next frame it opens, see Frame::draw. The same whatever the schedule as long as the stage opens them in one order.
  [[nodiscard]] std::uint64_t next_draw() noexcept;
  void set_arguments() noexcept { arguments_ = values; }

  // Written and read by the run's threads only, unless said otherwise.
  Run* run = nullptr;
  Frame* frame = nullptr;
  std::uint32_t stage = 0;
  bool computing = true;
  std::vector<Value> values;  ///< the arguments
  Nanos finished_at = 0;      ///< waiting: when finish() was called
  Nanos deadline = kNever;
  Nanos began = 0;
  Nanos permit_since = 0;  ///< waiting for a permit since
  TimerId timer = 0;
  bool timer_set = false;
  bool in_body = false;    ///< waiting: the body is at work
  bool in_start = false;   ///< waiting: inside start()
  bool more_seen = false;  ///< more() was called there
  bool permit = false;     ///< holds one of the stage's `concurrency`
  ResultKey cache_key;
  std::optional<ResultStore::Kept> kept;  ///< what the store of results has found
  bool flies = false;                     ///< others may wait for this one's result
  bool awaits_flight = false;             ///< waits for another one's
  Worker* worker = nullptr;               ///< computing: the thread that runs the body

  // Streams
  std::vector<Value> batch;
  bool last_batch = false;
  std::uint64_t emitted = 0;
  std::mutex outbox_mutex;
  std::vector<Value> outbox;               ///< guarded: items on their way to the channels
  std::move_only_function<void()> resume;  ///< guarded
  std::int64_t credits = 0;                ///< guarded: room left
  bool emitted_pending = false;            ///< guarded: the event is on its way

  Event on_finished{Event::Kind::finished};
  Event on_time_up{Event::Kind::time_up};
  Event on_backoff{Event::Kind::backoff};
  Event on_granted{Event::Kind::granted};
  Event on_answered{Event::Kind::answered};
  Event on_emitted{Event::Kind::emitted};
  Event on_more{Event::Kind::more};
  Attempt* next_free = nullptr;

 private:
  static constexpr std::uint32_t kClaimed = 1;      // finish() was called, or the call was taken away
  static constexpr std::uint32_t kFinished = 2;     // the result stands
  static constexpr std::uint32_t kStarted = 4;      // start() has returned
  static constexpr std::uint32_t kMisused = 8;      // finished twice, emitted after the end
  static constexpr std::uint32_t kTold = 16;        // the event of its end has been pushed
  static constexpr std::uint32_t kMore = 1U << 31;  // in stage_references_, so that the last one to go sees it: more() was called

  void tell_end() noexcept;
  void retain() noexcept override;
  void release() noexcept override;
  /// The frame's variables and these locals behind them, for one evaluation.
  lang::Frame& locals_frame(std::span<const Value> locals);

  struct Stopper {
    std::stop_source* source;
    void operator()() const noexcept { source->request_stop(); }
  };

  std::atomic<std::uint32_t> state_{0};
  std::atomic<std::uint32_t> references_{1};
  std::atomic<std::uint32_t> stage_references_{0};
  Result<Value> result_;
  std::optional<Context> own_context_;
  std::optional<std::stop_source> source_;
  std::optional<std::stop_callback<Stopper>> link_;
  std::vector<const Value*> scratch_;
  const Frame* scratch_frame_ = nullptr;
  lang::Frame expression_frame_;
  std::uint64_t evaluations_ = 0;
  std::atomic<std::uint32_t> opened_{0};  // nested frames
};

}  // namespace thalweg
