#include "base/json_schema.h"

#include "base/bridge.h"

namespace thalweg {

namespace {
struct State {
  const bridge::Table* table;
  bridge::Schema* schema = nullptr;
  explicit State(const bridge::Table* functions) : table(functions) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { table->schema_close(schema); }
};
}  // namespace

Result<JsonSchema> JsonSchema::compile(std::string_view schema) {
  auto state = std::make_shared<State>(TRY(bridge::open()));
  TRY(bridge::call(*state->table, state->table->schema_open, schema, &state->schema));
  return JsonSchema(std::move(state));
}

Result<std::string> JsonSchema::check(std::string_view instance) const {
  const auto& state = *static_cast<const State*>(state_.get());
  return bridge::call(*state.table, state.table->schema_check, state.schema, instance);
}

}  // namespace thalweg
