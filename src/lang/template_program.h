#pragma once
// A compiled template: pieces of text and tags.

#include <string>
#include <vector>

#include "lang/machine.h"
#include "lang/node.h"
#include "lang/template.h"

namespace thalweg::lang {

struct Piece;
using Pieces = std::vector<Piece>;

/// `if`'s arms and `for`'s body and else; a null condition always holds.
struct Branch {
  const Node* condition = nullptr;
  Pieces body;
};

struct Piece {
  enum class Kind : std::uint8_t { text, value, choice, loop, set };
  Kind kind = Kind::text;
  std::string text;
  const Node* expression = nullptr;  ///< value, loop's range, set
  std::vector<Branch> branches;      ///< choice: its arms; loop: body and, perhaps, else
  std::uint32_t slot = 0;            ///< loop: the first variable, then the second, then `loop`; set
  bool two_variables = false;
  bool uses_loop = false;                         ///< the body names `loop`
  std::uint32_t first_inner = 0, last_inner = 0;  ///< loop: the slots that its body sets, forgotten at each step
};

struct TemplateProgram {
  Program program;  ///< the nodes and references of all expressions
  Pieces pieces;
  bool lone = false;
  bool has_constant = false;
  Type type;
  Value constant;
};

/// Renders pieces into `out`; false after a fault.
class Renderer {
 public:
  Renderer(Machine& machine, std::uint32_t locals, std::string& out) : machine_(machine), held_(locals), out_(out) {}
  [[nodiscard]] bool render(const Pieces& pieces);

 private:
  bool print(const Node& node, const Value& value);
  bool choice(const Piece& piece);
  bool loop(const Piece& piece);
  bool steps(const Piece& piece, const Value& range);

  Machine& machine_;
  std::vector<Value> held_;  ///< what `set` has set
  std::string& out_;
};

}  // namespace thalweg::lang
