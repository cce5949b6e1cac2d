#include "lang/checker.h"

namespace thalweg::lang {

namespace {
using Kind = Type::Kind;

bool bind_parameter(const std::string& name, const Type& actual, Bindings& bindings) {
  const auto found = bindings.find(name);
  if (found == bindings.end()) {
    bindings.emplace(name, actual.marked(false));
    return true;
  }
  const Type bound = found->second;
  if (actual.is_dyn() || bound.is_dyn()) {
    found->second = Type();
    return true;
  }
  if (!accepts(bound, actual.marked(false)) && !accepts(actual.marked(false), bound)) return false;
  found->second = join(bound, actual.marked(false));
  return true;
}
}  // namespace

bool unify(const Type& expected, const Type& actual, Bindings& bindings) {
  if (expected.is(Kind::parameter)) return bind_parameter(expected.name(), actual, bindings);
  if (expected.is_dyn() || actual.is_dyn()) return true;
  if (expected.is(Kind::map) && actual.is(Kind::object)) {
    if (!unify(expected.argument(0), Kind::string, bindings)) return false;
    Type value;
    for (std::size_t i = 0; i < actual.fields().size(); ++i)
      value = i == 0 ? actual.fields()[i].type : join(value, actual.fields()[i].type);
    return unify(expected.argument(1), value, bindings);
  }
  if (expected.is(Kind::list) && actual.is(Kind::stream)) return unify(expected.argument(0), actual.argument(0), bindings);
  if (expected.kind() != actual.kind()) return false;
  const std::size_t arguments = expected.is(Kind::map) ? 2 : 1;
  if (expected.is(Kind::list) || expected.is(Kind::map) || expected.is(Kind::type) || expected.is(Kind::optional) ||
      expected.is(Kind::stream)) {
    for (std::size_t i = 0; i < arguments; ++i) {
      if (!unify(expected.argument(i), actual.argument(i), bindings)) return false;
    }
  }
  return true;
}

Type substitute(const Type& type, const Bindings& bindings) {
  switch (type.kind()) {
    case Kind::parameter: {
      const auto found = bindings.find(type.name());
      return found == bindings.end() ? Type() : found->second;
    }
    case Kind::list:
      return Type::list(substitute(type.argument(0), bindings));
    case Kind::map:
      return Type::map(substitute(type.argument(0), bindings), substitute(type.argument(1), bindings));
    case Kind::type:
      return Type::type(substitute(type.argument(0), bindings));
    case Kind::optional:
      return Type::optional(substitute(type.argument(0), bindings));
    default:
      return type;
  }
}

}  // namespace thalweg::lang
