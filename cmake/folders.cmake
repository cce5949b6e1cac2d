# Tests also run under the thread sanitizer.
set(THALWEG_THREAD_TESTS base store lang engine typed definition)

# What OpenVINO needs under sanitizers: TBB not to open libraries in a way they forbid, and the stack for signals that OpenVINO gives a
# thread not to be freed by them.
set(THALWEG_SANITIZER_ENVIRONMENT TBB_ENABLE_SANITIZERS=1 ASAN_OPTIONS=use_sigaltstack=0 TSAN_OPTIONS=use_sigaltstack=0)

# thalweg_archives(OUT libs...): each plain library name as its static archive, so that the program needs no shared library of it.
function(thalweg_archives OUT)
  set(archives "")
  foreach(library IN LISTS ARGN)
    if(TARGET ${library} OR library MATCHES "[/:$.-]" AND NOT library MATCHES "^cmark-gfm")
      list(APPEND archives ${library})
    else()
      find_library(archive_${library} NAMES lib${library}.a)
      if(NOT archive_${library})
        message(FATAL_ERROR "lib${library}.a not found: run tools/setup, or put the shared library into a module")
      endif()
      list(APPEND archives ${archive_${library}})
    endif()
  endforeach()
  set(${OUT} ${archives} PARENT_SCOPE)
endfunction()

# thalweg_folder(NAME [DEPENDS folders...] [SUBFOLDERS names...] [LIBRARIES libs...]): src/NAME/*.cpp, and those of the subfolders, as
# the static library thalweg_NAME.
function(thalweg_folder NAME)
  cmake_parse_arguments(ARG "" "" "DEPENDS;SUBFOLDERS;LIBRARIES" ${ARGN})
  list(TRANSFORM ARG_SUBFOLDERS REPLACE "(.+)" "${CMAKE_SOURCE_DIR}/src/${NAME}/\\1/*.cpp")
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${NAME}/*.cpp ${ARG_SUBFOLDERS})
  add_library(thalweg_${NAME} STATIC ${sources})
  target_include_directories(thalweg_${NAME} PUBLIC ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/include)
  list(TRANSFORM ARG_DEPENDS PREPEND thalweg_)
  thalweg_archives(archives ${ARG_LIBRARIES})
  target_link_libraries(thalweg_${NAME} PUBLIC ${ARG_DEPENDS} ${archives})
  if(NAME STREQUAL "base")
    file(STRINGS ${CMAKE_SOURCE_DIR}/cmake/pch.txt headers REGEX "^<")
    target_precompile_headers(thalweg_${NAME} PRIVATE ${headers})
  else()
    target_precompile_headers(thalweg_${NAME} REUSE_FROM thalweg_base)
  endif()
  set_property(GLOBAL APPEND PROPERTY THALWEG_FOLDERS thalweg_${NAME})
  set_property(GLOBAL APPEND PROPERTY THALWEG_LIBRARIES ${ARG_LIBRARIES})
endfunction()

# thalweg_test(NAME FOLDERS...): tests/NAME/*.cpp as one doctest program, run by ctest as NAME.
function(thalweg_test NAME)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${NAME}/*.cpp)
  add_executable(test_${NAME} ${sources})
  list(TRANSFORM ARGN PREPEND thalweg_ OUTPUT_VARIABLE libraries)
  target_link_libraries(test_${NAME} PRIVATE thalweg_test_main ${libraries})
  target_include_directories(test_${NAME} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  target_precompile_headers(test_${NAME} REUSE_FROM thalweg_test_main)
  add_test(NAME ${NAME} COMMAND test_${NAME} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}/tests/${NAME})
  if(THALWEG_SANITIZE MATCHES "address|thread")
    set_tests_properties(${NAME} PROPERTIES ENVIRONMENT "${THALWEG_SANITIZER_ENVIRONMENT}")
  endif()
  add_dependencies(test_${NAME} bridge)  # opened when a test needs it
  add_dependencies(tests test_${NAME})
  if(NAME IN_LIST THALWEG_THREAD_TESTS)
    add_dependencies(thread_tests test_${NAME})
    set_tests_properties(${NAME} PROPERTIES LABELS threads)
  endif()
endfunction()
