#pragma once
// A file as bytes in memory, without reading it.

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace thalweg::models {

/// A file mapped for reading; copies share the mapping. Who truncates the file meanwhile ends this process (SIGBUS): models are
/// replaced by renaming, as package managers and `thalweg models` do.
class MappedFile {
 public:
  /// Errors: not_found, permission_denied and others of the system; invalid_argument for a folder or a device.
  [[nodiscard]] static Result<MappedFile> open(const std::string& path);
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return {data_.get(), size_}; }
  [[nodiscard]] std::string_view text() const noexcept { return {reinterpret_cast<const char*>(data_.get()), size_}; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// Keeps the mapping.
  [[nodiscard]] std::shared_ptr<const void> owner() const noexcept { return data_; }

 private:
  MappedFile(std::shared_ptr<const std::byte> data, std::size_t size) : data_(std::move(data)), size_(size) {}
  std::shared_ptr<const std::byte> data_;
  std::size_t size_;
};

}  // namespace thalweg::models
