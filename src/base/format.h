#pragma once
// fmt, with its code compiled once, in format.cpp. Debian has it as a shared library only, which the program must not need;
// header-only it would be compiled again in every file that makes a message, for longer than all the rest of the file.

#include <fmt/format.h>

extern template void fmt::detail::vformat_to<char>(buffer<char>&, fmt::string_view,
                                                   fmt::basic_format_args<fmt::buffer_context<char>>, locale_ref);
