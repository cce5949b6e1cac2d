#pragma once
// Copies of a model's file while it is being decided which one is taken.

#include <string>
#include <vector>

#include "base/error.h"

namespace thalweg::cli {

/// What was made and not kept is deleted at the end of the scope, whatever ended it: such files are large.
class ModelCopies {
 public:
  /// `folder`: of the catalogue.
  explicit ModelCopies(std::string folder) : folder_(std::move(folder)) {}
  ModelCopies(const ModelCopies&) = delete;
  ModelCopies& operator=(const ModelCopies&) = delete;
  ~ModelCopies();

  /// Where a copy goes: a path that no entry of the catalogue stands on. Errors: those of reading the catalogue and of the
  /// system.
  [[nodiscard]] Result<std::string> place(const std::string& name, const std::string& type);
  void keep(const std::string& path) { std::erase(made_, path); }

 private:
  std::string folder_;
  std::vector<std::string> made_;
};

}  // namespace thalweg::cli
