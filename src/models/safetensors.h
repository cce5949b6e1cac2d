#pragma once
// Tensors in a .safetensors file (huggingface.co/docs/safetensors): a JSON header, then their bytes.

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "models/mapped_file.h"

namespace thalweg::models {

enum class TensorType : std::uint8_t { f32, f16, bf16 };

struct TensorView {
  TensorType type = TensorType::f32;
  std::vector<std::size_t> shape;
  std::span<const std::byte> bytes;  ///< little-endian, as many as type and shape say; maybe not aligned
};

/// The tensors of floats of one file. Strict: header, shapes and ranges must fit together and cover the file without a gap or an
/// overlap, so that a truncated or damaged file is found before anything is computed.
class Safetensors {
 public:
  /// Errors: those of the file; data_loss, with what is wrong.
  [[nodiscard]] static Result<Safetensors> open(const std::string& path);
  [[nodiscard]] bool has(std::string_view name) const noexcept { return tensors_.contains(name); }
  /// Errors: data_loss when there is none of that name and shape.
  [[nodiscard]] Result<TensorView> tensor(std::string_view name, std::span<const std::size_t> shape) const;
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// Keeps the bytes.
  [[nodiscard]] std::shared_ptr<const void> owner() const noexcept { return file_.owner(); }

 private:
  explicit Safetensors(std::string path, MappedFile file) : path_(std::move(path)), file_(std::move(file)) {}
  Result<> read();

  std::string path_;
  MappedFile file_;
  std::map<std::string, TensorView, std::less<>> tensors_;
};

}  // namespace thalweg::models
