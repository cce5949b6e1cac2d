#include "engine/evaluate.h"

#include "engine/fault.h"

namespace thalweg {

Result<Value> evaluate_argument(const Argument& argument, lang::Frame& variables, Trail& trail) {
  switch (argument.kind) {
    case Argument::Kind::constant:
      return argument.constant;
    case Argument::Kind::variable: {
      const Value* value = variables.slots[argument.slot];
      variables.fault = 0;
      if (value == nullptr) return fail(Code::not_found, "a value it refers to is absent; use default() or has()");
      return *value;
    }
    case Argument::Kind::text:
      variables.steps = 0;
      return argument.text->evaluate(variables);
    case Argument::Kind::list: {
      std::vector<Value> items;
      items.reserve(argument.items.size());
      for (std::uint32_t i = 0; i < argument.items.size(); ++i) {
        Result<Value> item = evaluate_argument(argument.items[i], variables, trail);
        if (!item) {
          trail.push_back(i);
          return item;
        }
        items.push_back(std::move(*item));
      }
      return Value::list(std::move(items));
    }
    case Argument::Kind::map: {
      std::vector<Entry> entries;
      entries.reserve(argument.items.size());
      for (std::uint32_t i = 0; i < argument.items.size(); ++i) {
        Result<Value> item = evaluate_argument(argument.items[i], variables, trail);
        if (!item) {
          trail.push_back(i);
          return item;
        }
        entries.push_back({Value(argument.keys[i]), std::move(*item)});
      }
      return Value::map(std::move(entries));
    }
  }
  return Value();
}

Result<> evaluate_arguments(const Plan& plan, const PlannedStage& stage, lang::Frame& variables, std::vector<Value>& values) {
  values.resize(stage.arguments.size());
  Trail trail;
  for (std::size_t i = 0; i < values.size(); ++i) {
    Result<Value> value = evaluate_argument(stage.arguments[i], variables, trail);
    if (!value) return std::unexpected(at_argument(plan, stage, i, trail, variables.fault, value.error()));
    values[i] = std::move(*value);
  }
  for (const std::uint32_t field : stage.unchecked) {
    if (Result<> fits = fit(stage.kind->contract.fields[field].type, values[field]); !fits) {
      return std::unexpected(at_argument(plan, stage, field, {}, 0, fits.error()));
    }
  }
  return {};
}

}  // namespace thalweg
