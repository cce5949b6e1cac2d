#pragma once
// A folder of a test's or a benchmark's own, gone with it.

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace thalweg {

class Scratch {
 public:
  Scratch() {
    std::string pattern = (std::filesystem::temp_directory_path() / "thalweg-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] std::string path(std::string_view name = "") const {
    return name.empty() ? folder_.string() : (folder_ / name).string();
  }
  [[nodiscard]] std::string operator/(std::string_view name) const { return path(name); }
  /// The path of `name`, where nothing is any more.
  [[nodiscard]] std::string fresh(std::string_view name) const {
    std::error_code ignored;
    std::filesystem::remove_all(folder_ / name, ignored);
    return path(name);
  }
  /// Puts a file there, with the folders around it; its path.
  std::string write(std::string_view name, std::string_view bytes) const {
    const std::filesystem::path file = folder_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << bytes;
    return file.string();
  }
  /// The text with this folder's name left out.
  [[nodiscard]] std::string told(std::string text) const {
    const std::string folder = folder_.string() + "/";
    for (std::size_t at = text.find(folder); at != std::string::npos; at = text.find(folder)) text.erase(at, folder.size());
    return text;
  }

 private:
  std::filesystem::path folder_;
};

/// What the file holds, as it is.
inline std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace thalweg
