#pragma once
// Expressions: CEL, compiled once, evaluated often.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lang/scope.h"
#include "lang/source.h"
#include "lang/type.h"
#include "thalweg/context.h"
#include "thalweg/value.h"

namespace thalweg::lang {

inline constexpr std::uint64_t kDefaultCostLimit = 10'000'000;

struct CompileOptions {
  /// Checked: unknown names and operand types that cannot fit are problems. Otherwise they are errors when evaluated.
  bool checked = true;
  /// Names are tried inside this namespace first (CEL's container): "a.b" finds x as a.b.x, a.x, x.
  std::string container;
};

/// What an evaluation reads, and how far it may go.
struct Frame {
  std::span<const Value* const> slots{};  ///< by Variable::slot; a null pointer is an absent value
  const Context* context = nullptr;       ///< asked every 1,000 steps whether to stop; may be null
  Timestamp now{};                        ///< what `now` gives: the start of the run
  std::uint64_t cost_limit = kDefaultCostLimit;
  std::uint64_t steps = 0;  ///< counted up; a frame used again carries on, so that the limit covers a whole run
  /// For callers who know where the source stands: an error's message has no place then, and `fault` is the byte it lies at.
  bool places_faults = false;
  std::size_t fault = 0;
};

/// A use of an outside variable.
struct Reference {
  std::uint32_t slot = 0;
  std::string variable;
  std::vector<std::string> path;  ///< the fields that follow it: find.hits is {"hits"}
  bool guarded = false;           ///< inside has() or default(): absence is expected
  std::size_t offset = 0;         ///< in the source, in bytes
};

struct Program;

/// A compiled expression. Immutable and safe to evaluate from many threads, each with its own frame. A copy shares the program.
///
///     Scope scope;
///     scope.add("input", parse_type("{score: double}").value());
///     const Expression good = compile_expression("input.score > 0.5", scope).value();
///     const Value input = Value::map({{"score", 0.75}});
///     const Value* slots[] = {&input};
///     Frame frame{.slots = slots};
///     good.evaluate(frame).value().as_bool();   // true
class Expression {
 public:
  explicit Expression(std::shared_ptr<const Program> program) : program_(std::move(program)) {}

  [[nodiscard]] const Type& type() const noexcept;
  [[nodiscard]] const std::string& source() const noexcept;
  [[nodiscard]] bool uses_now() const noexcept;
  [[nodiscard]] std::span<const Reference> references() const noexcept;
  /// The value, when it depends on nothing.
  [[nodiscard]] const Value* constant() const noexcept;

  /// Errors: not_found (an absent value, key or index), invalid_argument (wrong kinds, division by zero, ...), out_of_range
  /// (overflow), resource_exhausted (the cost limit), and what the context says. The message ends with the place.
  [[nodiscard]] Result<Value> evaluate(Frame& frame) const;
  /// For conditions: the same, and an error when the result is no bool.
  [[nodiscard]] Result<bool> test(Frame& frame) const;

 private:
  std::shared_ptr<const Program> program_;
};

/// Compiles, or tells every problem found: parse problems end the search, problems of names and types do not.
[[nodiscard]] std::optional<Expression> compile_expression(std::string_view source, const Scope& scope,
                                                           const CompileOptions& options, std::vector<SourceError>& problems);
/// The same with all problems in one invalid_argument error.
[[nodiscard]] Result<Expression> compile_expression(std::string_view source, const Scope& scope,
                                                    const CompileOptions& options = {});

}  // namespace thalweg::lang
