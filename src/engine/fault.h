#pragma once
// Where in its definition an expression failed: worked out once it has, so that plans need not carry places.

#include <mutex>
#include <optional>
#include <string>

#include "engine/checker.h"
#include "engine/evaluate.h"
#include "engine/plan.h"

namespace thalweg {

/// A definition as it stood in its file, read again for the first place that is asked for. Thread-safe.
class Source {
 public:
  Source(std::string file, std::string text) : file_(std::move(file)), text_(std::move(text)) {}
  [[nodiscard]] const std::string& file() const noexcept { return file_; }
  /// Null pointer when it cannot be read.
  [[nodiscard]] const Definition* definition() const;

 private:
  std::string file_;
  std::string text_;
  mutable std::once_flag read_;
  mutable std::optional<Definition> definition_;
};

/// `error` with the way to what failed and its place: "with.value (file:7:12)". `path` begins at the stage; `offset` counts in
/// the string that stands there.
[[nodiscard]] Error at_field(const Plan& plan, const PlannedStage& stage, const Path& path, std::size_t offset,
                             const Error& error);

/// The same for one of the stage's arguments, and what `trail` leads to in it.
[[nodiscard]] Error at_argument(const Plan& plan, const PlannedStage& stage, std::size_t field, const Trail& trail,
                                std::size_t offset, const Error& error);

/// The same for a plan's output. A nested plan stands in `caller`, a stage of `outer`; both null pointers otherwise.
[[nodiscard]] Error at_output(const Plan& plan, const Plan* outer, const PlannedStage* caller, const Trail& trail,
                              std::size_t offset, const Error& error);

}  // namespace thalweg
