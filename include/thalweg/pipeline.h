#pragma once
// A built pipeline from one C++ type to another.

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "thalweg/codec.h"
#include "thalweg/context.h"
#include "thalweg/error.h"
#include "thalweg/report.h"
#include "thalweg/runtime.h"
#include "thalweg/sketch.h"
#include "thalweg/task.h"

namespace thalweg {

class Stage;

/// A result and what it took.
template <class Out>
struct Ran {
  Result<Out> output;
  Report report;
};

namespace detail {

struct Built;  // the plan, and what it needs

struct Ended {
  Result<Value> output;
  Report report;
};

[[nodiscard]] Result<std::shared_ptr<const Built>> build(const Runtime& runtime, std::string name, const Steps& steps,
                                                         std::string input, std::string output);
[[nodiscard]] Result<std::shared_ptr<const Built>> load(const Runtime& runtime, std::string text, std::string file,
                                                        std::string input, std::string output);
[[nodiscard]] Ended run(const Built& built, Result<Value> input, const Context& context);
[[nodiscard]] Ended simulate(const Built& built, Result<Value> input, const Context& context);
void start(const Built& built, Result<Value> input, const Context& context, std::move_only_function<void(Ended)> done);
void run_many(const Built& built, std::move_only_function<std::optional<Result<Value>>()> next, const Context& context,
              std::size_t jobs, std::size_t batch, std::move_only_function<void(std::size_t, Ended)> done);
[[nodiscard]] Result<std::string> definition(const Built& built);
/// Calls `visit` with every stage, those of nested pipelines too.
void each_stage(const Built& built, const std::function<void(const Stage&)>& visit);
[[nodiscard]] std::string_view name(const Built& built);
[[nodiscard]] Context context(const Built& built);
/// The error of a result that is not what the pipeline's type says.
[[nodiscard]] Error wrong_output(const Error& error);

template <class Out>
Result<Out> decode_output(const Result<Value>& output) {
  if (!output) return std::unexpected(output.error());
  auto decoded = decode<Out>(*output);
  if (!decoded) return std::unexpected(wrong_output(decoded.error()));
  return decoded;
}

}  // namespace detail

/// A pipeline that takes an In and gives an Out. Immutable: it may be run any number of times, by several threads at once. A
/// handle: copies are the same pipeline.
template <class In, class Out>
class Pipeline {
 public:
  /// From the text of a definition, whose stages may be the functions that the runtime knows. Errors: invalid_argument with every
  /// problem and its place; also when the definition does not take an In or does not give an Out.
  [[nodiscard]] static Result<Pipeline> load(std::string text, const Runtime& runtime, std::string file = "pipeline") {
    auto built = detail::load(runtime, std::move(text), std::move(file), detail::type_of<In>(), detail::type_of<Out>());
    if (!built) return std::unexpected(built.error());
    return Pipeline(std::move(*built));
  }

  [[nodiscard]] std::string_view name() const { return detail::name(*built_); }
  /// The definition in YAML. Errors: failed_precondition, when a function in it has no name; it tells the stage.
  [[nodiscard]] Result<std::string> definition() const { return detail::definition(*built_); }

  /// Calls `visit` with every stage, those of nested pipelines too: for who knows their types.
  void each_stage(const std::function<void(const Stage&)>& visit) const { detail::each_stage(*built_, visit); }

  /// A context without deadline on its runtime's clock.
  [[nodiscard]] Context context() const { return detail::context(*built_); }

  /// Runs it on the calling thread, which the runtime's threads help, to its end.
  [[nodiscard]] Result<Out> run(const In& input) const { return run(input, detail::context(*built_)); }
  [[nodiscard]] Result<Out> run(const In& input, const Context& context) const {
    return detail::decode_output<Out>(detail::run(*built_, detail::encode<In>(input), context).output);
  }
  [[nodiscard]] Ran<Out> run_with_report(const In& input) const { return run_with_report(input, detail::context(*built_)); }
  [[nodiscard]] Ran<Out> run_with_report(const In& input, const Context& context) const {
    detail::Ended ended = detail::run(*built_, detail::encode<In>(input), context);
    return {detail::decode_output<Out>(ended.output), std::move(ended.report)};
  }

  /// The same on a runtime whose clock is a VirtualClock: whenever nothing else moves, that jumps to its next timer. For tests.
  /// Errors: failed_precondition on another clock.
  [[nodiscard]] Ran<Out> simulate(const In& input) const { return simulate(input, detail::context(*built_)); }
  [[nodiscard]] Ran<Out> simulate(const In& input, const Context& context) const {
    detail::Ended ended = detail::simulate(*built_, detail::encode<In>(input), context);
    return {detail::decode_output<Out>(ended.output), std::move(ended.report)};
  }

  /// Begins a run and returns; `done` is called once, on one of the runtime's threads, or at once when the run cannot begin.
  void start(const In& input, const Context& context, std::move_only_function<void(Result<Out>)> done) const {
    detail::start(*built_, detail::encode<In>(input), context,
                  [done = std::move(done)](detail::Ended ended) mutable { done(detail::decode_output<Out>(ended.output)); });
  }
  /// Begins a run and gives a handle to wait for it.
  [[nodiscard]] Task<Out> fork(const In& input) const { return fork(input, detail::context(*built_)); }
  [[nodiscard]] Task<Out> fork(const In& input, const Context& context) const {
    Task<Out> task;
    auto both = std::make_shared<std::stop_callback<Stop>>(context.stop(), Stop{task.owner_->stop});
    start(input, context.with_stop(task.owner_->stop.get_token()),
          [state = task.state_, both = std::move(both)](Result<Out> result) mutable {
            both.reset();
            state->set(std::move(result));
          });
    return task;
  }

  struct Many {
    std::size_t jobs = 8;   ///< runs at once
    std::size_t batch = 1;  ///< runs that computing stages get together
  };
  /// Runs it on each input; the results stand in the inputs' order.
  [[nodiscard]] std::vector<Result<Out>> run_many(std::span<const In> inputs) const {
    return run_many(inputs, Many(), detail::context(*built_));
  }
  [[nodiscard]] std::vector<Result<Out>> run_many(std::span<const In> inputs, Many many, const Context& context) const {
    std::vector<Result<Out>> out;
    out.reserve(inputs.size());
    std::size_t next = 0;
    detail::run_many(
        *built_,
        [&]() -> std::optional<Result<Value>> {
          if (next == inputs.size()) return std::nullopt;
          return detail::encode<In>(inputs[next++]);
        },
        context, many.jobs, many.batch,
        [&](std::size_t, detail::Ended ended) { out.push_back(detail::decode_output<Out>(ended.output)); });
    return out;
  }

 private:
  template <class, class>
  friend class Pipe;
  struct Stop {
    std::stop_source source;
    void operator()() noexcept { source.request_stop(); }
  };
  explicit Pipeline(std::shared_ptr<const detail::Built> built) : built_(std::move(built)) {}
  std::shared_ptr<const detail::Built> built_;
};

}  // namespace thalweg
