#include "thalweg/error_value.h"

#include "base/error.h"

namespace thalweg {

namespace {
constexpr int kDeepest = 20;  // causes of causes

std::string_view text_at(const Value& map, std::string_view key) {
  const Value* found = map.find(key);
  return found != nullptr && found->is_string() ? found->as_string() : std::string_view();
}

Value written(const Error& error, int depth) {
  Value map = Value::map({{"code", info(error.code()).name}, {"message", error.message()}});
  if (!error.path().empty()) map = std::move(map).set("path", error.path());
  if (error.cause() != nullptr && depth < kDeepest) map = std::move(map).set("cause", written(*error.cause(), depth + 1));
  return map;
}

Error read(const Value& value, int depth) {
  const std::string_view name = text_at(value, "code");
  const Code code = code_named(name);
  if (code == Code::ok) {
    return Error(Code::internal, fmt::format("an error must be a map with a code such as NOT_FOUND and a message, not {}",
                                             value.is_map() ? "such a map" : with_article(type_name(value.kind()))));
  }
  Error error(code, std::string(text_at(value, "message")));
  if (const std::string_view path = text_at(value, "path"); !path.empty()) error = error.at(path);
  const Value* cause = value.find("cause");
  return cause == nullptr || depth >= kDeepest ? error : error.because(read(*cause, depth + 1));
}
}  // namespace

Value to_value(const Error& error) { return written(error, 0); }
Error error_in(const Value& value) { return read(value, 0); }

}  // namespace thalweg
