#pragma once
// Finds pipelines by name or file, and compiles them.

#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/plan.h"

namespace thalweg::cli {

/// A pipeline that is part of the program: the files of pipelines/, built in.
struct Shipped {
  std::string_view name;
  std::string_view text;
};
[[nodiscard]] std::span<const Shipped> shipped_pipelines() noexcept;

/// Compiled pipelines, each made once. Plans refer to the catalog: it must outlive them.
///
/// "answer" is the shipped pipeline of that name; what has a slash or a dot is a file. Inside a definition (stage `call`) a file
/// is looked for relative to the definition's folder.
class Pipelines {
 public:
  explicit Pipelines(const Catalog& catalog) : catalog_(catalog) {}

  /// Errors: not_found, with the nearest known name; all problems of the definition; pipelines that call each other in a circle.
  [[nodiscard]] Result<std::shared_ptr<const Plan>> load(std::string_view name) { return load(name, {}); }
  /// A definition that stands in no file; problems are reported under `name`. Errors: those of the definition.
  [[nodiscard]] Result<std::shared_ptr<const Plan>> compile(std::string_view name, std::string text);

 private:
  Result<std::shared_ptr<const Plan>> load(std::string_view name, const std::filesystem::path& folder);
  Result<std::shared_ptr<const Plan>> compile(const std::string& key, Result<Definition> definition,
                                              std::filesystem::path folder);

  const Catalog& catalog_;
  std::map<std::string, std::shared_ptr<const Plan>> made_;
  std::vector<std::string> under_way_;  // from the outermost in
};

}  // namespace thalweg::cli
