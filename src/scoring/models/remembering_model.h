#pragma once
// Raw scores of the texts that were asked last, so that an equal text costs nothing.

#include <cstddef>
#include <memory>

#include "scoring/models/label_model.h"

namespace thalweg::scoring {

/// The same model, which remembers the rows of the last 1024 texts of up to 4096 bytes. Not for recorded scores, which go by more
/// than the text.
[[nodiscard]] std::shared_ptr<LabelModel> remember(std::shared_ptr<LabelModel> model, std::size_t labels);

}  // namespace thalweg::scoring
