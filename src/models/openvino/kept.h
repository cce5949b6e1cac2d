#pragma once
// Compiled networks in files: what takes half of an encoder's start is then done once for a machine.

#include <openvino/openvino.hpp>
#include <optional>
#include <string>

#include "models/mapped_file.h"

namespace thalweg::openvino {

/// A compiled network and the file it may share memory with, which outlives it.
struct CompiledNetwork {
  std::optional<models::MappedFile> file;
  ov::CompiledModel model;
};

/// The network in the file `path` when there is one and it is whole, else `model` compiled, and then kept there. The name of the
/// file stands for all that the compiled network depends on; an empty one keeps nothing. That nothing can be kept, for want of
/// room or of the right to write, costs the next start some time and is no error. All files of the folder together take at most 2
/// GiB: those used longest ago make room. Throws what OpenVINO throws.
[[nodiscard]] CompiledNetwork compiled(ov::Core& core, const std::shared_ptr<ov::Model>& model, const ov::AnyMap& options,
                                       const std::string& path);

}  // namespace thalweg::openvino
