#pragma once
// The tree of a compiled expression: what the parser makes, the checker resolves and the machine walks.

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lang/expression.h"
#include "lang/type.h"
#include "thalweg/value.h"

namespace re2 {
class RE2;
}

namespace thalweg::lang {

struct Function;

enum class Op : std::uint8_t {
  constant,
  variable,  ///< an outside variable: slot
  local,     ///< a variable of a macro, a loop or a `set`: slot
  now,
  unknown,  ///< a name nobody knows (unchecked): an error when evaluated
  name,     ///< as parsed; the checker makes one of the above of it
  select,   ///< field `name` (also in value) of the child
  has_field,
  index,
  list,
  map,      ///< children: key, value, key, value, ...
  call,     ///< function; with a receiver it is the first child
  and_all,  ///< any number of children
  or_any,
  invert,
  conditional,
  negate,
  equal,
  unequal,
  less,
  less_equal,
  greater,
  greater_equal,
  in,
  add,
  subtract,
  multiply,
  divide,
  remainder,
  loop,        ///< a macro over a list or map; children by LoopKind
  bind,        ///< cel.bind: children init, body; slot
  fallback,    ///< default(x, y)
  opt_select,  ///< x.?field
  opt_index,   ///< x[?key]
};

/// What a loop makes of its range. Children: range, then condition and/or transformation.
enum class LoopKind : std::uint8_t {
  all,
  exists,
  exists_one,
  filter,        ///< range, condition
  map,           ///< range, transformation
  map_filtered,  ///< range, condition, transformation
  to_map,        ///< transformMap: range, value
  to_map_filtered,
  to_map_entry,  ///< transformMapEntry: range, map of one entry
  to_map_entry_filtered,
  optional_map,  ///< optMap: target, transformation
  optional_flat_map,
};

struct Node {
  Op op = Op::constant;
  LoopKind loop = LoopKind::all;
  bool receiver = false;  ///< a call written x.f(...)
  bool root = false;      ///< a name with a leading dot
  bool two_variables = false;
  std::uint32_t slot = 0;    ///< variable or local; of a loop: its first variable, the second is slot + 1
  std::uint32_t height = 1;  ///< of the tree below, this node included
  std::size_t offset = 0;    ///< in the source, for messages
  std::vector<Node*> children;
  Value value;
  const Function* function = nullptr;
  std::shared_ptr<const re2::RE2> pattern;  ///< of a `matches` with a constant pattern
  std::string name;
  std::string second_name;
  std::vector<bool> optional_parts;  ///< [?x] and {?k: v}: which
  Type type;
};

/// Owns nodes; they stay where they are.
using Nodes = std::deque<Node>;

struct Program {
  std::string source;
  Nodes nodes;
  const Node* root = nullptr;
  std::vector<Reference> references;
  std::uint32_t locals = 0;
  bool uses_now = false;
  bool may_share = false;  ///< a value can stand in its result many times over: its size is checked
};

/// Deeper trees are refused, so that no walk can run out of stack.
inline constexpr std::uint32_t kDeepestTree = 300;

}  // namespace thalweg::lang
