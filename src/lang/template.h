#pragma once
// Text templates over the same expressions.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lang/expression.h"

namespace thalweg::lang {

struct TemplateProgram;

/// A compiled template: text with `{{ expression }}`, `{% if c %} {% elif d %} {% else %} {% endif %}`,
/// `{% for x in list %} {% else %} {% endfor %}` (also `for key, value in map`; inside, `loop.index`, `loop.index0`,
/// `loop.first`, `loop.last`, `loop.length`), `{% set name = expression %}`, `{% raw %} {% endraw %}`, `{# comment #}`; a `-`
/// inside a tag's edge eats the white space on that side. A template that is nothing but one `{{ x }}` gives x with its type, all
/// others a string.
class Template {
 public:
  explicit Template(std::shared_ptr<const TemplateProgram> program) : program_(std::move(program)) {}

  /// The template is one `{{ x }}` and keeps the type of x.
  [[nodiscard]] bool is_lone() const noexcept;
  /// The slot of x when the template is `{{ x }}` and x is nothing but a variable: its value can be copied without evaluating.
  [[nodiscard]] std::optional<std::uint32_t> lone_variable() const noexcept;
  [[nodiscard]] const Type& type() const noexcept;
  [[nodiscard]] const std::string& source() const noexcept;
  [[nodiscard]] bool uses_now() const noexcept;
  [[nodiscard]] std::span<const Reference> references() const noexcept;
  /// The value, when it depends on nothing (plain text without tags, for one).
  [[nodiscard]] const Value* constant() const noexcept;

  /// Errors as Expression::evaluate; the text written counts towards the cost limit.
  [[nodiscard]] Result<Value> evaluate(Frame& frame) const;

 private:
  std::shared_ptr<const TemplateProgram> program_;
};

[[nodiscard]] std::optional<Template> compile_template(std::string_view source, const Scope& scope, const CompileOptions& options,
                                                       std::vector<SourceError>& problems);
[[nodiscard]] Result<Template> compile_template(std::string_view source, const Scope& scope, const CompileOptions& options = {});

}  // namespace thalweg::lang
