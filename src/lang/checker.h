#pragma once
// Resolves names to slots and functions, infers types, finds what the parser cannot know is wrong.

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lang/function.h"
#include "lang/guards.h"
#include "lang/node.h"
#include "lang/source.h"

namespace thalweg::lang {

/// The variables that macros, loops and `set` have brought into sight; the innermost is last.
class Locals {
 public:
  std::uint32_t add(std::string name, Type type) {
    visible_.push_back({std::move(name), std::move(type), next_});
    most_ = std::max(most_, next_ + 1);
    return next_++;
  }
  /// Forgets the innermost `count`; their slots are used again.
  void drop(std::size_t count) {
    visible_.resize(visible_.size() - count);
    next_ -= static_cast<std::uint32_t>(count);
  }
  [[nodiscard]] Variable* find(std::string_view name) noexcept {
    for (auto at = visible_.rbegin(); at != visible_.rend(); ++at) {
      if (at->name == name) return &*at;
    }
    return nullptr;
  }
  [[nodiscard]] const std::vector<Variable>& visible() const noexcept { return visible_; }
  [[nodiscard]] std::uint32_t most() const noexcept { return most_; }

 private:
  std::vector<Variable> visible_;
  std::uint32_t next_ = 0;
  std::uint32_t most_ = 0;
};

/// Binds type variables of one call.
using Bindings = std::unordered_map<std::string, Type>;
/// Whether `actual` fits `expected`, binding type variables on the way. Absence is not looked at: it shows at run time.
[[nodiscard]] bool unify(const Type& expected, const Type& actual, Bindings& bindings);
[[nodiscard]] Type substitute(const Type& type, const Bindings& bindings);

class Checker {
 public:
  Checker(const Scope& scope, const CompileOptions& options, Locals& locals, Problems& problems, Program& program)
      : scope_(scope), options_(options), locals_(locals), problems_(problems), program_(program) {}

  /// Resolves the tree and gives its type to every node. What the tree asks for (has(a.b), a.b != null, a.b == null) counts as
  /// there in it, and in the trees checked after it.
  void check_whole(Node& root) {
    find_tested(root, true, tested_);
    check(root);
  }

 private:
  void check(Node& node);
  bool needs_value(const Node& node, std::string_view what);

  template <class... Args>
  void problem(const Node& node, fmt::format_string<Args...> format, Args&&... args) {
    if (options_.checked) problems_.add(node.offset, format, std::forward<Args>(args)...);
  }
  void check_children(Node& node);
  void chain(Node& node);
  bool resolve_chain(const std::vector<Node*>& links);
  void resolved(Node& node, Op op, std::uint32_t slot, Type type);
  void unknown(Node& node);
  void select(Node& node);
  void has_field(Node& node);
  void index(Node& node);
  void list(Node& node);
  void map(Node& node);
  void call(Node& node);
  void impossible(Node& node, std::string message);
  void overload(Node& node, const Function& function);
  void operands(Node& node, std::string_view name);
  void compare(Node& node);
  void member_of(Node& node);
  void boolean(const Node& node, std::string_view what);
  void conditional(Node& node);
  void loop(Node& node);
  void bind(Node& node);
  void fallback(Node& node);
  void pattern(Node& node);
  void fold(Node& node);
  void refer(const Node& variable, const std::vector<Node*>& links, std::size_t from);
  [[nodiscard]] std::vector<std::string> candidates(const std::string& name, bool root) const;

  const Scope& scope_;
  const CompileOptions& options_;
  Locals& locals_;
  Problems& problems_;
  Program& program_;
  const Node* unfolded_ = nullptr;   ///< the field that has() asks for: it must stay a field
  std::vector<std::string> tested_;  ///< paths that were asked for
  int guards_ = 0;                   ///< how many has() and default() we are inside of
};

/// The value of a type's name ("int", "google.protobuf.Timestamp"), or null when it names none.
[[nodiscard]] Value type_named(std::string_view name);

}  // namespace thalweg::lang
