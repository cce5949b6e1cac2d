#include "base/utf8.h"
#include "engine/compiler.h"
#include "engine/fault.h"
#include "engine/fingerprint.h"

namespace thalweg {

using lang::Type;

namespace {

// `defaults`. A default fallback is a plain value: names would mean other things in other stages.
Policies read_defaults(Checker& checker, const Node& node, const Path& path) {
  if (!checker.block(node, path, blocks::defaults())) return {};
  const lang::Scope no_names;
  Uses uses;
  ArgumentCompiler arguments(checker, no_names, uses);
  Policies policies = read_policies(checker, node, path, arguments);
  if (policies.fallback_node != nullptr) {
    checker.report(policies.fallback_node->place, path / "on_failure",
                   "a default fallback must be a value: one stage cannot stand in for all");
    policies.on_failure.reset();
  }
  return policies;
}

struct Input {
  Type type;
  std::vector<Entry> defaults;
};

void read_default_input(Checker& checker, const Node& node, const Path& path, Input& input) {
  if (node.kind != Node::Kind::map) {
    checker.report(node.place, path, fmt::format("must be a map of input fields, not {}", kind_of(node)));
    return;
  }
  const lang::Scope no_names;
  Uses uses;
  ArgumentCompiler arguments(checker, no_names, uses);
  std::vector<std::string_view> names;
  for (const Type::Field& field : input.type.fields()) names.push_back(field.name);
  for (const Node::Member& member : node.members) {
    const Type* field = input.type.field(member.key);
    if (field == nullptr && input.type.is(Type::Kind::object)) {
      checker.report(member.place, path,
                     fmt::format("the input has no field '{}'{}", utf8::cut(member.key), hint(member.key, names)));
      continue;
    }
    if (auto value = arguments.constant(member.node, path / member.key, field == nullptr ? Type() : *field)) {
      input.defaults.push_back({Value(member.key), std::move(*value)});
    }
  }
}

// A field with a default is always there once the run begins.
Type with_defaults(const Type& input, const std::vector<Entry>& defaults) {
  if (!input.is(Type::Kind::object) || defaults.empty()) return input;
  std::vector<Type::Field> fields(input.fields().begin(), input.fields().end());
  for (Type::Field& field : fields) {
    const bool given = std::ranges::any_of(defaults, [&](const Entry& entry) { return entry.key.as_string() == field.name; });
    if (given) field.type = field.type.marked(false);
  }
  return Type::object(std::move(fields)).marked(input.may_be_absent());
}

void no_streams(Checker& checker, const Node& node, const Path& path, const Type& type) {
  if (type.is(Type::Kind::stream)) {
    checker.report(
        node.place, path,
        fmt::format("{} cannot stand here: streams run between stages only; take {}", type.text(), taken_whole(type).text()));
  }
  for (const Type::Field& field : type.fields()) {
    const Node* inner = node.find(field.name);
    no_streams(checker, inner == nullptr ? node : *inner, path / field.name, field.type);
  }
}

std::string read_text(Checker& checker, const Node& root, const Path& path, std::string_view key) {
  const Node* node = root.find(key);
  if (node == nullptr) return {};
  return (key == "name" ? checker.name(*node, path / key) : checker.text(*node, path / key)).value_or("");
}

}  // namespace

Result<std::shared_ptr<const Plan>> compile_plan(const Definition& definition, const CompileOptions& options) {
  Checker checker(definition);
  checker.problems() = definition.problems;
  const Node& root = definition.root;
  const Path path;
  Compilation whole{checker, options, {}, {}, {}, std::make_shared<const Source>(definition.file, definition.text)};
  const auto refuse = [&] { return std::unexpected(problems_error(definition.file, std::move(checker.problems()))); };
  if (root.kind != Node::Kind::map) {
    checker.report(root.place, path, fmt::format("a definition is a map with `name` and `stages`, not {}", kind_of(root)));
    return refuse();
  }
  checker.block(root, path, blocks::definition());

  Input head;
  Type declared;
  bool output_declared = false;
  if (const Node* input = root.find("input")) {
    head.type = checker.type(*input, path / "input").value_or(Type());
    no_streams(checker, *input, path / "input", head.type);
  }
  if (const Node* output = root.find("output_type")) {
    const auto type = checker.type(*output, path / "output_type");
    output_declared = type.has_value();
    declared = type.value_or(Type());
    no_streams(checker, *output, path / "output_type", declared);
  }
  const Path defaults_path = path / "defaults";
  if (const Node* defaults = root.find("defaults")) {
    whole.defaults = read_defaults(checker, *defaults, defaults_path);
    const Node* input = defaults->find("input");
    if (input != nullptr) read_default_input(checker, *input, defaults_path / "input", head);
  }

  lang::Scope scope;
  scope.add("input", with_defaults(head.type, head.defaults));
  Uses outside;
  PipelineCompiler compiler(whole, std::move(scope), 1);
  const Node* stages = root.find("stages");
  std::shared_ptr<Plan> plan;
  if (stages != nullptr || root.find("output") != nullptr) {
    plan = compiler.compile(stages, path / "stages", root.find("output"), path / "output", root,
                            output_declared ? &declared : nullptr, outside);
  } else {
    plan = std::make_shared<Plan>();
  }
  plan->name = read_text(checker, root, path, "name");
  plan->version = read_text(checker, root, path, "version");
  plan->description = read_text(checker, root, path, "description");
  plan->file = definition.file;
  plan->input = std::move(head.type);
  plan->input_defaults = std::move(head.defaults);
  plan->captured.clear();
  if (const Node* metadata = root.find("metadata")) plan->metadata = metadata->to_value();
  if (const Node* tests = root.find("tests")) plan->tests = read_tests(checker, *tests, path / "tests", *plan);
  if (!checker.problems().empty()) return refuse();
  std::vector<std::uint64_t> loaded;
  for (const auto& other : whole.loaded) loaded.push_back(other->fingerprint);
  plan->fingerprint = fingerprint(root, whole.versions, loaded);
  return plan;
}

}  // namespace thalweg
