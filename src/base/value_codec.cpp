#include "base/value_codec.h"

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/utf8.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace thalweg {

namespace {

constexpr std::string_view kMagic = "TV";
constexpr char kVersion = 1;
constexpr std::size_t kHead = 3;
constexpr std::size_t kSum = 8;
constexpr std::size_t kDeepest = 10'000;

// Written to disk: a number keeps its meaning.
enum class Tag : std::uint8_t {
  null = 0,
  no = 1,
  yes = 2,
  integer = 3,
  unsigned_integer = 4,
  real = 5,
  timestamp = 6,
  duration = 7,
  string = 8,
  bytes = 9,
  list = 10,
  map = 11,
  type = 12,
  floats = 13,
};

constexpr std::uint64_t zigzag(std::int64_t number) noexcept {
  return (static_cast<std::uint64_t>(number) << 1) ^ static_cast<std::uint64_t>(number >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t number) noexcept {
  return static_cast<std::int64_t>((number >> 1) ^ (0 - (number & 1)));
}

template <class Bits>
void append_bits(std::string& out, Bits bits) {
  for (std::size_t i = 0; i < sizeof(Bits); ++i) out.push_back(static_cast<char>(bits >> (8 * i)));
}
template <class Bits>
Bits bits_at(std::string_view data) noexcept {
  Bits bits = 0;
  for (std::size_t i = 0; i < sizeof(Bits); ++i) bits |= static_cast<Bits>(static_cast<unsigned char>(data[i])) << (8 * i);
  return bits;
}

/// Walks a value without recursion: open lists and maps wait on a stack.
class Encoder {
 public:
  explicit Encoder(std::size_t most) : most_(most) {}

  Result<std::string> run(const Value& root) {
    out_.append(kMagic);
    out_.push_back(kVersion);
    put(root);
    while (!open_.empty()) {
      if (too_large()) break;
      Open& top = open_.back();
      if (top.next == top.container->size()) {
        open_.pop_back();
        continue;
      }
      if (open_.size() > kDeepest) {
        return fail(Code::resource_exhausted,
                    "the value cannot be kept: its lists and maps stand more than {} deep in each other", kDeepest);
      }
      const std::size_t at = top.next++;
      if (top.container->is_list()) {
        put(top.container->items()[at]);
      } else {
        const Entry& entry = top.container->entries()[at];
        put(entry.key);
        put(entry.value);
      }
    }
    if (too_large()) {
      return fail(Code::resource_exhausted, "the value cannot be kept: it is more than {} bytes", most_);
    }
    append_bits(out_, std::uint64_t{XXH3_64bits(out_.data(), out_.size())});
    return std::move(out_);
  }

 private:
  struct Open {
    const Value* container;
    std::size_t next;
  };

  [[nodiscard]] bool too_large() const noexcept { return refused_ || out_.size() + kSum > most_; }
  // Without it the whole ends as too large.
  bool has_room(std::size_t size) noexcept {
    refused_ = refused_ || size > most_ || out_.size() > most_ - size;
    return !refused_;
  }
  void tag(Tag tag) { out_.push_back(static_cast<char>(tag)); }
  void number(std::uint64_t number) {
    for (; number >= 0x80; number >>= 7) out_.push_back(static_cast<char>(number | 0x80));
    out_.push_back(static_cast<char>(number));
  }
  void data(Tag kind, std::string_view data) {
    tag(kind);
    number(data.size());
    if (has_room(data.size())) out_.append(data);
  }
  void time(Tag kind, std::int64_t seconds, std::int32_t nanos) {
    tag(kind);
    number(zigzag(seconds));
    number(zigzag(nanos));
  }

  void put(const Value& value) {
    switch (value.kind()) {
      case Kind::null:
        return tag(Tag::null);
      case Kind::boolean:
        return tag(value.as_bool() ? Tag::yes : Tag::no);
      case Kind::integer:
        tag(Tag::integer);
        return number(zigzag(value.as_int()));
      case Kind::unsigned_integer:
        tag(Tag::unsigned_integer);
        return number(value.as_uint());
      case Kind::real:
        tag(Tag::real);
        return append_bits(out_, std::bit_cast<std::uint64_t>(value.as_real()));
      case Kind::timestamp:
        return time(Tag::timestamp, value.as_timestamp().seconds, value.as_timestamp().nanos);
      case Kind::duration:
        return time(Tag::duration, value.as_duration().seconds, value.as_duration().nanos);
      case Kind::string:
        return data(Tag::string, value.as_string());
      case Kind::bytes:
        return data(Tag::bytes, value.as_string());
      case Kind::type:
        return data(Tag::type, value.as_string());
      case Kind::floats:
        tag(Tag::floats);
        number(value.size());
        if (!has_room(value.size() * sizeof(float))) return;
        for (const float each : value.as_floats()) append_bits(out_, std::bit_cast<std::uint32_t>(each));
        return;
      case Kind::list:
      case Kind::map:
        tag(value.is_list() ? Tag::list : Tag::map);
        number(value.size());
        open_.push_back({&value, 0});
        return;
    }
  }

  const std::size_t most_;
  bool refused_ = false;
  std::string out_;
  std::vector<Open> open_;
};

/// Reads what an Encoder wrote; trusts nothing.
class Decoder {
 public:
  explicit Decoder(std::string_view data) : all_(data), rest_(data) {}

  Result<Value> run() {
    std::optional<Value> made = TRY(next());
    for (;;) {
      // A finished value goes into the list or map around it, which may be finished by that.
      while (made) {
        if (open_.empty()) {
          if (!rest_.empty()) return damaged("something stands behind the value");
          return std::move(*made);
        }
        TRY(add(std::move(*made)));
        made = closed();
      }
      made = TRY(next());
    }
  }

 private:
  struct Open {
    bool is_map = false;
    std::uint64_t left = 0;  // values to come: of a map, two for each entry
    std::vector<Value> items;
    MapBuilder map;
    std::optional<Value> key;
  };

  std::unexpected<Error> damaged(std::string_view what) const {
    return fail(Code::data_loss, "the kept value is damaged at byte {}: {}", kHead + all_.size() - rest_.size(), what);
  }

  Result<std::uint64_t> number() {
    std::uint64_t made = 0;
    for (std::uint32_t shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) return damaged("it ends within a number");
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      if (shift == 63 && byte > 1) break;
      made |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if (byte < 0x80) {
        if (byte == 0 && shift > 0) return damaged("a number is written longer than it is");
        return made;
      }
    }
    return damaged("a number of more than 64 bits");
  }

  // `count` things of at least `unit` bytes each must follow.
  Result<std::size_t> count(std::size_t unit) {
    const std::uint64_t made = TRY(number());
    if (made > rest_.size() / unit) return damaged("it ends before its last part");
    return static_cast<std::size_t>(made);
  }

  Result<std::string_view> data() {
    const std::size_t size = TRY(count(1));
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  Result<std::string_view> text() {
    const std::string_view taken = TRY(data());
    if (utf8::invalid_at(taken) != std::string_view::npos) return damaged("a string is not UTF-8");
    return taken;
  }

  template <class Bits>
  Result<Bits> bits() {
    if (rest_.size() < sizeof(Bits)) return damaged("it ends within a number");
    const Bits made = bits_at<Bits>(rest_);
    rest_.remove_prefix(sizeof(Bits));
    return made;
  }

  template <class Time>
  Result<Value> time() {
    const std::int64_t seconds = unzigzag(TRY(number()));
    const std::int64_t nanos = unzigzag(TRY(number()));
    constexpr bool kPoint = std::is_same_v<Time, Timestamp>;
    if (nanos <= -1'000'000'000 || nanos >= 1'000'000'000 || (kPoint && nanos < 0) ||
        (!kPoint && ((seconds > 0 && nanos < 0) || (seconds < 0 && nanos > 0)))) {
      return damaged("a time with nanoseconds outside its second");
    }
    return Value(Time{seconds, static_cast<std::int32_t>(nanos)});
  }

  // The next value, or nothing when a list or map was opened whose items come first.
  Result<std::optional<Value>> next() {
    if (rest_.empty()) return damaged("it ends before its last part");
    if (!open_.empty()) --owed_;
    const auto tag = static_cast<Tag>(rest_.front());
    rest_.remove_prefix(1);
    switch (tag) {
      case Tag::null:
        return Value();
      case Tag::no:
      case Tag::yes:
        return Value(tag == Tag::yes);
      case Tag::integer:
        return Value(unzigzag(TRY(number())));
      case Tag::unsigned_integer:
        return Value(TRY(number()));
      case Tag::real:
        return Value(std::bit_cast<double>(TRY(bits<std::uint64_t>())));
      case Tag::timestamp:
        return TRY(time<Timestamp>());
      case Tag::duration:
        return TRY(time<Duration>());
      case Tag::string:
        return Value(TRY(text()));
      case Tag::bytes:
        return Value::bytes(TRY(data()));
      case Tag::type:
        return Value::type(TRY(text()));
      case Tag::floats: {
        std::vector<float> made(TRY(count(sizeof(float))));
        for (float& each : made) each = std::bit_cast<float>(TRY(bits<std::uint32_t>()));
        return Value::floats(made);
      }
      case Tag::list:
        return open(false, TRY(number()));
      case Tag::map:
        return open(true, TRY(number()));
    }
    return damaged(fmt::format("there is no kind of value {}", static_cast<int>(tag)));
  }

  Result<std::optional<Value>> open(bool is_map, std::uint64_t size) {
    if (size == 0) return is_map ? Value::map() : Value::list();
    if (open_.size() >= kDeepest) return damaged("lists and maps stand too deep in each other");
    // Each value takes a byte at least: so no memory is set aside for more than there can be.
    const std::uint64_t values = is_map ? 2 * size : size;
    if (size > rest_.size() || values > rest_.size() - owed_) return damaged("it ends before its last part");
    owed_ += values;
    Open& top = open_.emplace_back();
    top.is_map = is_map;
    top.left = values;
    if (is_map) {
      top.map.reserve(size);
    } else {
      top.items.reserve(size);
    }
    return std::optional<Value>();
  }

  Result<> add(Value value) {
    Open& top = open_.back();
    --top.left;
    if (!top.is_map) {
      top.items.push_back(std::move(value));
    } else if (top.left % 2 == 1) {
      top.key = std::move(value);
    } else if (auto added = top.map.add(std::move(*top.key), std::move(value)); !added) {
      return damaged(added.error().message());
    }
    return {};
  }

  // The innermost list or map when all of it is there.
  std::optional<Value> closed() {
    Open& top = open_.back();
    if (top.left > 0) return std::nullopt;
    Value made = top.is_map ? top.map.build() : Value::list(std::move(top.items));
    open_.pop_back();
    return made;
  }

  const std::string_view all_;
  std::string_view rest_;
  std::uint64_t owed_ = 0;  // values that open lists and maps wait for and that have not begun
  std::vector<Open> open_;
};

}  // namespace

Result<std::string> encode_value(const Value& value, std::size_t most) { return Encoder(most).run(value); }

Result<Value> decode_value(std::string_view data) {
  if (data.size() < kHead + kSum || !data.starts_with(kMagic)) {
    return fail(Code::data_loss, "these {} bytes are no kept value", data.size());
  }
  if (data[2] != kVersion) {
    return fail(Code::unimplemented, "the value was kept by another version of the program (form {}, known is {})",
                static_cast<int>(static_cast<unsigned char>(data[2])), static_cast<int>(kVersion));
  }
  const std::size_t end = data.size() - kSum;
  if (bits_at<std::uint64_t>(data.substr(end)) != XXH3_64bits(data.data(), end)) {
    return fail(Code::data_loss, "the kept value is damaged: its checksum is another one");
  }
  return Decoder(data.substr(kHead, end - kHead)).run();
}

}  // namespace thalweg
