#include "cli/model_copies.h"

#include <algorithm>
#include <filesystem>

#include "models/catalogue.h"

namespace thalweg::cli {

namespace fs = std::filesystem;

ModelCopies::~ModelCopies() {
  std::error_code ignored;
  for (const std::string& path : made_) fs::remove(path, ignored);
}

Result<std::string> ModelCopies::place(const std::string& name, const std::string& type) {
  const fs::path copies = models::copies_in(folder_);
  std::error_code problem;
  fs::create_directories(copies, problem);
  if (problem) return std::unexpected(system_error(problem.value(), "make the folder " + copies.string()));
  const models::Catalogue catalogue = TRY(models::Catalogue::read(folder_));
  const auto taken = [&](const std::string& path) {
    return std::ranges::any_of(catalogue.entries(), [&](const auto& item) { return item.second.path == path; });
  };
  std::string path = (copies / fmt::format("{}.{}.gguf", name, type)).string();
  for (int number = 2; taken(path); ++number) path = (copies / fmt::format("{}.{}.{}.gguf", name, type, number)).string();
  made_.push_back(path);
  return path;
}

}  // namespace thalweg::cli
