# The Rust crate in bridge/ as the shared library libthalweg-bridge.so beside the program, which opens it at first use. Cargo's build
# folder is shared by all clones and build folders of one user, so that a change of the lock file builds only what it brings; cargo locks
# it itself. It is not built with sanitizers: one build serves all.
set(bridge_target ${THALWEG_HOME}/cargo/bridge)
set(bridge_file ${CMAKE_BINARY_DIR}/libthalweg-bridge.so)
file(GLOB bridge_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bridge/src/*.rs)
find_program(THALWEG_CARGO cargo)
if(NOT THALWEG_CARGO)
  message(FATAL_ERROR "cargo not found: run tools/setup")
endif()
# Clones of other versions build there too: build and copy under one lock, and let cargo forget whose sources it saw last.
add_custom_command(
  OUTPUT ${bridge_file}
  COMMAND ${CMAKE_COMMAND} -E make_directory ${bridge_target}
  COMMAND flock ${bridge_target}/thalweg.lock sh -c
          "rm -rf '${bridge_target}'/release/.fingerprint/thalweg_bridge-* && CARGO_TARGET_DIR='${bridge_target}' '${THALWEG_CARGO}' build --release --locked --quiet && cp -f '${bridge_target}/release/libthalweg_bridge.so' '${bridge_file}.new' && mv -f '${bridge_file}.new' '${bridge_file}'"
  DEPENDS ${bridge_sources} ${CMAKE_SOURCE_DIR}/bridge/Cargo.toml ${CMAKE_SOURCE_DIR}/bridge/Cargo.lock
  WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}/bridge
  COMMENT "The bridge crate (some minutes the first time)"
  USES_TERMINAL VERBATIM)
add_custom_target(bridge ALL DEPENDS ${bridge_file})
