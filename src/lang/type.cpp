#include "lang/type.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/utf8.h"
#include "lang/source.h"

namespace thalweg::lang {

struct Type::Parts {
  std::vector<Type> arguments;
  std::vector<Field> fields;
  std::string name;
};

namespace {
using Kind = Type::Kind;

struct Named {
  std::string_view name;
  Kind kind;
};
// In the order of the enum, so that a kind's name is found by its number.
constexpr std::array<Named, 18> kNames{{{"dyn", Kind::dyn},
                                        {"null", Kind::null},
                                        {"bool", Kind::boolean},
                                        {"int", Kind::integer},
                                        {"uint", Kind::unsigned_integer},
                                        {"double", Kind::real},
                                        {"string", Kind::string},
                                        {"bytes", Kind::bytes},
                                        {"timestamp", Kind::timestamp},
                                        {"duration", Kind::duration},
                                        {"floats", Kind::floats},
                                        {"type", Kind::type},
                                        {"list", Kind::list},
                                        {"map", Kind::map},
                                        {"object", Kind::object},
                                        {"stream", Kind::stream},
                                        {"optional", Kind::optional},
                                        {"parameter", Kind::parameter}}};
constexpr std::array<std::string_view, 17> kPublic{"dyn",    "null",  "bool",      "int",      "uint",    "double",
                                                   "string", "bytes", "timestamp", "duration", "floats",  "type",
                                                   "list",   "map",   "object",    "stream",   "optional"};
constexpr std::size_t kDeepest = 64;

const Type& dyn() noexcept {
  static const Type type;
  return type;
}

std::size_t arity(Kind kind) noexcept {
  if (kind == Kind::map) return 2;
  return kind == Kind::list || kind == Kind::stream || kind == Kind::type || kind == Kind::optional ? 1 : 0;
}

// A recursive descent over the text of a type.
class Reader {
 public:
  Reader(std::string_view text, bool parameters) : text_(text), parameters_(parameters) {}

  Result<Type> whole() {
    Type type = TRY(one(0));
    skip();
    if (at_ != text_.size()) return wrong("expected the end of the type");
    return type;
  }

