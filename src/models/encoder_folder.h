#pragma once
// A folder with an encoder, as its configuration files describe it.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"

namespace thalweg::models {

enum class WeightsKind : std::uint8_t { safetensors, ir, onnx };
enum class Pooling : std::uint8_t { mean, cls, max };
enum class Activation : std::uint8_t { gelu, gelu_tanh, relu };

/// Names of tensors and small differences; the layers are BERT's in all of them.
enum class Family : std::uint8_t { bert, roberta, distilbert };

/// The shape of the network in a model.safetensors.
struct Architecture {
  Family family = Family::bert;
  bool classifies = false;
  std::size_t layers = 0;
  std::size_t heads = 0;
  std::size_t hidden = 0;
  std::size_t intermediate = 0;
  std::size_t vocabulary = 0;
  std::size_t positions = 0;  ///< rows of the table
  std::size_t types = 0;
  double epsilon = 1e-12;
  Activation activation = Activation::gelu;
};

struct EncoderFolder {
  std::string weights;    ///< path of the file
  std::string tokenizer;  ///< path of tokenizer.json
  WeightsKind kind = WeightsKind::safetensors;
  Architecture architecture;  ///< of safetensors
  Pooling pooling = Pooling::mean;
  std::vector<std::string> labels;  ///< empty where no file names any
  std::string config;               ///< path of the config.json that names them, or would if it were there
  std::size_t max_tokens = 0;       ///< 0 where no file says
  std::int64_t pad_id = 0;
  bool classifies = false;  ///< config.json says so
  /// Paths of all that is read to load the model: weights (with those that an IR or ONNX file keeps beside it), tokenizer and
  /// configurations. Not of what else lies in the folder.
  std::vector<std::string> files;
};

/// What is in the folder, or beside the file, `path`. Errors: not_found (nothing there), invalid_argument (no model, or no
/// tokenizer.json beside it), data_loss (a broken configuration), unimplemented (an architecture or a module we cannot build).
[[nodiscard]] Result<EncoderFolder> read_encoder_folder(const std::string& path);

}  // namespace thalweg::models
