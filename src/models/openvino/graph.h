#pragma once
// Networks as OpenVINO graphs. Functions here throw what OpenVINO throws; module.cpp catches it.

#include <memory>
#include <openvino/openvino.hpp>

#include "base/error.h"
#include "models/encoder_folder.h"
#include "models/safetensors.h"

namespace thalweg::openvino {

using models::EncoderFolder;
using Node = ov::Output<ov::Node>;

/// [rows, length, width] and the mask [rows, length] to vectors of length 1: [rows, width].
[[nodiscard]] Node pooled(const Node& hidden, const Node& mask, models::Pooling pooling);

/// The network that config.json describes with the weights of its model.safetensors, not copied where they are aligned. Inputs
/// input_ids, attention_mask and, where the family has them, token_type_ids: i64 [?, ?]. Output f32 [?, width].
[[nodiscard]] Result<std::shared_ptr<ov::Model>> from_safetensors(const EncoderFolder& folder);

struct Imported {
  std::shared_ptr<ov::Model> model;
  bool classifies = false;
  std::size_t vocabulary = 0;  ///< 0: not to be seen
};
/// An IR or ONNX file as such a network: pooled where its output is the last hidden state.
[[nodiscard]] Result<Imported> from_file(const EncoderFolder& folder);

}  // namespace thalweg::openvino
