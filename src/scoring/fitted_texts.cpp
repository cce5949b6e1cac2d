#include "scoring/fitted_texts.h"

#include <algorithm>
#include <charconv>

#include "scoring/fields.h"
#include "scoring/shipped.h"
#include "thalweg/json.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace thalweg::scoring {

namespace {

constexpr unsigned kBits = 48;
constexpr std::size_t kDigits = kBits / 4;

Result<std::uint64_t> number_of(std::string_view digits) {
  std::uint64_t number = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  if (read.ec != std::errc() || read.ptr != digits.data() + digits.size())
    return fail(Code::invalid_argument, "'{}' is no hexadecimal number", digits);
  return number;
}

}  // namespace

FittedTexts::FittedTexts(std::span<const std::string> texts) {
  // Whatever the order.
  for (const std::string& text : texts) key_ += XXH3_64bits(text.data(), text.size());
  hashes_.reserve(texts.size());
  for (const std::string& text : texts) hashes_.push_back(hash(text));
  std::ranges::sort(hashes_);
  const auto doubled = std::ranges::unique(hashes_);
  hashes_.erase(doubled.begin(), doubled.end());
}

std::uint64_t FittedTexts::hash(std::string_view text) const noexcept {
  return XXH3_64bits_withSeed(text.data(), text.size(), key_) >> (64 - kBits);
}

bool FittedTexts::contains(std::string_view text) const noexcept {
  return !hashes_.empty() && std::ranges::binary_search(hashes_, hash(text));
}

Value FittedTexts::to_value() const {
  std::string all;
  all.reserve(hashes_.size() * kDigits);
  for (const std::uint64_t hash : hashes_) fmt::format_to(std::back_inserter(all), "{:012x}", hash);
  return Value::map(
      {{"count", static_cast<std::int64_t>(hashes_.size())}, {"key", fmt::format("{:016x}", key_)}, {"hashes", all}});
}

Result<FittedTexts> FittedTexts::from_value(const Value& value) {
  FittedTexts texts;
  const std::size_t count = TRY(count_field(value, "count"));
  const std::string key = TRY(text_field(value, "key")), all = TRY(text_field(value, "hashes"));
  texts.key_ = TRY(number_of(key));
  if (all.size() % kDigits != 0 || all.size() / kDigits != count)
    return fail(Code::invalid_argument, "'hashes' has {} digits, and {} hashes have {}", all.size(), count, count * kDigits);
  for (std::size_t i = 0; i < count; ++i)
    texts.hashes_.push_back(TRY(number_of(std::string_view(all).substr(i * kDigits, kDigits))));
  std::ranges::sort(texts.hashes_);
  return texts;
}

Result<FittedTexts> read_fitted_texts(const std::string& path) {
  const std::string text = TRY(read_named_file(path));
  const auto value = parse_json(text);
  if (!value) return std::unexpected(value.error().at(path));
  const Value* const metadata = value->find("metadata");  // of parameters
  const Value* const told = (metadata == nullptr ? *value : *metadata).find("fitted_on");
  if (told == nullptr)
    return fail(Code::invalid_argument, "{}: there is no 'fitted_on'; 'thalweg eval train' writes files that have it", path);
  auto texts = FittedTexts::from_value(*told);
  if (!texts) return std::unexpected(texts.error().at(fmt::format("{}: fitted_on", path)));
  return texts;
}

}  // namespace thalweg::scoring
