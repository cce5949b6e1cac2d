#include "lang/parser.h"

#include <algorithm>
#include <array>

#include "base/error.h"

namespace thalweg::lang {

namespace {
constexpr int kDeepestNesting = 250;  // of parentheses and the like: each costs several frames of this parser
constexpr std::size_t kMostParts = 100'000;

constexpr std::array<std::string_view, 18> kReserved{"as",        "break",  "const",  "continue", "else",  "for",
                                                     "function",  "if",     "import", "let",      "loop",  "package",
                                                     "namespace", "return", "var",    "void",     "while", "in"};

struct Binary {
  std::string_view symbol;
  Op op;
  int strength;
};
constexpr std::array<Binary, 14> kBinary{{{"||", Op::or_any, 1},
                                          {"&&", Op::and_all, 2},
                                          {"==", Op::equal, 3},
                                          {"!=", Op::unequal, 3},
                                          {"<", Op::less, 3},
                                          {"<=", Op::less_equal, 3},
                                          {">", Op::greater, 3},
                                          {">=", Op::greater_equal, 3},
                                          {"in", Op::in, 3},
                                          {"+", Op::add, 4},
                                          {"-", Op::subtract, 4},
                                          {"*", Op::multiply, 5},
                                          {"/", Op::divide, 5},
                                          {"%", Op::remainder, 5}}};

// Counts a level of nesting as long as it lives.
class Level {
 public:
  explicit Level(int& depth) : depth_(depth) { ++depth_; }
  ~Level() { --depth_; }
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;

