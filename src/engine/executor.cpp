#include "engine/executor.h"

#include <algorithm>
#include <deque>
#include <thread>

#include "base/cores.h"
#include "engine/engine.h"
#include "engine/evaluate.h"
#include "engine/fault.h"
#include "engine/run.h"
#include "engine/trace.h"

namespace thalweg {

void Observer::on_progress(std::string_view, std::int64_t, std::int64_t, std::string_view) {}
void Observer::on_item(std::string_view, const Value&) {}
Result<> Observer::before_attempt(std::string_view, std::uint32_t) { return {}; }

namespace {

/// What run_many's two threads and its groups share. Each thread counts as active for settle() unless it waits, and who ends its
/// wait counts it in, so that there is no moment at which all seems quiet and is not.
class ManyState {
 public:
  explicit ManyState(Engine& engine) : engine_(engine) { engine_.activate(), engine_.activate(); }

  /// Under `lock`: waits for `wanted` to hold.
  void wait(std::unique_lock<std::mutex>& lock, bool& waits, const auto& wanted) {
    while (!wanted()) {
      waits = true;
      engine_.deactivate();
      changed_.wait(lock, [&] { return !waits; });
    }
  }
  /// Under the mutex: something is as nobody who waits has seen it.
  void changed() {
    for (bool* waits : {&feeder_waits, &giver_waits}) {
      if (std::exchange(*waits, false)) engine_.activate();
    }
    changed_.notify_all();
  }
  void leave() noexcept { engine_.deactivate(); }

  std::mutex mutex;
  bool feeder_waits = false;
  bool giver_waits = false;
  bool more = true;                              // inputs may come
  std::size_t under_way = 0;                     // groups
  std::size_t next_out = 0;                      // index of the next result to hand out
  std::deque<std::optional<RunResult>> results;  // from next_out on

 private:
  Engine& engine_;
  std::condition_variable changed_;
};

Timestamp timestamp(Nanos wall) { return {wall / kSecond, static_cast<std::int32_t>(wall % kSecond)}; }

}  // namespace

// Outside the section: all stages have settled.
void Run::finish_frame(Worker& worker, Frame& frame) {
  frame.link.reset();
  if (std::exchange(frame.grace_set, false) && clock->cancel(frame.grace)) frame.grace = 0;
  Result<Value> output = Value();
  if (frame.error) {
    output = std::unexpected(*frame.error);
  } else {
    lang::Frame variables = expression_frame(frame);
    Trail trail;
    output = evaluate_argument(frame.plan().output, variables, trail);
    if (output && frame.plan().check_output) {
      if (Result<> fits = fit(frame.plan().output_type, *output); !fits) {
        output = std::unexpected(Error(Code::internal, fits.error().message()));
        variables.fault = 0;
      }
    }
    if (!output) {
      const Plan* outer = frame.caller == nullptr ? nullptr : &frame.caller->frame->plan();
      const PlannedStage* caller = outer == nullptr ? nullptr : &outer->stages[frame.caller->stage];
      output = std::unexpected(at_output(frame.plan(), outer, caller, trail, variables.fault, output.error()));
    }
    if (frame.plan().output.kind == Argument::Kind::constant || frame.plan().output.kind == Argument::Kind::variable) {
      worker.now = frame.computed;
    } else {
      worker.now = clock->now();
    }
  }
  frame.ended = std::max(worker.now, frame.computed);
  frame.runtime.note(frame, output.has_value());
  if (frame.caller != nullptr) {
    lock(worker);
    if (Frame& outer = *frame.caller->frame; outer.extras[frame.caller->stage].attempt == frame.caller) {
      frame.add_to(outer.extra(frame.caller->stage).nested);
    }
    unlock(worker);
    auto done = std::move(frame.done);
    frame.done = nullptr;
    done(std::move(output));
    frame.drop();
    return;
  }
  if (!output && !frame.plan().name.empty()) output = std::unexpected(output.error().at(frame.plan().name));
  if (frame.result != nullptr) {
    RunResult& result = *frame.result;
    result.output = std::move(output);
    result.report = Report(frame);  // takes the frame's own reference over
    bool& done = *frame.told;
    tell_end(done);
    return;
  }
  auto done = std::move(frame.done_root);
  frame.done_root = nullptr;
  const std::shared_ptr<Engine> keeps = engine;
  done(RunResult{std::move(output), Report(frame)});
  keeps->run_ended();
}

struct Executor::Impl {
  std::shared_ptr<Engine> engine;

