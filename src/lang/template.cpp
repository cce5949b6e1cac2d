#include "lang/template.h"

#include "lang/machine.h"
#include "lang/optional.h"
#include "lang/template_parser.h"
#include "lang/template_program.h"
#include "lang/text.h"

namespace thalweg::lang {

namespace {
constexpr std::size_t kLongestTemplate = 1 << 20;

const Node& only(const TemplateProgram& program) noexcept { return *program.pieces.front().expression; }

void settle(TemplateProgram& out) {
  out.lone = out.pieces.size() == 1 && out.pieces[0].kind == Piece::Kind::value;
  out.type = out.lone ? only(out).type : Type(Type::Kind::string);
  if (out.lone && only(out).op == Op::constant) {
    out.has_constant = true;
    out.constant = only(out).value;
  } else if (out.pieces.empty() || (out.pieces.size() == 1 && out.pieces[0].kind == Piece::Kind::text)) {
    out.has_constant = true;
    out.constant = Value(out.pieces.empty() ? std::string_view() : std::string_view(out.pieces[0].text));
  }
}
}  // namespace

bool Template::is_lone() const noexcept { return program_->lone; }
const Type& Template::type() const noexcept { return program_->type; }
const std::string& Template::source() const noexcept { return program_->program.source; }
bool Template::uses_now() const noexcept { return program_->program.uses_now; }
std::span<const Reference> Template::references() const noexcept { return program_->program.references; }
const Value* Template::constant() const noexcept { return program_->has_constant ? &program_->constant : nullptr; }

std::optional<std::uint32_t> Template::lone_variable() const noexcept {
  if (!program_->lone || only(*program_).op != Op::variable) return std::nullopt;
  return only(*program_).slot;
}

Result<Value> Template::evaluate(Frame& frame) const {
  const TemplateProgram& program = *program_;
  if (program.has_constant) return program.constant;
  Machine machine(frame, program.program.locals);
  const auto failed = [&] { return std::unexpected(machine.error(program.program.source)); };
  if (program.lone) {
    Value scratch;
    const Value* value = machine.eval(only(program), scratch);
    if (value == nullptr) return failed();
    if (value != &scratch) return *value;
    if (is_optional(scratch)) {
      const Value* inner = content(scratch);
      return inner == nullptr ? Value() : Value(*inner);
    }
    if (program.program.may_share && !machine.charge_size(only(program), scratch)) return failed();
    return scratch;
  }
  std::string out;
  out.reserve(program.program.source.size() + 64);
  if (!Renderer(machine, program.program.locals, out).render(program.pieces)) return failed();
  return Value(out);
}

std::optional<Template> compile_template(std::string_view source, const Scope& scope, const CompileOptions& options,
                                         std::vector<SourceError>& problems) {
  auto program = std::make_shared<TemplateProgram>();
  program->program.source = source;
  Problems found(program->program.source);
  if (source.size() > kLongestTemplate) {
    found.add(0, "the template has {} bytes; at most {} are allowed", source.size(), kLongestTemplate);
  } else if (const std::size_t wrong = utf8::invalid_at(source); wrong != std::string_view::npos) {
    found.add(wrong, "byte {} is no UTF-8", wrong);
  } else {
    TemplateParser(*program, scope, options, found).whole();
  }
  if (!found.empty()) {
    problems.insert(problems.end(), std::make_move_iterator(found.found().begin()), std::make_move_iterator(found.found().end()));
    return std::nullopt;
  }
  settle(*program);
  return Template(std::move(program));
}

Result<Template> compile_template(std::string_view source, const Scope& scope, const CompileOptions& options) {
  std::vector<SourceError> problems;
  auto compiled = compile_template(source, scope, options, problems);
  if (!compiled) return std::unexpected(source_error(source, problems));
  return std::move(*compiled);
}

}  // namespace thalweg::lang
