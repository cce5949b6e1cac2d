#include "base/kind_words.h"

namespace thalweg {

std::string_view in_words(Kind kind) noexcept {
  switch (kind) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return "true or false";
    case Kind::integer:
    case Kind::unsigned_integer:
    case Kind::real:
      return "a number";
    case Kind::timestamp:
      return "a point in time";
    case Kind::duration:
      return "a span of time";
    case Kind::string:
      return "a text";
    case Kind::bytes:
      return "bytes";
    case Kind::list:
    case Kind::floats:
      return "a list";
    case Kind::map:
      return "a map";
    case Kind::type:
      return "a type";
  }
  return "something else";
}

}  // namespace thalweg
