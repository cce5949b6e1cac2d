#pragma once
// Room on disk for a benchmark.

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace thalweg::bench {

/// A folder of its own, gone at the end of the scope.
struct Place {
  Place() {
    std::string pattern = (std::filesystem::temp_directory_path() / "thalweg-bench-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
  /// The path of `name` within, where nothing is any more.
  [[nodiscard]] std::string fresh(const char* name) const {
    std::error_code ignored;
    std::filesystem::remove_all(folder / name, ignored);
    return (folder / name).string();
  }
  std::filesystem::path folder;
};

}  // namespace thalweg::bench
