#pragma once
// What the module of OpenVINO offers: an encoder's network, compiled. Files are found and configurations read outside of it.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/error.h"
#include "models/encoder.h"
#include "models/encoder_folder.h"

namespace thalweg::models {

/// Token ids of `rows` pieces, each padded to `length`, row by row.
struct Batch {
  std::size_t rows = 0;
  std::size_t length = 0;
  std::span<const std::int64_t> ids;
  std::span<const std::int64_t> types;
  std::span<const std::int64_t> mask;  ///< 1, or 0 where a row is padded
};

/// Used by one thread at a time.
class Network {
 public:
  virtual ~Network() = default;
  /// Appends rows * width() numbers to `out`: vectors of length 1, or logits. Runs on at most `cores` threads, this one
  /// included; a row is the same to the last bit for any number of them and whatever stands beside it. Errors: internal,
  /// resource_exhausted.
  virtual Result<> run(const Batch& batch, std::size_t cores, std::vector<float>& out) = 0;
  [[nodiscard]] virtual std::size_t width() const noexcept = 0;
  [[nodiscard]] virtual EncoderKind kind() const noexcept = 0;
  /// Tokens in its table, 0 where the file does not show it.
  [[nodiscard]] virtual std::size_t vocabulary() const noexcept = 0;
  /// Of its weights.
  [[nodiscard]] virtual std::uint64_t memory_bytes() const noexcept = 0;
};

/// The factory that libthalweg-openvino.so exports under kNetworkFactory. The compiled network is kept in the file `kept`, and
/// taken from there the next time; its name stands for all that the network depends on, an empty one keeps nothing. The number in
/// the factory's name goes up with every change of this header and of those it includes from this folder, so that a module of
/// another version is refused.
using NetworkFactory = void(const EncoderFolder& folder, Precision precision, const std::string& kept,
                            Result<std::unique_ptr<Network>>& made);
inline constexpr const char* kNetworkFactory = "thalweg_openvino_network_3";

}  // namespace thalweg::models