  /// The root frame with its input, or the error that kept it from starting.
  static Result<Frame*> make_root(Run& run, std::shared_ptr<const Plan> plan, Value input, Context context) {
    const Nanos submitted = run.clock->now();
    Value accepted = TRY(accept_input(*plan, std::move(input)));
    Frame& frame = plan->runtime().take_frame();
    frame.submitted = submitted;
    frame.open_root(run, std::move(plan), std::move(context));
    frame.give(0, std::move(accepted));
    return &frame;
  }

  void feed(ManyState& state, const std::shared_ptr<const Plan>& plan, Next& next, const Context& context, Many many,
            const RunOptions& options);
  /// One group, from the input of that index on: all inputs as lanes of one run.
  void start_lanes(const std::shared_ptr<const Plan>& plan, std::vector<Result<Value>> inputs, std::size_t first,
                   const Context& context, const RunOptions& options, std::size_t batch,
                   const std::function<void(std::size_t, RunResult)>& done);
};

Executor::Executor(Clock& clock, CoreBudget& cores) : impl_(std::make_unique<Impl>()) {
  impl_->engine = std::make_shared<Engine>(clock, cores);
}

Executor::Executor(Clock& clock, std::size_t threads) : impl_(std::make_unique<Impl>()) {
  impl_->engine = std::make_shared<Engine>(clock, CoreBudget(std::max<std::size_t>(1, threads)));
}

Executor::~Executor() { impl_->engine->close(); }

void Executor::settle() { impl_->engine->settle(); }

RunResult Executor::run(std::shared_ptr<const Plan> plan, Value input, Context context, RunOptions options) {
  Engine& engine = *impl_->engine;
  Run& run = engine.take_run();
  run.hold();
  run.options = options;
  run.wall_start = timestamp(engine.clock.wall());
  RunResult result{Value(), {}};
  bool done = false;
  Result<Frame*> frame = Impl::make_root(run, std::move(plan), std::move(input), std::move(context));
  if (frame) {
    (*frame)->result = &result;
    (*frame)->told = &done;
    run.begin(true);
    run.start_root(**frame);
    run.drive_to_end(done);
  } else {
    result.output = std::unexpected(std::move(frame).error());
  }
  run.drop();
  return result;
}

void Executor::start(std::shared_ptr<const Plan> plan, Value input, Context context, RunOptions options,
                     std::move_only_function<void(RunResult)> done) {
  Engine& engine = *impl_->engine;
  Run& run = engine.take_run();
  run.hold();
  run.options = options;
  run.wall_start = timestamp(engine.clock.wall());
  Result<Frame*> frame = Impl::make_root(run, std::move(plan), std::move(input), std::move(context));
  if (frame) {
    engine.run_begins();
    (*frame)->done_root = std::move(done);
    run.begin(false);
    run.start_root(**frame);
    engine.post(run);
  } else {
    done(RunResult{std::unexpected(std::move(frame).error()), {}});
  }
  run.drop();
}

void Run::start_root(Frame& frame) {
  frame.listen();
  start_frame(frame, clock->now());
}

// Takes inputs and starts their groups.
void Executor::Impl::feed(ManyState& state, const std::shared_ptr<const Plan>& plan, Next& next, const Context& context,
                          Many many, const RunOptions& options) {
  std::size_t index = 0;
  for (bool more = true; more;) {
    {
      // A slow first item must not let the finished ones behind it pile up for ever.
      std::unique_lock lock(state.mutex);
      state.wait(lock, state.feeder_waits,
                 [&] { return state.under_way < many.jobs && state.results.size() < 4 * many.jobs * many.batch; });
    }
    std::vector<Result<Value>> inputs;
    while (inputs.size() < many.batch && more) {
      std::optional<Result<Value>> input = context.stop().stop_requested() ? std::nullopt : next();
      if (input) {
        inputs.push_back(std::move(*input));
      } else {
        more = false;
      }
    }
    const std::size_t first = index;
    index += inputs.size();
    {
      const std::lock_guard lock(state.mutex);
      state.results.resize(state.results.size() + inputs.size());
      state.more = more;
      if (!inputs.empty()) ++state.under_way;
      state.changed();
    }
    if (inputs.empty()) break;
    auto left = std::make_shared<std::atomic<std::size_t>>(inputs.size());
    start_lanes(plan, std::move(inputs), first, context, options, many.batch,
                [&state, first, left](std::size_t lane, RunResult result) {
                  const std::lock_guard lock(state.mutex);
                  state.results[first + lane - state.next_out] = std::move(result);
                  if (left->fetch_sub(1) == 1) --state.under_way;
                  state.changed();
                });
  }
  state.leave();
}

void Executor::run_many(std::shared_ptr<const Plan> plan, Next next, std::move_only_function<void(std::size_t, RunResult)> done,
                        Context context, Many many, RunOptions options) {
  many.jobs = std::max<std::size_t>(1, many.jobs);
  many.batch = std::max<std::size_t>(1, many.batch);
  ManyState state(*impl_->engine);
  std::thread feeder([&] { impl_->feed(state, plan, next, context, many, options); });
  std::unique_lock lock(state.mutex);
  for (;;) {
    state.wait(lock, state.giver_waits, [&] { return state.results.empty() ? !state.more : state.results.front().has_value(); });
    if (state.results.empty()) break;
    RunResult result = std::move(*state.results.front());
    state.results.pop_front();
    const std::size_t at = state.next_out++;
    state.changed();
    lock.unlock();
    done(at, std::move(result));
    lock.lock();
  }
  lock.unlock();
  state.leave();
  feeder.join();
}

void Executor::Impl::start_lanes(const std::shared_ptr<const Plan>& plan, std::vector<Result<Value>> inputs, std::size_t first,
                                 const Context& context, const RunOptions& options, std::size_t batch,
                                 const std::function<void(std::size_t, RunResult)>& done) {
  Run& run = engine->take_run();
  run.hold();
  run.options = options;
  run.batch = batch;
  run.wall_start = timestamp(engine->clock.wall());
  std::vector<Frame*> frames;
  for (std::size_t lane = 0; lane < inputs.size(); ++lane) {
    Result<Frame*> frame =
        inputs[lane] ? make_root(run, plan, std::move(*inputs[lane]), context) : std::unexpected(std::move(inputs[lane]).error());
    if (!frame) {
      done(lane, RunResult{std::unexpected(std::move(frame).error()), {}});
      continue;
    }
    engine->run_begins();
    (*frame)->draw = Random(first + lane).next();
    (*frame)->done_root = [done, lane](RunResult result) { done(lane, std::move(result)); };
    frames.push_back(*frame);
  }
  if (!frames.empty()) {
    run.begin(false);
    for (Frame* frame : frames) run.start_root(*frame);
    engine->post(run);
  }
  run.drop();
}

RunResult simulate(Executor& executor, VirtualClock& clock, std::shared_ptr<const Plan> plan, Value input, Context context,
                   RunOptions options) {
  std::mutex mutex;
  std::optional<RunResult> result;
  std::stop_source stop;
  const std::stop_callback outer(context.stop(), [&stop] { stop.request_stop(); });
  executor.start(std::move(plan), std::move(input), context.with_stop(stop.get_token()), options, [&](RunResult given) {
    const std::lock_guard lock(mutex);
    result = std::move(given);
  });
  for (;;) {
    executor.settle();
    {
      const std::lock_guard lock(mutex);
      if (result) return std::move(*result);
    }
    if (!clock.step()) stop.request_stop();
  }
}

}  // namespace thalweg
