// thalweg stages

#include "cli/catalog.h"
#include "cli/command.h"
#include "cli/render.h"
#include "thalweg/json.h"

namespace thalweg::cli {

namespace {

std::string_view binding_note(Binding binding) {
  switch (binding) {
    case Binding::value:
      return "";
    case Binding::constant:
      return "a literal";
    case Binding::expression:
      return "an expression";
    case Binding::pipeline:
      return "stages";
    case Binding::cases:
      return "cases";
  }
  return "";
}

std::string default_text(const Field& field) {
  if (!field.fallback) return field.required ? "" : "optional";
  const auto json = to_json(*field.fallback);
  return json ? fmt::format("default {}", *json) : "optional";
}

// "list<dyn>, a literal, default 1"
std::string notes(const Field& field) {
  std::string out = field.binding == Binding::pipeline || field.binding == Binding::cases ? "" : field.type.text();
  for (const std::string_view note : {binding_note(field.binding), std::string_view(default_text(field))}) {
    if (!note.empty()) out += (out.empty() ? "" : ", ") + std::string(note);
  }
  return out;
}

std::string locals_text(const Field& field) {
  std::string out;
  for (const Local& local : field.locals) out += (out.empty() ? "" : ", ") + local.name;
  return out;
}

std::string contract_text(const Contract& contract) {
  std::string out = fmt::format("{}: {}\n\n{}\n\n", contract.name, contract.summary, contract.description);
  out += "with:\n";
  for (const Field& field : contract.fields) {
    out += fmt::format("  {} ({})\n      {}", field.name, notes(field), field.description);
    if (!field.locals.empty()) out += fmt::format("; sees {}", locals_text(field));
    out += '\n';
  }
  if (contract.open_fields) out += "  further fields of any name\n";
  out += fmt::format("\noutput: {}{}\n", contract.output.text(), contract.output_of ? ", narrowed by what is given" : "");
  if (!contract.deterministic) out += "Not the same each time: cannot be cached.\n";
  if (!contract.example.empty()) out += fmt::format("\nExample:\n{}", contract.example);
  return out;
}

std::string escaped_cell(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

std::string contract_markdown(const Contract& contract) {
  std::string out = fmt::format("## {}\n\n{} {}\n\n", contract.name, contract.summary, contract.description);
  out += "| field | what it takes | meaning |\n| --- | --- | --- |\n";
  for (const Field& field : contract.fields) {
    const std::string sees = field.locals.empty() ? "" : fmt::format("; sees {}", locals_text(field));
    out += fmt::format("| `{}` | {} | {}{} |\n", field.name, escaped_cell(notes(field)), escaped_cell(field.description), sees);
  }
  if (contract.open_fields) out += "| any other | dyn | a field of the result |\n";
  out += fmt::format("\nOutput: `{}`{}.\n\n", contract.output.text(), contract.output_of ? ", narrowed by what is given" : "");
  if (!contract.example.empty()) out += fmt::format("```yaml\n{}```\n\n", contract.example);
  return out;
}

Value contract_value(const Contract& contract) {
  std::vector<Value> fields;
  for (const Field& field : contract.fields) {
    std::vector<Entry> entries{{Value("name"), Value(field.name)},
                               {Value("type"), Value(field.type.text())},
                               {Value("description"), Value(field.description)},
                               {Value("required"), Value(field.required)}};
    constexpr std::array<std::string_view, 5> kBindings{"value", "constant", "expression", "pipeline", "cases"};
    entries.push_back({Value("binding"), Value(kBindings[static_cast<std::size_t>(field.binding)])});
    if (field.fallback) entries.push_back({Value("default"), *field.fallback});
    fields.push_back(Value::map(std::move(entries)));
  }
  return Value::map({{Value("name"), Value(contract.name)},
                     {Value("version"), Value(contract.version)},
                     {Value("summary"), Value(contract.summary)},
                     {Value("description"), Value(contract.description)},
                     {Value("fields"), Value::list(std::move(fields))},
                     {Value("open_fields"), Value(contract.open_fields)},
                     {Value("output"), Value(contract.output.text())},
                     {Value("deterministic"), Value(contract.deterministic)},
                     {Value("example"), Value(contract.example)}});
}

class Stages final : public Command {
 public:
  void declare(Options& options) override {
    options.position("NAME", name_, "a stage; without it all are listed", Completes::stage, false);
    options.flag("--json", json_, "print contracts as JSON");
    options.flag("--markdown", markdown_, "print the catalogue of the documentation");
  }
  [[nodiscard]] std::string_view examples() const override {
    return "  thalweg stages              all stages, a line each\n"
           "  thalweg stages for_each     what it does, takes and gives, and an example\n"
           "  thalweg stages --json\n";
  }
  [[nodiscard]] Result<int> run(Program& program) override {
    const Catalog catalog = make_catalog();
    std::vector<const Contract*> chosen;
    for (const std::string_view name : catalog.names()) {
      if (name_.empty() || name == name_) chosen.push_back(&catalog.find(name)->contract);
    }
    if (chosen.empty()) {
      const std::string near = nearest(name_, catalog.names());
      return fail(Code::invalid_argument, "no stage '{}'{}", name_,
                  near.empty() ? "; 'thalweg stages' lists them" : fmt::format("; did you mean '{}'?", near));
    }
    if (json_) {
      std::vector<Value> contracts;
      for (const Contract* contract : chosen) contracts.push_back(contract_value(*contract));
      const Value told = name_.empty() ? Value::list(std::move(contracts)) : contracts.front();
      TRY(print_json(program.out, told));
      return kExitOk;
    }
    if (markdown_ && name_.empty())
      TRY(program.out.write("# Stages\n\nMade by `thalweg stages --markdown` from the stages' contracts.\n\n"));
    for (const Contract* contract : chosen) {
      TRY(program.out.write(markdown_        ? contract_markdown(*contract)
                            : !name_.empty() ? contract_text(*contract)
                                             : fmt::format("{:<16}{}\n", contract->name, contract->summary)));
    }
    return kExitOk;
  }

 private:
  std::string name_;
  bool json_ = false;
  bool markdown_ = false;
};

}  // namespace

std::unique_ptr<Command> make_stages() { return std::make_unique<Stages>(); }

}  // namespace thalweg::cli
