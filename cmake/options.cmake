# Compiler settings shared by every target.
set(THALWEG_SANITIZE "" CACHE STRING "address (with undefined) or thread")

add_compile_options(-Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wconversion -Wno-sign-conversion -Wno-gnu-statement-expression
                    -fno-omit-frame-pointer "SHELL:-Xclang -fno-pch-timestamp")
add_link_options(-fuse-ld=mold)
if(THALWEG_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=address,undefined)
elseif(THALWEG_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread)
  add_link_options(-fsanitize=thread)
endif()
