#pragma once
// What a stage is: one contract, and one of two bodies.

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "lang/expression.h"
#include "lang/type.h"
#include "thalweg/context.h"
#include "thalweg/value.h"

namespace thalweg {

using lang::Expression;
using lang::Type;

class Plan;
class Call;

/// How a field of `with` reaches the stage.
enum class Binding : std::uint8_t {
  value,       ///< templates inside it are evaluated for every call; read it by Call::argument
  constant,    ///< a literal, known when the plan is made; read it by Configuration::constant
  expression,  ///< an expression over the pipeline's variables and the field's own locals; run it by Call::evaluate
  pipeline,    ///< a list of stages of its own (or {stages, output}; only an output is a plain value), run by Call::nested
  cases,  ///< a list of {when: expression, then: pipeline}, the last one may have no `when`; Call::nested runs the first that
          ///< holds
};

/// A variable that only the expression or pipeline of one field sees.
struct Local {
  std::string name;
  Type type;
  std::string element_of;  ///< not empty: an element of that list field, so its type is taken from there
};

/// One field of `with`.
struct Field {
  std::string name;
  Type type;
  std::string description;
  Binding binding = Binding::value;
  bool required = true;
  std::optional<Value> fallback{};  ///< the default; shown by `thalweg stages`
  std::vector<Local> locals{};      ///< expression, pipeline: extra variables (item, index, ...)
  /// What the JSON Schema can say beyond the type, so that editors know it too: {enum: [...]}, {minimum: 1}. The factory checks
  /// it.
  Value limits = Value::map();
};

class Configuration;

/// Everything the world knows about a stage: help, checks, schema and docs are all made from it.
struct Contract {
  std::string name;
  std::string version;      ///< part of cache and ledger keys: raise it when results change
  std::string summary;      ///< one line
  std::string description;  ///< a paragraph: rules, errors
  std::string example;      ///< a runnable definition in YAML
  std::vector<Field> fields{};
  bool open_fields = false;  ///< further fields of any name are allowed; they reach the stage as one map, its last argument
  Type output;
  /// When the output type depends on the configuration (the type of an expression, a called pipeline's output).
  std::function<Type(const Configuration&)> output_of{};
  bool waits = false;         ///< has the body `start`, else `run`
  bool deterministic = true;  ///< the same arguments give the same result: may be cached
  bool effects = false;       ///< does something besides its output (log, assert, ...): nothing need use the output
};

/// What the planner settled about one stage of one pipeline, by field name.
class Configuration {
 public:
  virtual ~Configuration() = default;
  [[nodiscard]] virtual const Value* constant(std::string_view field) const = 0;  ///< null pointer when absent
  /// Of a value or expression, of the output of a pipeline or of all cases; dyn when unknown. "": all open fields as one object.
  [[nodiscard]] virtual Type type(std::string_view field) const = 0;
  [[nodiscard]] virtual const Plan* pipeline(std::string_view field) const = 0;
  [[nodiscard]] virtual bool given(std::string_view field) const = 0;
  /// Another pipeline by name or path, as CompileOptions::load finds it (`call`). Errors: not_found, its own problems, a cycle.
  [[nodiscard]] virtual Result<std::shared_ptr<const Plan>> load(std::string_view pipeline) const = 0;
};

/// One call of a stage, finished exactly once: by a computing stage inside run(), by a waiting one later, from any thread. A
/// waiting stage holds it by CallRef; what it does after its time is up (deadline, timeout, stop) is ignored and harmless.
class Call {
 public:
  Call() = default;
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  virtual ~Call() = default;

  /// Deadline and stop of this very attempt. Valid as long as the call; don't keep a copy beyond finish().
  [[nodiscard]] const Context& context() const noexcept { return *context_; }
  /// The evaluated `value` fields, in the contract's order (null value when optional and not given; slots of other bindings are
  /// null).
  [[nodiscard]] std::span<const Value> arguments() const noexcept { return arguments_; }
  [[nodiscard]] const Value& argument(std::size_t field) const noexcept { return arguments_[field]; }
  /// Moves an argument out, so that a uniquely owned value is changed in place.
  [[nodiscard]] Value take(std::size_t field) noexcept { return std::move(arguments_[field]); }

  /// Runs the expression in `field` with its locals, in the order the contract declares them.
  [[nodiscard]] virtual Result<Value> evaluate(std::size_t field, std::span<const Value> locals) = 0;
  /// Runs the nested pipeline in `field`, `done` from any thread. Its stages appear in the report below this one. Of cases the
  /// first that holds is run; the result is null when none does.
  virtual void nested(std::size_t field, std::vector<Value> locals, std::move_only_function<void(Result<Value>)> done) = 0;
  /// Runs another plan (call) with `input`, in the same run: deadline, stop, budget and report carry on.
  virtual void invoke(std::shared_ptr<const Plan> plan, Value input, std::move_only_function<void(Result<Value>)> done) = 0;

