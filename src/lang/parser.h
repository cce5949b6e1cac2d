#pragma once
// From tokens to a tree.

#include <string>
#include <string_view>
#include <vector>

#include "lang/lexer.h"
#include "lang/node.h"
#include "lang/source.h"

namespace thalweg::lang {

/// Parses one expression by precedence climbing. After a problem was added the tree is not to be used.
class Parser {
 public:
  Parser(std::string_view source, std::size_t start, bool in_template, Nodes& nodes, Problems& problems);

  /// The expression from here to the first token that does not belong to it; null pointer after a problem.
  Node* expression();
  /// The token behind what was read.
  [[nodiscard]] const Token& token() const noexcept { return token_; }
  /// A name (of a loop variable or `set`), or "" and a problem.
  std::string name(std::string_view what);
  bool take(std::string_view symbol);
  /// The single '=' of a template's `set`, which no expression knows; false (and a problem) when it is not there.
  bool assignment();
  void advance() { token_ = lexer_.next(); }

 private:
  Node* make(Op op, std::size_t offset, std::vector<Node*> children = {});
  Node* wrong(std::size_t offset, std::string message);
  Node* unexpected(std::string_view wanted);
  bool expect(std::string_view symbol);

  Node* ternary();
  Node* binary(int least);
  Node* unary();
  Node* member();
  Node* field_of(Node* target);
  Node* index_of(Node* target);
  Node* primary();
  Node* list_literal();
  Node* map_literal();
  bool arguments(std::vector<Node*>& into, std::string_view close);
  Node* chain(Op op, Node* left, Node* right, std::size_t offset);

  // macros.cpp
  Node* call(std::string name, Node* target, std::vector<Node*> arguments, std::size_t offset);
  Node* has_macro(const std::vector<Node*>& arguments, std::size_t offset);
  Node* cel_macro(std::string_view name, const std::vector<Node*>& arguments, std::size_t offset);
  Node* block_macro(const std::vector<Node*>& arguments, std::size_t offset);
  Node* bind_macro(const std::vector<Node*>& arguments, std::size_t offset);
  Node* sort_macro(Node* target, const std::vector<Node*>& arguments, std::size_t offset);
  Node* loop_macro(std::string_view name, Node* target, const std::vector<Node*>& arguments, std::size_t offset);

  std::string_view source_;
  bool in_template_;
  Lexer lexer_;
  Nodes& nodes_;
  Problems& problems_;
  Token token_;
  int depth_ = 0;
};

}  // namespace thalweg::lang
