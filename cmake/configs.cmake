# Files of configs/ built into src/scoring: the shipped configurations and what they name.

thalweg_shipped(entries NAME ${CMAKE_SOURCE_DIR}/configs/*.yaml ${CMAKE_SOURCE_DIR}/configs/*.json)
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/shipped_configs.cpp @ONLY CONTENT [[
// Made from configs/ by cmake/configs.cmake.
#include <array>

#include "scoring/shipped.h"

namespace thalweg::scoring {

std::span<const ShippedFile> shipped_files() noexcept {
  static constexpr auto kShipped = std::to_array<ShippedFile>({
@entries@  });
  return kShipped;
}

}  // namespace thalweg::scoring
]])

# thalweg_shipped_configs(): into the library of src/scoring.
function(thalweg_shipped_configs)
  target_sources(thalweg_scoring PRIVATE ${CMAKE_BINARY_DIR}/shipped_configs.cpp)
endfunction()