 private:
  int& depth_;
};
}  // namespace

Parser::Parser(std::string_view source, std::size_t start, bool in_template, Nodes& nodes, Problems& problems)
    : source_(source), in_template_(in_template), lexer_(source, start, in_template), nodes_(nodes), problems_(problems) {
  advance();
}

Node* Parser::make(Op op, std::size_t offset, std::vector<Node*> children) {
  Node& node = nodes_.emplace_back();
  node.op = op;
  node.offset = offset;
  for (const Node* child : children) node.height = std::max(node.height, child->height + 1);
  node.children = std::move(children);
  if (node.height > kDeepestTree)
    return wrong(offset, fmt::format("the expression is nested more than {} levels deep", kDeepestTree));
  return &node;
}

Node* Parser::wrong(std::size_t offset, std::string message) {
  if (problems_.empty() || problems_.found().back().message != message) problems_.add_text(offset, std::move(message));
  return nullptr;
}

Node* Parser::unexpected(std::string_view wanted) {
  switch (token_.kind) {
    case Token::Kind::wrong:
      return wrong(token_.offset, token_.text);
    case Token::Kind::end:
    case Token::Kind::close_tag:
      return wrong(token_.offset, fmt::format("the expression ends where {} is expected", wanted));
    default:
      return wrong(token_.offset,
                   fmt::format("'{}' stands where {} is expected", source_.substr(token_.offset, token_.size), wanted));
  }
}

bool Parser::take(std::string_view symbol) {
  if (!token_.is(symbol)) return false;
  advance();
  return true;
}

bool Parser::expect(std::string_view symbol) {
  if (take(symbol)) return true;
  unexpected(fmt::format("'{}'", symbol));
  return false;
}

bool Parser::assignment() {
  if (source_.substr(token_.offset, 1) != "=" || source_.substr(token_.offset, 2) == "==") {
    unexpected("'='");
    return false;
  }
  lexer_ = Lexer(source_, token_.offset + 1, true);
  advance();
  return true;
}

std::string Parser::name(std::string_view what) {
  if (token_.kind != Token::Kind::name) {
    unexpected(what);
    return {};
  }
  const bool of_template = in_template_ && token_.text == "loop";
  if (!of_template && std::ranges::find(kReserved, token_.text) != kReserved.end()) {
    wrong(token_.offset, fmt::format("'{}' is a reserved word", token_.text));
    return {};
  }
  std::string text = token_.text;
  advance();
  return text;
}

Node* Parser::expression() {
  const Level level(depth_);
  if (depth_ > kDeepestNesting) return wrong(token_.offset, fmt::format("nested more than {} levels deep", kDeepestNesting));
  return ternary();
}

Node* Parser::ternary() {
  // a ? b : c ? d : e is a chain, not a nesting: its conditions and branches are read in a loop.
  std::vector<std::pair<Node*, Node*>> arms;
  std::vector<std::size_t> offsets;
  Node* last = nullptr;
  while (true) {
    last = binary(1);
    if (last == nullptr) return nullptr;
    if (!token_.is("?")) break;
    offsets.push_back(token_.offset);
    advance();
    Node* branch = nullptr;
    {
      const Level level(depth_);
      if (depth_ > kDeepestNesting) return wrong(token_.offset, fmt::format("nested more than {} levels deep", kDeepestNesting));
      branch = binary(1);  // CEL's grammar: no bare conditional between ? and :
      if (branch != nullptr && token_.is("?")) return unexpected("':' (put the inner condition in parentheses)");
    }
    if (branch == nullptr || !expect(":")) return nullptr;
    arms.emplace_back(last, branch);
  }
  while (!arms.empty()) {
    last = make(Op::conditional, offsets.back(), {arms.back().first, arms.back().second, last});
    if (last == nullptr) return nullptr;
    arms.pop_back();
    offsets.pop_back();
  }
  return last;
}

Node* Parser::chain(Op op, Node* left, Node* right, std::size_t offset) {
  if ((op == Op::and_all || op == Op::or_any) && left->op == op && left->name.empty()) {
    left->children.push_back(right);
    left->height = std::max(left->height, right->height + 1);
    return left;
  }
  return make(op, offset, {left, right});
}

Node* Parser::binary(int least) {
  Node* left = unary();
  while (left != nullptr && token_.kind == Token::Kind::symbol) {
    const auto found = std::ranges::find(kBinary, std::string_view(token_.text), &Binary::symbol);
    if (found == kBinary.end() || found->strength < least) break;
    const std::size_t offset = token_.offset;
    advance();
    Node* right = binary(found->strength + 1);
    if (right == nullptr) return nullptr;
    left = chain(found->op, left, right, offset);
  }
  if (left != nullptr && token_.kind == Token::Kind::wrong) return unexpected("an operator");
  return left;
}

Node* Parser::unary() {
  std::vector<std::size_t> offsets;
  const bool invert = token_.is("!");
  const std::string_view symbol = invert ? "!" : "-";
  while (token_.is(symbol)) {
    offsets.push_back(token_.offset);
    advance();
    if (offsets.size() > kMostParts) return wrong(token_.offset, "too many operators in a row");
  }
  Node* operand = nullptr;
  const bool literal = token_.kind == Token::Kind::literal;
  if (!offsets.empty() && !invert && literal && (token_.value.is_int() || token_.value.is_real() || token_.huge_int) &&
      (token_.huge_int || token_.offset == offsets.back() + 1)) {
    // The minus belongs to the number, so that the smallest int can be written.
    if (token_.huge_int) {
      token_.value = Value(INT64_MIN);
    } else {
      token_.value = token_.value.is_int() ? Value(-token_.value.as_int()) : Value(-token_.value.as_real());
    }
    token_.huge_int = false;
    offsets.pop_back();
  }
  operand = member();
  // Pairs of signs are kept: each may be an error on a wrong operand. Only the depth is bounded.
  while (operand != nullptr && !offsets.empty()) {
    operand = make(invert ? Op::invert : Op::negate, offsets.back(), {operand});
    offsets.pop_back();
  }
  return operand;
}

Node* Parser::member() {
  Node* target = primary();
  while (target != nullptr) {
    if (token_.is(".")) {
      target = field_of(target);
    } else if (token_.is("[")) {
      target = index_of(target);
    } else if (token_.is("{") && (target->op == Op::name || target->op == Op::select)) {
      return wrong(target->offset,
                   fmt::format("there are no message types; for a map write {{'{}': ...}} without a name", target->name));
    } else {
      break;
    }
  }
  return target;
}

Node* Parser::field_of(Node* target) {
  advance();
  const bool optional = take("?");
  if (token_.kind != Token::Kind::name && token_.kind != Token::Kind::quoted_name && !token_.is("in") &&
      !(token_.kind == Token::Kind::literal && (token_.text == "true" || token_.text == "false" || token_.text == "null"))) {
    return unexpected("a field name");
  }
  if (token_.is("in") || token_.kind == Token::Kind::literal) {
    return wrong(token_.offset, fmt::format("'{0}' is a reserved word; as a field write ['{0}'] or `{0}`", token_.text));
  }
  const bool quoted = token_.kind == Token::Kind::quoted_name;
  const std::size_t offset = token_.offset;
  std::string name = token_.text;
  advance();
  if (!optional && !quoted && token_.is("(")) {
    const Level level(depth_);
    advance();
    std::vector<Node*> all;
    if (!arguments(all, ")")) return nullptr;
    return call(std::move(name), target, std::move(all), offset);
  }
  Node* node = make(optional ? Op::opt_select : Op::select, offset, {target});
  if (node == nullptr) return nullptr;
  node->name = std::move(name);
  node->value = Value(node->name);
  node->root = quoted;  // a quoted field is never part of a dotted name
  return node;
}

Node* Parser::index_of(Node* target) {
  const std::size_t offset = token_.offset;
  advance();
  const bool optional = take("?");
  Node* key = expression();
  if (key == nullptr || !expect("]")) return nullptr;
  return make(optional ? Op::opt_index : Op::index, offset, {target, key});
}

bool Parser::arguments(std::vector<Node*>& into, std::string_view close) {
  if (take(close)) return true;
  do {
    Node* argument = expression();
    if (argument == nullptr) return false;
    into.push_back(argument);
  } while (take(","));
  return expect(close);
}

Node* Parser::primary() {
  const std::size_t offset = token_.offset;
  if (token_.kind == Token::Kind::literal) {
    if (token_.huge_int) return wrong(offset, "9223372036854775808 is too large for an int");
    Node* node = make(Op::constant, offset);
    node->value = token_.value;
    advance();
    return node;
  }
  if (take("(")) {
    Node* inside = expression();
    if (inside == nullptr || !expect(")")) return nullptr;
    if (inside->op == Op::and_all || inside->op == Op::or_any)
      inside->name = "()";  // a group of its own, not part of a longer chain
    if (inside->op == Op::name || inside->op == Op::select) {
      // Parentheses end a dotted name: (a.b).c is the field c of a.b.
      inside->second_name = "()";
    }
    return inside;
  }
  if (token_.is("[")) return list_literal();
  if (token_.is("{")) return map_literal();
  const bool root = take(".");
  const std::size_t start = token_.offset;
  if (token_.kind != Token::Kind::name) return unexpected("a value");
  std::string text = name("a value");
  if (text.empty()) return nullptr;
  if (token_.is("(")) {
    const Level level(depth_);
    advance();
    std::vector<Node*> all;
    if (!arguments(all, ")")) return nullptr;
    return call(std::move(text), nullptr, std::move(all), start);
  }
  Node* node = make(Op::name, start);
  node->name = std::move(text);
  node->root = root;
  return node;
}

Node* Parser::list_literal() {
  const std::size_t offset = token_.offset;
  advance();
  std::vector<Node*> items;
  std::vector<bool> optional;
  while (!take("]")) {
    optional.push_back(take("?"));
    Node* item = expression();
    if (item == nullptr) return nullptr;
    items.push_back(item);
    if (take(",")) continue;
    if (!expect("]")) return nullptr;
    break;
  }
  Node* node = make(Op::list, offset, std::move(items));
  if (node != nullptr && std::ranges::find(optional, true) != optional.end()) node->optional_parts = std::move(optional);
  return node;
}

Node* Parser::map_literal() {
  const std::size_t offset = token_.offset;
  advance();
  std::vector<Node*> parts;
  std::vector<bool> optional;
  while (!take("}")) {
    optional.push_back(take("?"));
    Node* key = expression();
    if (key == nullptr || !expect(":")) return nullptr;
    Node* value = expression();
    if (value == nullptr) return nullptr;
    parts.push_back(key);
    parts.push_back(value);
    if (take(",")) continue;
    if (!expect("}")) return nullptr;
    break;
  }
  Node* node = make(Op::map, offset, std::move(parts));
  if (node != nullptr && std::ranges::find(optional, true) != optional.end()) node->optional_parts = std::move(optional);
  return node;
}

}  // namespace thalweg::lang
