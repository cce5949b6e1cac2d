#pragma once
// Walks a compiled tree over a frame.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lang/expression.h"
#include "lang/node.h"

namespace thalweg::lang {

/// Why an evaluation ended without a value.
struct Fault {
  Code code = Code::unknown;
  std::string message;
  std::size_t offset = 0;
  bool absent = false;  ///< an absent variable
};

struct LoopState;

/// One evaluation, or several that share their locals (a template's). Results are borrowed where that is possible: `eval` gives a
/// pointer either to `scratch` or to something that outlives the innermost enclosing loop step, and null after a fault.
class Machine {
 public:
  Machine(Frame& frame, std::uint32_t locals);
  ~Machine() { frame_.steps = steps_; }
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  [[nodiscard]] const Value* eval(const Node& node, Value& scratch);
  /// The same without a call for what is only looked up.
  [[nodiscard]] const Value* operand(const Node& node, Value& scratch) {
    if (node.op == Op::constant) return &node.value;
    if (node.op == Op::variable && node.slot < frame_.slots.size()) {
      if (const Value* value = frame_.slots[node.slot]) return value;
    }
    return eval(node, scratch);
  }

  /// Counts work; false (and a fault) when the limit is passed or the context says stop.
  [[nodiscard]] bool charge(const Node& node, std::uint64_t steps) {
    steps_ += steps;
    return steps_ < pause_at_ || pause(node);
  }
  std::nullptr_t fail(const Node& node, Code code, std::string message);
  [[nodiscard]] const Fault& fault() const noexcept { return *fault_; }
  /// Faults that no operator may swallow: the cost limit, a stop, the deadline.
  [[nodiscard]] bool fatal() const noexcept;
  [[nodiscard]] Error error(std::string_view source) const;

  void set_local(std::uint32_t slot, const Value* value) noexcept { locals_[slot] = value; }
  [[nodiscard]] const Frame& frame() const noexcept { return frame_; }

  /// CEL equality at a cost in proportion to what is compared; null pointer after a fault.
  [[nodiscard]] std::optional<bool> equal(const Node& node, const Value& a, const Value& b);
  /// The value counted out in full, shared parts as often as they are met; false when that passes the limit.
  [[nodiscard]] bool charge_size(const Node& node, const Value& value);

 private:
  [[nodiscard]] bool pause(const Node& node);
  const Value* variable(const Node& node);
  const Value* local(const Node& node);
  const Value* unknown(const Node& node);
  const Value* logic(const Node& node, Value& scratch, bool decisive);
  const Value* absorb(const Node& node, std::size_t from, Value& scratch, bool decisive);
  const Value* not_bool(const Node& node, std::string_view operation, const Value& value);
  const Value* select(const Node& node, Value& scratch);
  const Value* has_field(const Node& node, Value& scratch);
  const Value* index(const Node& node, Value& scratch);
  const Value* optional_part(const Node& node, Value& scratch);
  const Value* list(const Node& node, Value& scratch);
  const Value* map(const Node& node, Value& scratch);
  const Value* call(const Node& node, Value& scratch);
  const Value* conditional(const Node& node, Value& scratch);
  const Value* compare(const Node& node, Value& scratch);
  const Value* member_of(const Node& node, Value& scratch);
  const Value* arithmetic(const Node& node, Value& scratch);
  const Value* calculate(const Node& node, Value& a, const Value& left, const Value& right, Value& scratch);
  const Value* negate(const Node& node, Value& scratch);
  const Value* bind(const Node& node, Value& scratch);
  const Value* fallback(const Node& node, Value& scratch);
  const Value* loop(const Node& node, Value& scratch);  // loops.cpp
  bool loop_step(const Node& node, LoopState& state);
  const Value* optional_loop(const Node& node, Value& scratch);
  const Value* no_overload(const Node& node, std::string_view name, const Value& a, const Value* b = nullptr);

  Frame& frame_;
  std::uint64_t steps_;
  std::uint64_t pause_at_;
  std::array<const Value*, 6> few_locals_{};
  std::vector<const Value*> many_locals_;
  const Value** locals_ = few_locals_.data();
  std::optional<Fault> fault_;
};

/// What messages call the kind of a value: "int", "list", "timestamp", ...
[[nodiscard]] std::string_view kind_name(const Value& value) noexcept;

// The element of a list, map or float array under a key, or null pointer; `holder` keeps a made-up element.
[[nodiscard]] const Value* element_of(const Value& container, const Value& key, Value& holder);
/// A list index from an int, a uint or an integral double; nothing when it is none.
[[nodiscard]] std::optional<std::int64_t> index_of_key(const Value& key) noexcept;
/// A key that a map can hold or look for: integral doubles become ints.
[[nodiscard]] std::optional<Value> as_key(const Value& key) noexcept;

}  // namespace thalweg::lang
