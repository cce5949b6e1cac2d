#pragma once
// The embedding model that tools/setup unpacks.

#include <string>

namespace thalweg::models {

inline const std::string kMiniLm = std::string(THALWEG_MINILM);

}  // namespace thalweg::models