  /// A stage whose field is a stream<T> is run again and again: with the items that have come since, the last time with ended(),
  /// when it must finish (it may do so earlier: the rest is dropped). A waiting stage asks for the next ones by more().
  [[nodiscard]] virtual std::span<Value> items() noexcept = 0;
  [[nodiscard]] virtual bool ended() const noexcept = 0;
  /// A waiting stage is done with its items: start() comes again, with the next ones.
  virtual void more() = 0;
  /// What such a stage keeps from one run() to the next; made by the first one. Freed with the call.
  [[nodiscard]] std::shared_ptr<void>& state() noexcept { return state_; }

  /// Hands one item of a stream<T> output on. Returns false when the channel is full: a computing stage may go on (its consumers
  /// are then run first), a waiting one asks to be told by when_room(). After finish() it is an error of the stage (internal).
  virtual bool emit(Value item) = 0;
  virtual void when_room(std::move_only_function<void()> resume) = 0;

  /// For progress displays: `done` of `total` (0: unknown) of `unit` ("passages").
  virtual void progress(std::int64_t done, std::int64_t total, std::string_view unit) = 0;

  /// For a waiting stage whose own threads compute until it finishes: while this is held, virtual time (`thalweg test`) stands
  /// still. Whoever waits for a timer or for others' answers does not hold it.
  [[nodiscard]] virtual std::shared_ptr<const void> working() = 0;

  /// Ends the call. For a stream<T> output the value given is ignored: it is the list of the items where somebody needs it.
  virtual void finish(Result<Value> result) = 0;

 protected:
  friend class CallRef;
  virtual void retain() noexcept = 0;
  virtual void release() noexcept = 0;

  const Context* context_ = nullptr;
  std::span<Value> arguments_;
  std::shared_ptr<void> state_;
};

/// Holds a call for as long as a waiting stage works on it. Copies hold the same call. When the last one goes before finish(),
/// the call fails (internal), so that a forgotten call never hangs a run.
class CallRef {
 public:
  CallRef() = default;
  explicit CallRef(Call& call) noexcept : call_(&call) { call_->retain(); }
  CallRef(const CallRef& other) noexcept : call_(other.call_) {
    if (call_ != nullptr) call_->retain();
  }
  CallRef(CallRef&& other) noexcept : call_(std::exchange(other.call_, nullptr)) {}
  CallRef& operator=(CallRef other) noexcept {
    std::swap(call_, other.call_);
    return *this;
  }
  ~CallRef() {
    if (call_ != nullptr) call_->release();
  }
  [[nodiscard]] Call* operator->() const noexcept { return call_; }
  [[nodiscard]] Call& operator*() const noexcept { return *call_; }
  [[nodiscard]] explicit operator bool() const noexcept { return call_ != nullptr; }

 private:
  Call* call_ = nullptr;
};

/// The body of a stage; made once a plan, used by many runs at once (const: what a run needs to keep is in Call::state).
class Stage {
 public:
  virtual ~Stage() = default;
  /// For what only computes: works each call off and finishes it. A single call is a span of one.
  virtual void run(std::span<Call*> calls) const;
  /// For what waits: returns soon, finishes later:  client.get(url, [call](auto answer) { call->finish(std::move(answer)); });
  /// Should finish early when context().stop() is asked (std::stop_callback); else it is left behind.
  virtual void start(CallRef call) const;
  /// What decides the result beside the arguments, such as the files behind a model's name: joins the key of the field `cache`
  /// where the definition gives no key of its own. Null: nothing does. May read files. Its error is the stage's.
  [[nodiscard]] virtual Result<Value> depends_on(std::span<const Value> arguments) const;
};

/// A stage from a plain function of one call: the usual way to write a computing one.
[[nodiscard]] std::unique_ptr<Stage> stage_of(std::move_only_function<Result<Value>(Call&) const> body);

/// What can be used in a pipeline. Filled by each folder's `void register_stages(Catalog&)`, then only read.
class Catalog {
 public:
  using Make = std::function<Result<std::unique_ptr<Stage>>(const Configuration&)>;
  struct Kind {
    Contract contract;
    Make make;
  };
  Catalog() = default;
  /// With those of `below` where this one has none of a name; that must outlive it.
  explicit Catalog(const Catalog* below) : below_(below) {}
  void add(Contract contract, Make make);
  [[nodiscard]] const Kind* find(std::string_view name) const noexcept;
  [[nodiscard]] std::vector<std::string_view> names() const;  ///< sorted

 private:
  const Catalog* below_ = nullptr;
  std::vector<std::unique_ptr<Kind>> kinds_;  // sorted by name
};

}  // namespace thalweg
