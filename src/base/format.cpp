#include "base/format.h"

#include <fmt/format-inl.h>

template void fmt::detail::vformat_to<char>(buffer<char>&, fmt::string_view, fmt::basic_format_args<fmt::buffer_context<char>>,
                                            locale_ref);
// Declared as made elsewhere by fmt itself.
template auto fmt::detail::thousands_sep_impl<char>(locale_ref) -> thousands_sep_result<char>;
template auto fmt::detail::decimal_point_impl<char>(locale_ref) -> char;
