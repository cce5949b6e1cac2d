#include "thalweg/codec.h"

#include "base/error.h"
#include "base/utf8.h"
#include "thalweg/clock.h"

namespace thalweg {

namespace detail {

Error wrong_kind(const Value& value, std::string_view wanted) {
  return Error(Code::invalid_argument, fmt::format("{}, not {}", with_article(type_name(value.kind())), with_article(wanted)));
}

Error out_of_range(const Value& value, std::string_view wanted) {
  const std::string number = value.is_int() ? fmt::format("{}", value.as_int()) : fmt::format("{}", value.as_uint());
  return Error(Code::out_of_range, fmt::format("{} is not in the range of the {} bits it is wanted in", number, wanted));
}

Error no_field(std::string_view name) { return Error(Code::invalid_argument, fmt::format("there is no field '{}'", name)); }

Error wrong_length(std::size_t length, std::size_t wanted) {
  return Error(Code::invalid_argument, fmt::format("a list of {}, not of {}", length, wanted));
}

Error inside(const Error& error, std::string_view field) {
  const bool goes_on = !error.message().empty() && (error.message()[0] == '[' || error.message()[0] == '.');
  return Error(error.code(), fmt::format(".{}{}{}", field, goes_on ? "" : ": ", error.message()));
}

Error inside(const Error& error, std::size_t index) {
  const bool goes_on = !error.message().empty() && (error.message()[0] == '[' || error.message()[0] == '.');
  return Error(error.code(), fmt::format("[{}]{}{}", index, goes_on ? "" : ": ", error.message()));
}

Result<Value> text_value(std::string_view text) {
  const std::size_t valid = utf8::invalid_at(text);
  if (valid < text.size()) return fail(Code::invalid_argument, "a text that is no UTF-8 at byte {}", valid);
  return Value(text);
}

Duration duration_of(std::int64_t nanos) noexcept { return {nanos / kSecond, static_cast<std::int32_t>(nanos % kSecond)}; }

Result<std::int64_t> nanos_in(const Value& value) {
  if (!value.is(Kind::duration)) return std::unexpected(wrong_kind(value, "duration"));
  const Duration duration = value.as_duration();
  const std::int64_t most = INT64_MAX / kSecond - 1;
  if (duration.seconds > most || duration.seconds < -most) {
    return fail(Code::out_of_range, "a duration of {} s is longer than nanoseconds can count", duration.seconds);
  }
  return duration.seconds * kSecond + duration.nanos;
}

}  // namespace detail

Result<std::vector<float>> Codec<std::vector<float>>::decode(const Value& value) {
  if (value.is(Kind::floats)) return std::vector<float>(value.as_floats().begin(), value.as_floats().end());
  if (!value.is_list()) return std::unexpected(detail::wrong_kind(value, "list of numbers"));
  std::vector<float> out;
  for (const Value& item : value.items()) {
    if (!item.is_number()) return std::unexpected(detail::inside(detail::wrong_kind(item, "number"), out.size()));
    out.push_back(static_cast<float>(item.as_number()));
  }
  return out;
}

Result<std::vector<std::byte>> Codec<std::vector<std::byte>>::decode(const Value& value) {
  if (!value.is(Kind::bytes)) return std::unexpected(detail::wrong_kind(value, "byte string"));
  const auto* begin = reinterpret_cast<const std::byte*>(value.as_string().data());
  return std::vector<std::byte>(begin, begin + value.size());
}

}  // namespace thalweg
