#pragma once
// Files beside an ONNX file that hold some of its tensors.

#include <string>
#include <vector>

#include "base/error.h"

namespace thalweg::models {

/// Names, below the file's folder, of the files that its tensors name as their data ("external data"): each once, sorted. Of a
/// damaged file those that can be found; whether the file is sound is for who reads it to say. Errors: those of opening it;
/// data_loss for a name that leads out of the folder.
[[nodiscard]] Result<std::vector<std::string>> onnx_data_files(const std::string& path);

}  // namespace thalweg::models
