#include "lang/expression.h"

#include "lang/checker.h"
#include "lang/machine.h"
#include "lang/optional.h"
#include "lang/parser.h"
#include "lang/text.h"

namespace thalweg::lang {

namespace {
constexpr std::size_t kLongestSource = 100'000;
constexpr std::uint64_t kConstantLimit = 10'000;

// A program without variables that ends soon is its value.
void make_constant(Program& program) {
  if (program.uses_now || !program.references.empty() || program.root->op == Op::constant) return;
  Frame frame{.cost_limit = kConstantLimit};
  Value holder;
  Machine machine(frame, program.locals);
  const Value* value = machine.eval(*program.root, holder);
  if (value == nullptr || is_optional(*value) || (program.may_share && !machine.charge_size(*program.root, *value))) return;
  Node& node = program.nodes.emplace_back();
  node.offset = program.root->offset;
  node.type = program.root->type;
  node.value = *value;
  program.root = &node;
}
}  // namespace

const Type& Expression::type() const noexcept { return program_->root->type; }
const std::string& Expression::source() const noexcept { return program_->source; }
bool Expression::uses_now() const noexcept { return program_->uses_now; }
std::span<const Reference> Expression::references() const noexcept { return program_->references; }
const Value* Expression::constant() const noexcept {
  return program_->root->op == Op::constant ? &program_->root->value : nullptr;
}

Result<Value> Expression::evaluate(Frame& frame) const {
  const Node& root = *program_->root;
  Value scratch;
  Machine machine(frame, program_->locals);
  const Value* value = machine.eval(root, scratch);
  if (value == nullptr) [[unlikely]]
    return std::unexpected(machine.error(program_->source));
  if (value != &scratch) return *value;
  if (scratch.is_map() && is_optional(scratch)) [[unlikely]] {
    const Value* inner = content(scratch);
    return inner == nullptr ? Value() : Value(*inner);
  }
  if (program_->may_share && !machine.charge_size(root, scratch)) [[unlikely]]
    return std::unexpected(machine.error(program_->source));
  return scratch;
}

Result<bool> Expression::test(Frame& frame) const {
  const Node& root = *program_->root;
  Value scratch;
  Machine machine(frame, program_->locals);
  const Value* value = machine.eval(root, scratch);
  if (value == nullptr) [[unlikely]]
    return std::unexpected(machine.error(program_->source));
  if (!value->is_bool()) [[unlikely]] {
    machine.fail(root, Code::invalid_argument, fmt::format("the condition gives {}, not bool", kind_name(*value)));
    return std::unexpected(machine.error(program_->source));
  }
  return value->as_bool();
}

std::optional<Expression> compile_expression(std::string_view source, const Scope& scope, const CompileOptions& options,
                                             std::vector<SourceError>& problems) {
  auto program = std::make_shared<Program>();
  program->source = source;
  Problems found(program->source);
  if (source.size() > kLongestSource) {
    found.add(0, "the expression has {} bytes; at most {} are allowed", source.size(), kLongestSource);
  } else if (const std::size_t wrong = utf8::invalid_at(source); wrong != std::string_view::npos) {
    found.add(wrong, "byte {} is no UTF-8", wrong);
  } else {
    Parser parser(program->source, 0, false, program->nodes, found);
    Node* root = parser.expression();
    if (root != nullptr && parser.token().kind != Token::Kind::end) {
      const Token& token = parser.token();
      if (token.kind == Token::Kind::wrong) {
        found.add_text(token.offset, token.text);
      } else {
        found.add(token.offset, "'{}' stands behind the end of the expression", source.substr(token.offset, token.size));
      }
    } else if (root != nullptr) {
      Locals locals;
      Checker(scope, options, locals, found, *program).check_whole(*root);
      program->root = root;
      program->locals = locals.most();
    }
  }
  if (!found.empty()) {
    problems.insert(problems.end(), std::make_move_iterator(found.found().begin()), std::make_move_iterator(found.found().end()));
    return std::nullopt;
  }
  make_constant(*program);
  return Expression(std::move(program));
}

Result<Expression> compile_expression(std::string_view source, const Scope& scope, const CompileOptions& options) {
  std::vector<SourceError> problems;
  auto compiled = compile_expression(source, scope, options, problems);
  if (!compiled) return std::unexpected(source_error(source, problems));
  return std::move(*compiled);
}

}  // namespace thalweg::lang
