#include "stages/order.h"

#include "base/error.h"

namespace thalweg::stages {

Result<std::weak_ordering> compare(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) {
    const std::partial_ordering order = compare_numbers(a, b);
    if (order == std::partial_ordering::less) return std::weak_ordering::less;
    if (order == std::partial_ordering::greater) return std::weak_ordering::greater;
    if (order == std::partial_ordering::equivalent) return std::weak_ordering::equivalent;
    return fail(Code::invalid_argument, "NaN has no place in an order");
  }
  if (a.kind() != b.kind()) {
    return fail(Code::invalid_argument, "a value of type {} and one of type {} have no order between them", type_name(a.kind()),
                type_name(b.kind()));
  }
  switch (a.kind()) {
    case Kind::null:
      return std::weak_ordering::equivalent;
    case Kind::boolean:
      return a.as_bool() <=> b.as_bool();
    case Kind::string:
    case Kind::bytes:
      return a.as_string() <=> b.as_string();
    case Kind::timestamp:
      return a.as_timestamp() <=> b.as_timestamp();
    case Kind::duration:
      return a.as_duration() <=> b.as_duration();
    case Kind::list:
      for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        if (const auto order = TRY(compare(a.items()[i], b.items()[i])); order != 0) return order;
      }
      return a.size() <=> b.size();
    default:
      return fail(Code::invalid_argument, "values of type {} have no order", type_name(a.kind()));
  }
}

}  // namespace thalweg::stages
