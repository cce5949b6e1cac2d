#pragma once
// The variables that an expression may name.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lang/type.h"

namespace thalweg::lang {

/// A variable of the outside: its value stands in `Frame::slots[slot]`.
struct Variable {
  std::string name;  ///< may be dotted: `a.b.c` is one name, and found before the field `c` of `a.b`
  Type type;
  std::uint32_t slot = 0;
};

/// The names visible to an expression, each with the slot its value will stand in. Copy it to add names for an inner place.
class Scope {
 public:
  /// Adds a name and gives its slot (the next free one). A name added again hides the earlier one.
  std::uint32_t add(std::string name, Type type = {}) {
    variables_.push_back({std::move(name), std::move(type), slots_});
    return slots_++;
  }
  /// A name whose type is known only after others were compiled. Precondition: a slot that add() gave.
  void set_type(std::uint32_t slot, Type type) {
    for (Variable& variable : variables_) {
      if (variable.slot == slot) {
        variable.type = std::move(type);
        return;
      }
    }
  }
  [[nodiscard]] const Variable* find(std::string_view name) const noexcept {
    for (auto at = variables_.rbegin(); at != variables_.rend(); ++at) {
      if (at->name == name) return &*at;
    }
    return nullptr;
  }
  [[nodiscard]] const std::vector<Variable>& variables() const noexcept { return variables_; }
  /// How many slots a frame for this scope needs.
  [[nodiscard]] std::uint32_t slots() const noexcept { return slots_; }

 private:
  std::vector<Variable> variables_;
  std::uint32_t slots_ = 0;
};

}  // namespace thalweg::lang
