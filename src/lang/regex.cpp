#include "lang/regex.h"

#include <re2/re2.h>

#include "base/utf8.h"

namespace thalweg::lang {

namespace {
constexpr std::size_t kLongestPattern = 10'000;
constexpr std::int64_t kPatternMemory = 1 << 20;
}  // namespace

Result<std::shared_ptr<const re2::RE2>> compile_pattern(std::string_view pattern) {
  if (pattern.size() > kLongestPattern) {
    return fail(Code::invalid_argument, "the pattern has {} bytes; at most {} are allowed", pattern.size(), kLongestPattern);
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kPatternMemory);
  auto compiled = std::make_shared<const re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (!compiled->ok())
    return fail(Code::invalid_argument, "the pattern '{}' is wrong: {}", utf8::cut(pattern), compiled->error());
  return compiled;
}

}  // namespace thalweg::lang
