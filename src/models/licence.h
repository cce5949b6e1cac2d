#pragma once
// Under which licence a model is.

#include <string>

namespace thalweg::models {

/// As its files say: general.license of a GGUF file, the `license` in the front matter of an encoder's README.md (a model card of
/// Hugging Face's). Empty when they do not.
[[nodiscard]] std::string licence_in(const std::string& path);

}  // namespace thalweg::models
