#include "engine/explain.h"

namespace thalweg {

namespace {

// Inside quotes Mermaid takes HTML entities without their ampersand.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '"') {
      result += "#quot;";
    } else if (c == '<') {
      result += "#lt;";
    } else if (c == '>') {
      result += "#gt;";
    } else if (c == '#') {
      result += "#35;";
    } else if (c == '\n') {
      result += ' ';
    } else {
      result += c;
    }
  }
  return result;
}

void slots_of(const Argument& argument, std::vector<std::uint32_t>& slots) {
  if (argument.kind == Argument::Kind::variable) slots.push_back(argument.slot);
  if (argument.text) {
    for (const lang::Reference& reference : argument.text->references()) slots.push_back(reference.slot);
  }
  for (const Argument& item : argument.items) slots_of(item, slots);
}

void slots_of(const std::optional<Expression>& expression, std::vector<std::uint32_t>& slots) {
  if (!expression) return;
  for (const lang::Reference& reference : expression->references()) slots.push_back(reference.slot);
}

std::vector<std::uint32_t> slots_of(const PlannedStage& stage) {
  std::vector<std::uint32_t> slots;
  for (const Argument& argument : stage.arguments) slots_of(argument, slots);
  for (const auto& expression : stage.expressions) slots_of(expression, slots);
  slots_of(stage.when, slots);
  for (const auto& plan : stage.pipelines) {
    if (plan != nullptr) slots.insert(slots.end(), plan->captured.begin(), plan->captured.end());
  }
  for (const auto& field : stage.cases) {
    for (const PlannedStage::Case& branch : field) {
      slots_of(branch.when, slots);
      slots.insert(slots.end(), branch.then->captured.begin(), branch.then->captured.end());
    }
  }
  return slots;
}

class Writer {
 public:
  std::string text = "flowchart TD\n";

  void whole(const Plan& plan) {
    line("  input([\"input\"])");
    body(plan, "s_", 1);
    line("  output([\"output\"])");
    std::vector<std::uint32_t> slots;
    slots_of(plan.output, slots);
    std::ranges::sort(slots);
    slots.erase(std::ranges::unique(slots).begin(), slots.end());
    for (const std::uint32_t slot : slots) {
      if (slot == 0) line("  input --> output");
      if (slot < plan.first_stage || slot >= plan.slots) continue;
      const PlannedStage& stage = plan.stages[slot - plan.first_stage];
      line("  s_{} {} output", stage.id, stage.may_be_absent ? "-.->" : "-->");
    }
  }

 private:
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text), format, std::forward<Args>(args)...);
    text += '\n';
  }

  void body(const Plan& plan, const std::string& prefix, std::size_t depth) {
    const std::string margin(2 * depth, ' ');
    for (const PlannedStage& stage : plan.stages) {
      const std::string when = stage.when ? "<br/>when " + escaped(stage.when->source()) : "";
      line("{}{}{}[\"{}<br/>{}{}\"]", margin, prefix, stage.id, stage.id, escaped(stage.kind->contract.name), when);
      inner(stage, prefix, depth);
    }
    for (const PlannedStage& stage : plan.stages) edges(plan, stage, prefix, margin);
  }

  void inner(const PlannedStage& stage, const std::string& prefix, std::size_t depth) {
    const auto& fields = stage.kind->contract.fields;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (stage.pipelines[i] != nullptr) nested(*stage.pipelines[i], stage, prefix, fields[i].name, fields[i].name, depth);
      for (std::size_t c = 0; c < stage.cases[i].size(); ++c) {
        const PlannedStage::Case& branch = stage.cases[i][c];
        nested(*branch.then, stage, prefix, fmt::format("{}{}", fields[i].name, c),
               branch.when ? "when " + escaped(branch.when->source()) : "else", depth);
      }
    }
  }

  void nested(const Plan& plan, const PlannedStage& stage, const std::string& prefix, std::string_view name,
              std::string_view title, std::size_t depth) {
    if (plan.stages.empty()) return;
    const std::string margin(2 * depth, ' ');
    const std::string group = fmt::format("{}{}_{}", prefix, stage.id, name);
    line("{}subgraph {}[\"{}\"]", margin, group, title);
    body(plan, group + "_", depth + 1);
    line("{}end", margin);
    line("{}{}{} --- {}", margin, prefix, stage.id, group);
  }

  void edges(const Plan& plan, const PlannedStage& stage, const std::string& prefix, const std::string& margin) {
    const std::vector<std::uint32_t> slots = slots_of(stage);
    if (plan.first_local == 1 && prefix == "s_" && std::ranges::find(slots, 0U) != slots.end())
      line("{}input --> {}{}", margin, prefix, stage.id);
    for (const std::uint32_t need : stage.needs) {
      const bool required = std::ranges::find(stage.required, need) != stage.required.end();
      line("{}{}{} {} {}{}", margin, prefix, plan.stages[need].id, required ? "-->" : "-.->", prefix, stage.id);
    }
    if (stage.streams_from)
      line("{}{}{} ==>|stream| {}{}", margin, prefix, plan.stages[*stage.streams_from].id, prefix, stage.id);
    if (stage.on_failure.stage) {
      line("{}{}{} -.->|fallback| {}{}", margin, prefix, stage.id, prefix, plan.stages[*stage.on_failure.stage].id);
    }
  }
};

}  // namespace

std::string graph_mermaid(const Plan& plan) {
  Writer writer;
  writer.whole(plan);
  return std::move(writer.text);
}

}  // namespace thalweg
