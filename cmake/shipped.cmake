# thalweg_shipped(OUT NAME_PART patterns...): the files as entries {"name", R"shipped(text)shipped"}, for an array in a source that is
# made when cmake runs. NAME_PART is NAME (with its ending) or NAME_WE.
function(thalweg_shipped OUT NAME_PART)
  file(GLOB shipped CONFIGURE_DEPENDS ${ARGN})
  set(entries "")
  foreach(path IN LISTS shipped)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
    get_filename_component(name ${path} ${NAME_PART})
    file(READ ${path} text)
    string(APPEND entries "    {\"${name}\", R\"shipped(${text})shipped\"},\n")
  endforeach()
  set(${OUT} "${entries}" PARENT_SCOPE)
endfunction()
