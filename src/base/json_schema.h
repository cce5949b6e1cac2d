#pragma once
// JSON Schema 2020-12, by the jsonschema crate behind the bridge.

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace thalweg {

/// A compiled schema. Formats are checked; references to other documents are refused, nothing is fetched. Thread-safe.
///
///     auto schema = TRY(JsonSchema::compile(R"({"type": "object", "required": ["name"]})"));
///     schema.check("{}");   // [{"instance":"","schema":"/required","message":"\"name\" is a required property"}]
class JsonSchema {
 public:
  /// Errors: invalid_argument (not JSON, or no valid schema, with the place in it); what bridge::open may return.
  [[nodiscard]] static Result<JsonSchema> compile(std::string_view schema);

  /// Every violation as a JSON list of {"instance": JSON pointer, "schema": JSON pointer, "message"}; "[]" when the instance is
  /// valid. Errors: invalid_argument when `instance` is not JSON.
  [[nodiscard]] Result<std::string> check(std::string_view instance) const;

 private:
  explicit JsonSchema(std::shared_ptr<const void> state) : state_(std::move(state)) {}
  std::shared_ptr<const void> state_;
};

}  // namespace thalweg
