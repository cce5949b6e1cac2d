#pragma once
// Compiles the values, templates and expressions of a definition against the names that are seen there.

#include <optional>
#include <vector>

#include "engine/checker.h"
#include "engine/plan.h"
#include "engine/types.h"
#include "lang/scope.h"

namespace thalweg {

/// One use of a variable.
struct Use {
  std::uint32_t slot = 0;
  bool guarded = false;  ///< inside has() or default(), or in a source that asks for it so elsewhere: absence is expected
  bool stream = false;   ///< taken item by item: the stage need not have ended
  const Node* node = nullptr;
  std::size_t offset = 0;  ///< in the node's string
};

/// What a part of a definition reads.
struct Uses {
  std::vector<Use> all;
  bool now = false;

  void add(std::span<const lang::Reference> references, bool uses_now, const Node& node);
  void add(const Uses& inner, std::uint32_t below);  ///< those of a nested pipeline, of slots below that
  void guard(std::uint32_t slot);                    ///< all uses of that slot are guarded from outside
};

struct TypedArgument {
  Argument argument;
  lang::Type type;
  Fit fit = Fit::yes;
};

/// Reports every problem; what it gives back then is usable for further checks (dyn).
class ArgumentCompiler {
 public:
  ArgumentCompiler(Checker& checker, const lang::Scope& scope, Uses& uses) : checker_(checker), scope_(scope), uses_(uses) {}

  /// A tree whose strings are templates.
  [[nodiscard]] TypedArgument value(const Node& node, const Path& path, const lang::Type& expected);
  /// A tree taken as it stands.
  [[nodiscard]] std::optional<Value> constant(const Node& node, const Path& path, const lang::Type& expected);
  [[nodiscard]] std::optional<lang::Expression> expression(const Node& node, const Path& path, const lang::Type& expected);
  /// An expression that the node does not write out itself (a default of the contract); problems are reported at `node`.
  [[nodiscard]] std::optional<lang::Expression> expression_text(std::string_view source, const Node& node, const Path& path,
                                                                const lang::Type& expected);

 private:
  TypedArgument tree(const Node& node, const Path& path, const lang::Type& expected, bool templates);
  TypedArgument scalar(const Node& node, const Path& path, const lang::Type& expected, bool templates);
  TypedArgument text(const Node& node, const Path& path, const lang::Type& expected);
  TypedArgument list(const Node& node, const Path& path, const lang::Type& expected, bool templates);
  TypedArgument map(const Node& node, const Path& path, const lang::Type& expected, bool templates);
  Value key(const Node::Member& member, const Path& path, const lang::Type& type);
  void mention(std::string_view source, const Node& node);
  void object_keys(const Node& node, const Path& path, const lang::Type& expected);

  Checker& checker_;
  const lang::Scope& scope_;
  Uses& uses_;
};

/// The slot of a template that is nothing but one variable.
[[nodiscard]] std::optional<std::uint32_t> lone_variable(const Template& text);

}  // namespace thalweg