 private:
  void skip() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
  }
  bool take(char wanted) {
    skip();
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  [[nodiscard]] std::unexpected<Error> wrong(std::string_view what) const {
    return fail(Code::invalid_argument, "column {} of the type '{}': {}", place_of(text_, at_).column, utf8::cut(text_, 200),
                what);
  }
  std::string_view word() {
    skip();
    const std::size_t start = at_;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_')) ++at_;
    return text_.substr(start, at_ - start);
  }

  Result<Type> one(std::size_t depth) {
    if (depth > kDeepest) return wrong("nested too deeply");
    Type type = TRY(bare(depth));
    if (take('?')) return type.marked(true);
    return type;
  }

  Result<Type> bare(std::size_t depth) {
    if (take('{')) return object(depth);
    const std::string_view name = word();
    if (name.empty()) return wrong("expected a type");
    if (parameters_ && name.size() == 1 && name[0] >= 'A' && name[0] <= 'Z') return Type::parameter(std::string(name));
    const auto known = std::ranges::find(kPublic, name);
    if (known == kPublic.end()) {
      at_ -= name.size();
      return wrong(fmt::format("no type '{}'{}", utf8::cut(name), suggestion(nearest(name, kPublic))));
    }
    const Kind kind = std::ranges::find(kNames, name, &Named::name)->kind;
    std::vector<Type> arguments;
    if (take('<')) {
      do arguments.push_back(TRY(one(depth + 1)));
      while (take(','));
      if (!take('>')) return wrong("expected '>'");
      if (arguments.size() != arity(kind)) {
        return wrong(fmt::format("'{}' takes {} type arguments, not {}", name, arity(kind), arguments.size()));
      }
    }
    switch (kind) {
      case Kind::list:
        return Type::list(arguments.empty() ? Type() : arguments[0]);
      case Kind::stream:
        return Type::stream(arguments.empty() ? Type() : arguments[0]);
      case Kind::type:
        return Type::type(arguments.empty() ? Type() : arguments[0]);
      case Kind::optional:
        return Type::optional(arguments.empty() ? Type() : arguments[0]);
      case Kind::map:
        if (arguments.empty()) return Type::map(Type(), Type());
        if (!arguments[0].is_dyn() && !arguments[0].is(Kind::parameter) && !arguments[0].is(Kind::string) &&
            !arguments[0].is(Kind::integer) && !arguments[0].is(Kind::unsigned_integer) && !arguments[0].is(Kind::boolean)) {
          return wrong(fmt::format("a map's keys are int, uint, bool or string, not {}", arguments[0].text()));
        }
        return Type::map(arguments[0], arguments[1]);
      case Kind::object:
        return Type::map(Type(Kind::string), Type());
      default:
        return Type(kind);
    }
  }

  Result<Type> object(std::size_t depth) {
    std::vector<Type::Field> fields;
    if (take('}')) return Type::object({});
    do {
      std::string name(word());
      if (name.empty()) return wrong("expected a field name");
      if (std::ranges::find(fields, name, &Type::Field::name) != fields.end())
        return wrong(fmt::format("the field '{}' stands twice", utf8::cut(name)));
      const bool absent = take('?');
      if (!take(':')) return wrong("expected ':'");
      Type type = TRY(one(depth + 1));
      if (absent) type = type.marked(true);
      fields.push_back({std::move(name), std::move(type)});
    } while (take(','));
    if (!take('}')) return wrong("expected '}'");
    return Type::object(std::move(fields));
  }

  std::string_view text_;
  bool parameters_;
  std::size_t at_ = 0;
};
}  // namespace

Type::Type(Kind kind, std::vector<Type> arguments)
    : kind_(kind), parts_(std::make_shared<const Parts>(Parts{std::move(arguments), {}, {}})) {}

Type Type::parameter(std::string name) {
  Type type(Kind::parameter);
  type.parts_ = std::make_shared<const Parts>(Parts{{}, {}, std::move(name)});
  return type;
}

Type Type::object(std::vector<Field> fields) {
  Type type(Kind::object);
  type.parts_ = std::make_shared<const Parts>(Parts{{}, std::move(fields), {}});
  return type;
}

const Type& Type::argument(std::size_t index) const noexcept {
  return parts_ == nullptr || index >= parts_->arguments.size() ? dyn() : parts_->arguments[index];
}

std::span<const Type::Field> Type::fields() const noexcept {
  return parts_ == nullptr ? std::span<const Field>() : parts_->fields;
}

const Type* Type::field(std::string_view name) const noexcept {
  const auto all = fields();
  const auto found = std::ranges::find(all, name, &Field::name);
  return found == all.end() ? nullptr : &found->type;
}

const std::string& Type::name() const noexcept {
  static const std::string none;
  return parts_ == nullptr ? none : parts_->name;
}

std::string Type::text() const {
  std::string out;
  if (kind_ == Kind::parameter) {
    out = name();
  } else if (kind_ == Kind::object) {
    out = "{";
    for (const Field& field : fields()) {
      if (out.size() > 1) out += ", ";
      out += fmt::format("{}: {}", field.name, field.type.text());
    }
    out += "}";
  } else {
    out = kNames[static_cast<std::size_t>(kind_)].name;
    if (parts_ != nullptr && !parts_->arguments.empty()) {
      out += "<";
      for (std::size_t i = 0; i < parts_->arguments.size(); ++i) out += (i == 0 ? "" : ", ") + parts_->arguments[i].text();
      out += ">";
    }
  }
  if (absent_) out += "?";
  return out;
}

bool Type::same(const Type& a, const Type& b) noexcept {
  if (a.kind_ != b.kind_ || a.absent_ != b.absent_) return false;
  if (a.kind_ == Kind::parameter) return a.name() == b.name();
  for (std::size_t i = 0; i < arity(a.kind_); ++i) {
    if (!same(a.argument(i), b.argument(i))) return false;
  }
  return std::ranges::equal(a.fields(), b.fields(),
                            [](const Field& x, const Field& y) { return x.name == y.name && same(x.type, y.type); });
}

Result<Type> parse_type(std::string_view text, bool parameters) { return Reader(text, parameters).whole(); }

std::span<const std::string_view> type_names() noexcept { return kPublic; }

bool accepts(const Type& expected, const Type& actual) {
  if (expected.is_dyn()) return true;
  if (actual.may_be_absent() && !expected.may_be_absent()) return false;
  if (actual.is_dyn()) return true;
  if (actual.is(Kind::null)) return expected.may_be_absent() || expected.is(Kind::null);
  if (expected.is(Kind::object) && actual.is(Kind::object)) {
    return std::ranges::all_of(expected.fields(), [&](const Type::Field& wanted) {
      const Type* given = actual.field(wanted.name);
      return given == nullptr ? wanted.type.may_be_absent() : accepts(wanted.type, *given);
    });
  }
  if (expected.is(Kind::object) && actual.is(Kind::map)) {  // which keys are there shows at run time
    return accepts(actual.argument(0), Kind::string) && std::ranges::all_of(expected.fields(), [&](const Type::Field& wanted) {
             return accepts(wanted.type, actual.argument(1).marked(false));
           });
  }
  if (expected.is(Kind::map) && actual.is(Kind::object)) {
    return accepts(expected.argument(0), Kind::string) && std::ranges::all_of(actual.fields(), [&](const Type::Field& given) {
             return accepts(expected.argument(1), given.type.marked(false));
           });
  }
  if (expected.kind() != actual.kind()) return false;
  for (std::size_t i = 0; i < arity(expected.kind()); ++i) {
    if (!accepts(expected.argument(i), actual.argument(i))) return false;
  }
  return true;
}

Type join(const Type& a, const Type& b) {
  const bool absent = a.may_be_absent() || b.may_be_absent();
  const Type left = a.marked(false), right = b.marked(false);
  if (left == right) return left.marked(absent);
  if (left.is_dyn() || right.is_dyn()) return Type().marked(absent);
  if (left.is(Kind::null)) return right.marked(true);
  if (right.is(Kind::null)) return left.marked(true);
  if (left.is(Kind::list) && right.is(Kind::list)) return Type::list(join(left.argument(0), right.argument(0))).marked(absent);
  if (left.is(Kind::map) && right.is(Kind::map)) {
    return Type::map(join(left.argument(0), right.argument(0)), join(left.argument(1), right.argument(1))).marked(absent);
  }
  if (accepts(left, right)) return left.marked(absent);
  if (accepts(right, left)) return right.marked(absent);
  return Type().marked(absent);
}

Type type_of(const Value& value) {
  switch (value.kind()) {
    case thalweg::Kind::null:
      return Kind::null;
    case thalweg::Kind::boolean:
      return Kind::boolean;
    case thalweg::Kind::integer:
      return Kind::integer;
    case thalweg::Kind::unsigned_integer:
      return Kind::unsigned_integer;
    case thalweg::Kind::real:
      return Kind::real;
    case thalweg::Kind::timestamp:
      return Kind::timestamp;
    case thalweg::Kind::duration:
      return Kind::duration;
    case thalweg::Kind::string:
      return Kind::string;
    case thalweg::Kind::bytes:
      return Kind::bytes;
    case thalweg::Kind::list:
      return Type::list({});
    case thalweg::Kind::map:
      return Type::map({}, {});
    case thalweg::Kind::type:
      return Type::type({});
    case thalweg::Kind::floats:
      return Kind::floats;
  }
  return {};
}

}  // namespace thalweg::lang
