#include "engine/evaluate.h"

namespace thalweg {

Result<Value> evaluate_argument(const Argument& argument, lang::Frame& variables) {
  switch (argument.kind) {
    case Argument::Kind::constant:
      return argument.constant;
    case Argument::Kind::variable: {
      const Value* value = variables.slots[argument.slot];
      if (value == nullptr) return fail(Code::not_found, "a value it refers to is absent; use default() or has()");
      return *value;
    }
    case Argument::Kind::text:
      variables.steps = 0;
      return argument.text->evaluate(variables);
    case Argument::Kind::list: {
      std::vector<Value> items;
      items.reserve(argument.items.size());
      for (const Argument& item : argument.items) items.push_back(TRY(evaluate_argument(item, variables)));
      return Value::list(std::move(items));
    }
    case Argument::Kind::map: {
      std::vector<Entry> entries;
      entries.reserve(argument.items.size());
      for (std::size_t i = 0; i < argument.items.size(); ++i) {
        entries.push_back({Value(argument.keys[i]), TRY(evaluate_argument(argument.items[i], variables))});
      }
      return Value::map(std::move(entries));
    }
  }
  return Value();
}

Result<> evaluate_arguments(const PlannedStage& stage, lang::Frame& variables, std::vector<Value>& values) {
  values.resize(stage.arguments.size());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = TRY(evaluate_argument(stage.arguments[i], variables));
  for (const std::uint32_t field : stage.unchecked) {
    const Field& declared = stage.kind->contract.fields[field];
    if (Result<> fits = fit(declared.type, values[field]); !fits) {
      return fail(Code::invalid_argument, "field '{}': {}", declared.name, fits.error().message());
    }
  }
  return {};
}

}  // namespace thalweg
