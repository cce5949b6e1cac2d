# `cmake --install build --prefix P`: the program, one shared library with all of src but the command line, the headers of
# include/thalweg, the modules that both open when they need them, and what find_package and pkg-config look for.
# Component `library`: what a program that uses the library is built with.

# The same objects as the program's. Debian's archives are not made for shared libraries: this one needs the shared ones. Of what is
# not ours nothing can be seen from outside.
get_property(folders GLOBAL PROPERTY THALWEG_FOLDERS)
set(objects "")
foreach(folder IN LISTS folders)
  list(APPEND objects $<TARGET_OBJECTS:${folder}>)
endforeach()
get_property(libraries GLOBAL PROPERTY THALWEG_LIBRARIES)
list(TRANSFORM libraries REPLACE "^-l:lib(.*)[.]a$" "\\1")
add_library(thalweg_shared SHARED ${objects})
target_link_libraries(thalweg_shared PRIVATE ${libraries} dl)
# Its functions call one another directly: what chooses a function for the processor (target_clones) runs before the table of
# symbols that others could replace is filled.
target_link_options(thalweg_shared PRIVATE -Wl,-Bsymbolic-functions -Wl,--exclude-libs,ALL -Wl,--version-script=${CMAKE_SOURCE_DIR}/cmake/library.map
                                            -Wl,--no-undefined)
set_target_properties(thalweg_shared PROPERTIES OUTPUT_NAME thalweg EXPORT_NAME thalweg VERSION ${PROJECT_VERSION} SOVERSION 0
                                                 LINK_DEPENDS ${CMAKE_SOURCE_DIR}/cmake/library.map LINKER_LANGUAGE CXX)
target_include_directories(thalweg_shared INTERFACE $<INSTALL_INTERFACE:include>)
target_compile_features(thalweg_shared INTERFACE cxx_std_23)

set(package lib/cmake/thalweg)
install(TARGETS thalweg_shared EXPORT thalweg LIBRARY DESTINATION lib COMPONENT library NAMELINK_COMPONENT library)
install(EXPORT thalweg NAMESPACE thalweg:: FILE thalwegConfig.cmake DESTINATION ${package} COMPONENT library)
include(CMakePackageConfigHelpers)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/thalwegConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/thalwegConfigVersion.cmake DESTINATION ${package} COMPONENT library)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/thalweg DESTINATION include COMPONENT library FILES_MATCHING PATTERN "*.h")
configure_file(${CMAKE_SOURCE_DIR}/cmake/thalweg.pc.in ${CMAKE_BINARY_DIR}/thalweg.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/thalweg.pc DESTINATION lib/pkgconfig COMPONENT library)

install(TARGETS thalweg RUNTIME DESTINATION bin COMPONENT program)
install(TARGETS thalweg-postgres thalweg-openvino thalweg-llama LIBRARY DESTINATION lib/thalweg COMPONENT modules)
install(FILES ${bridge_file} DESTINATION lib/thalweg COMPONENT modules)
foreach(library IN LISTS THALWEG_OPENVINO_LIBRARIES)
  get_filename_component(name ${library} NAME)
  file(REAL_PATH ${library} found)
  install(FILES ${found} RENAME ${name} DESTINATION lib/thalweg/openvino COMPONENT modules)
endforeach()
