#include "scoring/fields.h"

#include "base/error.h"
#include "base/kind_words.h"

namespace thalweg::scoring {

Result<const Value*> field(const Value& map, std::string_view name, Kind kind) {
  const Value* found = map.is_map() ? map.find(name) : nullptr;
  if (found == nullptr) return fail(Code::invalid_argument, "the field '{}' is missing", name);
  if (!found->is(kind) && !(kind == Kind::real && found->is_number())) {
    if (kind == Kind::integer && found->is_number())
      return fail(Code::invalid_argument, "the field '{}' must be a whole number", name);
    return fail(Code::invalid_argument, "the field '{}' must be {}, not {}", name,
                kind == Kind::integer ? "a whole number" : in_words(kind), in_words(found->kind()));
  }
  return found;
}

Result<double> number_field(const Value& map, std::string_view name) {
  const Value* const found = TRY(field(map, name, Kind::real));
  return found->as_number();
}

Result<std::string> text_field(const Value& map, std::string_view name) {
  const Value* const found = TRY(field(map, name, Kind::string));
  return std::string(found->as_string());
}

Result<std::size_t> count_field(const Value& map, std::string_view name) {
  const Value* const found = TRY(field(map, name, Kind::integer));
  if (found->as_int() < 0) return fail(Code::invalid_argument, "the field '{}' must not be negative", name);
  return static_cast<std::size_t>(found->as_int());
}

}  // namespace thalweg::scoring
