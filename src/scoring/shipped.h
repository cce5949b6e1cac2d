#pragma once
// Files of configs/, built into the program.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace thalweg::scoring {

inline constexpr std::string_view kShippedConfig = "memory";  ///< what is taken where no configuration is named

struct ShippedFile {
  std::string_view name;
  std::string_view text;
};
[[nodiscard]] std::span<const ShippedFile> shipped_files() noexcept;

/// The file of that name ("memory.yaml"), or nothing.
[[nodiscard]] std::optional<std::string_view> shipped(std::string_view name) noexcept;

/// The shipped configuration of that name ("memory"), or nothing: then it is a file's. A name with a dot or a slash is a file's
/// always, so that "./memory" is the file or folder beside the shipped one.
[[nodiscard]] std::optional<std::string_view> shipped_config(std::string_view name);

/// A file that a configuration names: one of the folder of the configuration, or, of a shipped one, "shipped:NAME". Errors: those
/// of the file system.
[[nodiscard]] Result<std::string> read_named_file(const std::string& path);

}  // namespace thalweg::scoring
