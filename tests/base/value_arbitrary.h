#pragma once
// Random values for property tests.
#include <rapidcheck.h>

#include <bit>
#include <cmath>
#include <ostream>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "thalweg/json.h"
#include "thalweg/value.h"

namespace thalweg {
/// How rapidcheck shows a failing case.
inline void showValue(const Value& value, std::ostream& os) {
  os << to_json(value).value_or(std::string(type_name(value.kind())));
}
}  // namespace thalweg

namespace thalweg::testing {

/// Mostly ASCII, with what JSON must escape and with all planes of Unicode.
inline rc::Gen<std::string> text() {
  return rc::gen::map(rc::gen::container<std::vector<std::uint32_t>>(rc::gen::inRange<std::uint32_t>(0, 0x2000)),
                      [](const std::vector<std::uint32_t>& codes) {
                        std::string made;
                        for (const std::uint32_t code : codes) {
                          const char32_t wide = code < 0x1000 ? code & 0x7FU : code < 0x1800 ? code : 0x1F000 + (code & 0x7FFU);
                          utf8::append(made, wide);
                        }
                        return made;
                      });
}

inline rc::Gen<double> finite() {
  return rc::gen::map(rc::gen::arbitrary<std::uint64_t>(), [](std::uint64_t bits) {
    if (bits % 3 == 0) return static_cast<double>(static_cast<std::int64_t>(bits)) / 8;
    const double any = std::bit_cast<double>(bits);
    return std::isfinite(any) ? any : 0.5;
  });
}

/// What JSON can hold and gives back with the same kind.
inline rc::Gen<Value> json_value(int depth) {
  rc::Gen<Value> scalar = rc::gen::oneOf(
      rc::gen::just(Value()), rc::gen::map(rc::gen::arbitrary<bool>(), [](bool b) { return Value(b); }),
      rc::gen::map(rc::gen::arbitrary<std::int64_t>(), [](std::int64_t i) { return Value(i); }),
      rc::gen::map(rc::gen::arbitrary<std::uint64_t>(), [](std::uint64_t u) { return Value(u | (std::uint64_t{1} << 63)); }),
      rc::gen::map(finite(), [](double d) { return Value(d); }),
      rc::gen::map(text(), [](const std::string& s) { return Value(s); }));
  if (depth == 0) return scalar;
  const auto list = rc::gen::map(
      rc::gen::container<std::vector<Value>>(rc::gen::scale(0.3, rc::gen::lazy([depth] { return json_value(depth - 1); }))),
      [](std::vector<Value> items) { return Value::list(std::move(items)); });
  const auto map = rc::gen::map(rc::gen::container<std::vector<std::pair<std::string, Value>>>(rc::gen::pair(
                                    text(), rc::gen::scale(0.3, rc::gen::lazy([depth] { return json_value(depth - 1); })))),
                                [](const std::vector<std::pair<std::string, Value>>& pairs) {
                                  Value made = Value::map();
                                  for (const auto& [key, value] : pairs) made = std::move(made).set(Value(key), value);
                                  return made;
                                });
  return rc::gen::weightedOneOf<Value>({{3, scalar}, {1, list}, {1, map}});
}

/// Any value at all: every kind, doubles and floats of any bits, maps with keys of every kind that a key may be.
inline rc::Gen<Value> any_value(int depth) {
  using rc::gen::arbitrary;
  const auto bytes = rc::gen::container<std::string>(arbitrary<char>());
  const auto nanos = rc::gen::inRange<std::int32_t>(0, 1'000'000'000);
  rc::Gen<Value> key = rc::gen::oneOf(rc::gen::map(arbitrary<bool>(), [](bool b) { return Value(b); }),
                                      rc::gen::map(arbitrary<std::int64_t>(), [](std::int64_t i) { return Value(i); }),
                                      rc::gen::map(arbitrary<std::uint64_t>(), [](std::uint64_t u) { return Value(u); }),
                                      rc::gen::map(text(), [](const std::string& s) { return Value(s); }));
  rc::Gen<Value> scalar = rc::gen::oneOf(
      rc::gen::just(Value()), key,
      rc::gen::map(arbitrary<std::uint64_t>(), [](std::uint64_t bits) { return Value(std::bit_cast<double>(bits)); }),
      rc::gen::element(Value(std::nan("")), Value(-std::nan("7")), Value(-0.0), Value(HUGE_VAL), Value(-HUGE_VAL),
                       Value(INT64_MIN), Value(UINT64_MAX)),
      rc::gen::map(rc::gen::pair(arbitrary<std::int64_t>(), nanos),
                   [](auto at) { return Value(Timestamp{at.first, at.second}); }),
      rc::gen::map(rc::gen::pair(arbitrary<std::int64_t>(), nanos),
                   [](auto span) { return Value(Duration{span.first, span.first < 0 ? -span.second : span.second}); }),
      rc::gen::map(bytes, [](const std::string& data) { return Value::bytes(data); }),
      rc::gen::map(text(), [](const std::string& name) { return Value::type(name); }),
      rc::gen::map(rc::gen::container<std::vector<std::uint32_t>>(arbitrary<std::uint32_t>()), [](const auto& all) {
        std::vector<float> floats;
        for (const std::uint32_t bits : all) floats.push_back(std::bit_cast<float>(bits));
        return Value::floats(floats);
      }));
  if (depth == 0) return scalar;
  const auto inner = rc::gen::scale(0.3, rc::gen::lazy([depth] { return any_value(depth - 1); }));
  const auto list =
      rc::gen::map(rc::gen::container<std::vector<Value>>(inner), [](auto items) { return Value::list(std::move(items)); });
  const auto map =
      rc::gen::map(rc::gen::container<std::vector<std::pair<Value, Value>>>(rc::gen::pair(key, inner)), [](const auto& pairs) {
        Value made = Value::map();
        for (const auto& [name, value] : pairs) made = std::move(made).set(name, value);
        return made;
      });
  return rc::gen::weightedOneOf<Value>({{3, scalar}, {1, list}, {1, map}});
}

}  // namespace thalweg::testing
