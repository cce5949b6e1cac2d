#pragma once
// A model's configuration in JSON.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "thalweg/value.h"

namespace thalweg::models {

/// Errors of its members name the file and the field: data_loss.
class ConfigFile {
 public:
  [[nodiscard]] static Result<ConfigFile> open(const std::filesystem::path& path);
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] const Value& root() const noexcept { return root_; }
  /// Null pointer when there is none.
  [[nodiscard]] const Value* value(std::string_view field) const noexcept { return root_.find(field); }
  /// A text; nothing when it is absent or null.
  [[nodiscard]] Result<std::optional<std::string>> text(std::string_view field) const;
  [[nodiscard]] Result<std::optional<double>> number(std::string_view field) const;
  /// A whole number that must be there.
  [[nodiscard]] Result<std::size_t> count(std::string_view field, std::int64_t least, std::int64_t most) const;

 private:
  ConfigFile(std::string path, Value root) : path_(std::move(path)), root_(std::move(root)) {}
  std::string path_;
  Value root_;
};

}  // namespace thalweg::models
