#pragma once
// Functions of the language: their signatures, and how they are called.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lang/machine.h"
#include "lang/node.h"
#include "lang/type.h"

namespace thalweg::lang {

/// One call of a function: looks at its arguments and either gives a value or fails.
class Call {
 public:
  Call(Machine& machine, const Node& node, std::span<const Value* const> arguments, Value& out)
      : machine_(machine), node_(node), arguments_(arguments), out_(out) {}

  [[nodiscard]] std::size_t size() const noexcept { return arguments_.size(); }
  const Value& operator[](std::size_t index) const noexcept { return *arguments_[index]; }
  [[nodiscard]] const Node& node() const noexcept { return node_; }
  [[nodiscard]] Machine& machine() noexcept { return machine_; }

  bool give(Value value) {
    out_ = std::move(value);
    return true;
  }
  template <class... Args>
  bool fail(Code code, fmt::format_string<Args...> format, Args&&... args) {
    return machine_.fail(node_, code, fmt::format(format, std::forward<Args>(args)...)) != nullptr;
  }
  /// "no matching overload for 'size' applied to (int)".
  bool no_overload();
  /// Work in proportion to `bytes` read or written.
  bool charge(std::size_t bytes) { return machine_.charge(node_, bytes / 16); }

 private:
  Machine& machine_;
  const Node& node_;
  std::span<const Value* const> arguments_;
  Value& out_;
};

/// A function as its family lists it.
struct FunctionEntry {
  std::string_view name;  ///< with its namespace: "math.abs"
  bool receiver;          ///< called x.f(y)
  /// "(string, int) -> string; (string, int, int) -> string"; the receiver is the first; A and B are type variables; a last
  /// parameter "..." takes any number of any further arguments.
  std::string_view signatures;
  bool (*run)(Call&);  ///< chooses by the kinds of its arguments; null for operators, which the machine does itself
};

struct Signature {
  std::vector<Type> parameters;
  Type result;
  bool open = false;  ///< any number of further arguments
};

struct Function {
  std::string_view name;
  bool receiver = false;
  bool (*run)(Call&) = nullptr;
  std::vector<Signature> signatures;

  [[nodiscard]] bool takes(std::size_t arguments) const noexcept;
};

// One span for each family of functions.
[[nodiscard]] std::span<const FunctionEntry> operator_functions() noexcept;
[[nodiscard]] std::span<const FunctionEntry> basic_functions() noexcept;
[[nodiscard]] std::span<const FunctionEntry> conversion_functions() noexcept;
[[nodiscard]] std::span<const FunctionEntry> string_functions() noexcept;
[[nodiscard]] std::span<const FunctionEntry> text_functions() noexcept;
[[nodiscard]] std::span<const FunctionEntry> time_functions() noexcept;
[[nodiscard]] std::span<const FunctionEntry> math_functions() noexcept;
[[nodiscard]] std::span<const FunctionEntry> list_functions() noexcept;
[[nodiscard]] std::span<const FunctionEntry> optional_functions() noexcept;

/// The function of that name and call style, or null pointer.
[[nodiscard]] const Function* find_function(std::string_view name, bool receiver) noexcept;
/// The known function names nearest to `name`: for messages.
[[nodiscard]] std::string nearest_function(std::string_view name, bool receiver);

}  // namespace thalweg::lang
