// Bytes that are read as a kept value are the one encoding of it; any others are refused. Half of the inputs get a head and a
// checksum that are right, so that what stands between is reached.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/identical.h"
#include "base/value_codec.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

using namespace thalweg;

namespace {
void check(std::string_view data) {
  const auto value = decode_value(data);
  if (!value) {
    if (value.error().code() != Code::data_loss && value.error().code() != Code::unimplemented) std::abort();
    return;
  }
  const auto again = encode_value(*value);
  if (!again || *again != data) std::abort();
  const auto back = decode_value(*again);
  if (!back || !identical(*back, *value)) std::abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view given(reinterpret_cast<const char*>(data), size);
  check(given);
  std::string whole = "TV\x01" + std::string(given);
  const std::uint64_t sum = XXH3_64bits(whole.data(), whole.size());
  for (int shift = 0; shift < 64; shift += 8) whole.push_back(static_cast<char>(sum >> shift));
  check(whole);
  return 0;
}
