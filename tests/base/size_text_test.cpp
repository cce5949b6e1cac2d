#include "base/size_text.h"

#include <doctest/doctest.h>

using namespace thalweg;

TEST_CASE("sizes are whole numbers with a unit") {
  CHECK(parse_size("500MB").value() == 500'000'000);
  CHECK(parse_size("2 GB").value() == 2'000'000'000);
  CHECK(parse_size("3kB").value() == parse_size("3KB").value());
  CHECK(parse_size("4GiB").value() == 4'294'967'296);
  CHECK(parse_size("1MiB").value() == 1'048'576);
  CHECK(parse_size("0B").value() == 0);
  CHECK(parse_size("9223372036854775807B").value() == INT64_MAX);
  for (const char* text : {"", "2", "GB", "-1GB", "+1GB", "1.5GB", "2gb", "2GBs", "2  GB", " 2GB", "2GB ", "0x2GB"}) {
    CAPTURE(text);
    const auto size = parse_size(text);
    REQUIRE_FALSE(size);
    CHECK(size.error().code() == Code::invalid_argument);
    CHECK(size.error().message().contains("500MB"));
  }
  for (const char* text : {"9223372036854775808B", "99999999999999999999B", "10000000TB"}) {
    CAPTURE(text);
    CHECK(parse_size(text).error().code() == Code::out_of_range);
  }
}
