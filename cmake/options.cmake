# Compiler settings shared by every target.
set(THALWEG_SANITIZE "" CACHE STRING "address (with undefined), thread or coverage")

# Where tools/setup puts downloads, sources and caches: outside the build tree, shared by all clones of one user.
if(DEFINED ENV{THALWEG_HOME})
  set(default_home "$ENV{THALWEG_HOME}")
elseif(DEFINED ENV{XDG_CACHE_HOME})
  set(default_home "$ENV{XDG_CACHE_HOME}/thalweg")
else()
  set(default_home "$ENV{HOME}/.cache/thalweg")
endif()
set(THALWEG_HOME "${default_home}" CACHE PATH "downloads, unpacked sources, crates' builds and the compiler cache")

# thalweg_source(NAME OUT): the unpacked sources of a package pinned in tools/dependencies.toml.
function(thalweg_source NAME OUT)
  file(GLOB found ${THALWEG_HOME}/sources/${NAME}-*/.unpacked)
  list(LENGTH found count)
  if(count EQUAL 0)
    message(FATAL_ERROR "The sources of ${NAME} are not under ${THALWEG_HOME}: run tools/setup")
  endif()
  file(STRINGS ${CMAKE_SOURCE_DIR}/tools/dependencies.toml lines)
  set(section "")
  foreach(line IN LISTS lines)
    if(line MATCHES "^\\[(.*)\\]$")
      set(section "${CMAKE_MATCH_1}")
    elseif(section STREQUAL "pypi.${NAME}" AND line MATCHES "^version = \"(.*)\"")
      set(${OUT} ${THALWEG_HOME}/sources/${NAME}-${CMAKE_MATCH_1} PARENT_SCOPE)
    endif()
  endforeach()
endfunction()

# The cache hits in another clone of the same sources: paths below base_dir are made relative, the working folder is not hashed.
find_program(THALWEG_CCACHE ccache)
if(THALWEG_CCACHE)
  set(launcher env CCACHE_DIR=${THALWEG_HOME}/ccache CCACHE_MAXSIZE=5G CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime CCACHE_PCH_EXTSUM=1
      ${CMAKE_SOURCE_DIR}/tools/compile)
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()
# CMake's own spelling hides the header's absolute path behind -Xclang, where ccache does not make it relative. There are two
# precompiled headers, that of src/base and that of the tests (see tests/CMakeLists.txt); ninja runs in the build folder.
set(CMAKE_CXX_COMPILE_OPTIONS_CREATE_PCH -Xclang -emit-pch -Xclang -include -Xclang src/CMakeFiles/thalweg_base.dir/cmake_pch.hxx
    -x c++-header)
set(CMAKE_CXX_COMPILE_OPTIONS_USE_PCH -include-pch <PCH_FILE>)

add_compile_options(-Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wconversion -Wno-sign-conversion -Wno-gnu-statement-expression
                    -fPIC -fno-omit-frame-pointer -ffunction-sections -fdata-sections "SHELL:-Xclang -fno-pch-timestamp")
add_link_options(-fuse-ld=mold -Wl,--gc-sections -Wl,--as-needed)
if(THALWEG_SANITIZE MATCHES "address|thread")  # compiles about a tenth faster than -O2
  set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O1 -gline-tables-only -DNDEBUG")
  set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -gline-tables-only -DNDEBUG")
endif()
if(THALWEG_SANITIZE STREQUAL "address")
  # Also instrumented for libFuzzer, so that the fuzz targets share these libraries instead of building them once more.
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fsanitize=fuzzer-no-link)
  add_link_options(-fsanitize=address,undefined)
elseif(THALWEG_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread)
  add_link_options(-fsanitize=thread)
elseif(THALWEG_SANITIZE STREQUAL "coverage")
  add_compile_options(-fprofile-instr-generate -fcoverage-mapping -O1)
  add_link_options(-fprofile-instr-generate)
endif()
