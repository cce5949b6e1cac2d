#pragma once
// The way to a setting, written with dots: layers.score.threshold, categories."follow.up".labels

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace thalweg::config {

using Keys = std::vector<std::string>;

/// The keys of a path. A key with a dot, a blank or a quote in it stands in double quotes (\" and \\ inside). Errors
/// (invalid_argument): an empty key, a quote that is not closed, more than 100 keys, no UTF-8.
[[nodiscard]] Result<Keys> parse_path(std::string_view text);

/// The path of keys, as parse_path() reads it.
[[nodiscard]] std::string path_text(const Keys& keys);

/// `path` with one more key behind it.
[[nodiscard]] std::string join(std::string_view path, std::string_view key);

}  // namespace thalweg::config
