#include "base/value_codec.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "base/identical.h"
#include "base/value_arbitrary.h"
#include "thalweg/random.h"

using namespace thalweg;

namespace {

std::string encoded(const Value& value) { return encode_value(value).value(); }

// The bytes as they stand in the header's description of them.
std::string hex(std::string_view data) {
  std::string out;
  for (const char byte : data) out += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return out;
}

// Without the checksum, which covers for everything else.
std::string body(const Value& value) {
  const std::string all = encoded(value);
  return hex(std::string_view(all).substr(3, all.size() - 3 - 8));
}

}  // namespace

TEST_CASE("every value comes back as it was, and has one encoding") {
  CHECK(rc::check([] {
    const Value value = *testing::any_value(3);
    const std::string data = encoded(value);
    const Result<Value> back = decode_value(data);
    RC_ASSERT(back.has_value());
    RC_ASSERT(identical(*back, value));
    RC_ASSERT(encoded(*back) == data);
  }));
}

TEST_CASE("the bytes are those that the header tells, so that what is kept today can be read tomorrow") {
  CHECK(hex(encoded(Value()).substr(0, 4)) == "54560100");
  CHECK(encoded(Value()).size() == 12);
  CHECK(body(Value(false)) == "01");
  CHECK(body(Value(true)) == "02");
  CHECK(body(Value(-1)) == "0301");
  CHECK(body(Value(150)) == "03ac02");
  CHECK(body(Value(INT64_MIN)) == "03ffffffffffffffffff01");
  CHECK(body(Value(std::uint64_t{1})) == "0401");
  CHECK(body(Value(1.0)) == "05000000000000f03f");
  CHECK(body(Value(Timestamp{1, 2})) == "060204");
  CHECK(body(Value(Duration{-1, -2})) == "070103");
  CHECK(body(Value("hé")) == "080368c3a9");
  CHECK(body(Value::bytes(std::string_view("\0\xFF", 2))) == "090200ff");
  CHECK(body(Value::list({Value(), Value::list()})) == "0a02000a00");
  CHECK(body(Value::map({{Value(1), Value("a")}})) ==
        "0b0103020801"
        "61");
  CHECK(body(Value::type("int")) == "0c03696e74");
  CHECK(body(Value::floats(std::vector<float>{-2.0F})) == "0d01000000c0");
}

TEST_CASE("damaged bytes are refused, wherever the damage is") {
  const Value value = Value::map({{"text", Value("a thalweg")}, {"list", Value::list({Value(1), Value(2.5), Value()})}});
  const std::string good = encoded(value);
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const int flip : {0x01, 0x80, 0xFF}) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ flip);
      const Result<Value> back = decode_value(bad);
      REQUIRE_FALSE(back.has_value());
      CHECK(back.error().code() == (at == 2 ? Code::unimplemented : Code::data_loss));
    }
    CHECK(decode_value(std::string_view(good).substr(0, at)).error().code() == Code::data_loss);
  }
  CHECK(decode_value(good + "x").error().code() == Code::data_loss);
  CHECK(decode_value("").error().message() == "these 0 bytes are no kept value");
}

TEST_CASE("what is too large or too deep is refused, and costs no more than it may") {
  CHECK(encode_value(Value(std::string(100, 'x')), 113).has_value());
  CHECK(encode_value(Value(std::string(100, 'x')), 112).error().code() == Code::resource_exhausted);
  CHECK(encode_value(Value::floats(std::vector<float>(1000)), 100).error().code() == Code::resource_exhausted);
  CHECK(encode_value(Value::list(std::vector<Value>(1000)), 100).error().code() == Code::resource_exhausted);
  const auto tower = [](int levels) {
    Value made(1);
    for (int i = 0; i < levels; ++i) made = Value::list({made});
    return made;
  };
  CHECK(identical(decode_value(encoded(tower(10'000))).value(), tower(10'000)));
  CHECK(encode_value(tower(10'001)).error().code() == Code::resource_exhausted);
  Value shared(1);
  for (int i = 0; i < 60; ++i) shared = Value::list({shared, shared});
  CHECK(encode_value(shared, 1'000'000).error().code() == Code::resource_exhausted);
}
