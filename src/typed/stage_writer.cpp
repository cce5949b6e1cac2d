#include "typed/stage_writer.h"

#include "typed/function_stage.h"

namespace thalweg::typed {

Result<std::string> StageWriter::call(const detail::Function& function, Scope& scope, std::vector<Value> arguments,
                                      const std::string& when) {
  std::string stage = ids_.take(function.name.empty() ? "step" : function.name);
  std::string type = function.name;
  if (type.empty()) {
    type = fmt::format("function without a name {}", ++unnamed_);
    if (!drawn_.unprintable) {
      drawn_.unprintable = Error(
          Code::failed_precondition,
          fmt::format("the stage '{}' calls a function without a name, which no text can stand for: write \"name\", f", stage));
    }
  } else {
    TRY(check_function_name(type));
  }
  const auto [known, is_new] = drawn_.functions.try_emplace(type, function);
  if (!is_new && known->second.identity != function.identity) {
    return fail(Code::already_exists, "two functions of this pipeline have the name '{}'", type);
  }
  Map with;
  for (std::size_t i = 0; i < arguments.size(); ++i) with.push_back({text(function.parameters[i].name), arguments[i]});
  put(scope, stage, type, std::move(with), when);
  return stage;
}

std::string StageWriter::add(Scope& scope, std::string_view name, std::string_view uses, Map with, const std::string& when) {
  std::string stage = ids_.take(name);
  put(scope, stage, uses, std::move(with), when);
  return stage;
}

void StageWriter::put(Scope& scope, const std::string& stage, std::string_view uses, Map with, const std::string& when) const {
  Map node{{"id", text(stage)}, {"uses", text(uses)}};
  if (!when.empty()) node.push_back({"when", text(when)});
  if (!waits_.empty()) node.push_back({"needs", Value::list(waits_)});
  if (!with.empty()) node.push_back({"with", Value::map(std::move(with))});
  scope.stages.push_back(Value::map(std::move(node)));
  scope.ids.push_back(text(stage));
  ++scope.put;
}

}  // namespace thalweg::typed
