# The program build/thalweg: src/cli on top of all folders, with the files of pipelines/ built in.

thalweg_shipped(entries NAME_WE ${CMAKE_SOURCE_DIR}/pipelines/*.yaml)
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/shipped.cpp @ONLY CONTENT [[
// Made from pipelines/*.yaml by cmake/program.cmake.
#include <vector>

#include "cli/pipelines.h"

namespace thalweg::cli {

std::span<const Shipped> shipped_pipelines() noexcept {
  static const std::vector<Shipped> kShipped = {
@entries@  };
  return kShipped;
}

}  // namespace thalweg::cli
]])

# What programs link to replace malloc: values are many small objects, which glibc's takes a third longer to make and drop.
# Sanitizers bring their own. An archive, so that the program needs no library at its start.
add_library(thalweg_allocator INTERFACE)
if(NOT THALWEG_SANITIZE)
  target_link_libraries(thalweg_allocator INTERFACE -l:libjemalloc_pic.a)
endif()

# thalweg_program(FOLDERS...): build/thalweg from src/cli and these.
function(thalweg_program)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/cli/*.cpp ${CMAKE_SOURCE_DIR}/src/cli/*/*.cpp)
  add_executable(thalweg ${sources} ${CMAKE_BINARY_DIR}/shipped.cpp)
  target_compile_definitions(thalweg PRIVATE THALWEG_VERSION="${PROJECT_VERSION}")
  list(TRANSFORM ARGN PREPEND thalweg_)
  target_link_libraries(thalweg PRIVATE thalweg_allocator ${ARGN})
  add_dependencies(thalweg bridge)  # opened when a stage needs it
  add_custom_target(program DEPENDS thalweg thalweg-postgres thalweg-openvino thalweg-llama COMMENT "The program and what it opens at need")
  target_precompile_headers(thalweg REUSE_FROM thalweg_base)
endfunction()
