#include "models/gguf.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <unordered_set>

#include "base/utf8.h"

namespace thalweg::models {

namespace {

static_assert(std::endian::native == std::endian::little, "GGUF is little-endian and read as it is");

constexpr std::uint32_t kOldest = 2, kNewest = 3;
constexpr std::size_t kLongestName = 63;     // of tensors, without the end: the library keeps 64 bytes
constexpr std::size_t kLongestKey = 65'535;  // as the format has it
constexpr std::uint64_t kLongestList = 4'096;

// The format's numbers of metadata types.
enum : std::uint32_t {
  kUint8,
  kInt8,
  kUint16,
  kInt16,
  kUint32,
  kInt32,
  kFloat32,
  kBool,
  kString,
  kArray,
  kUint64,
  kInt64,
  kFloat64
};
constexpr std::array<std::size_t, 13> kSizes{1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

// Weights of one type come in blocks of so many elements and bytes, as ggml defines them; {0, 0}: a number not in use.
struct Block {
  std::uint32_t elements;
  std::uint32_t bytes;
};
constexpr std::array<Block, 40> kBlocks{{
    {1, 4},    {1, 2},     {32, 18},   {32, 20},   {0, 0},     {0, 0},     {32, 22},  {32, 24},  {32, 34},  {32, 36},
    {256, 84}, {256, 110}, {256, 144}, {256, 176}, {256, 210}, {256, 292}, {256, 66}, {256, 74}, {256, 98}, {256, 50},
    {32, 18},  {256, 110}, {256, 82},  {256, 136}, {1, 1},     {1, 2},     {1, 4},    {1, 8},    {1, 8},    {256, 56},
    {1, 2},    {0, 0},     {0, 0},     {0, 0},     {256, 54},  {256, 66},  {0, 0},    {0, 0},    {0, 0},    {32, 17},
}};

class Reader {
 public:
  Reader(std::string_view bytes, std::uint64_t size) : bytes_(bytes), size_(size) {}

  [[nodiscard]] std::uint64_t at() const noexcept { return at_; }
  [[nodiscard]] std::uint64_t left() const noexcept { return bytes_.size() - at_; }

  template <class T>
  Result<T> number(std::string_view what) {
    const std::string_view raw = TRY(bytes(sizeof(T), what));
    T value;
    std::memcpy(&value, raw.data(), sizeof(T));
    return value;
  }
  Result<std::string_view> bytes(std::uint64_t count, std::string_view what) {
    if (count > left()) {
      return fail(Code::data_loss, "truncated: {} at byte {} needs {} bytes, and only {} are left", what, at_, count, left());
    }
    const std::string_view found = bytes_.substr(at_, count);
    at_ += count;
    return found;
  }
  Result<std::string_view> text(std::string_view what) {
    const std::uint64_t size = TRY(number<std::uint64_t>(what));
    return bytes(size, what);
  }
  /// So many things of at least `least` bytes each must still fit.
  Result<> count(std::uint64_t count, std::uint64_t least, std::string_view what) const {
    if (count <= left() / least) return {};
    return fail(Code::data_loss, "damaged or truncated: it announces {} {}, but only {} bytes are left", count, what, left());
  }
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

 private:
  std::string_view bytes_;
  std::uint64_t size_;
  std::uint64_t at_ = 0;
};

// The greatest number stands for all beyond it.
std::uint64_t times(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}
std::uint64_t plus(std::uint64_t a, std::uint64_t b) { return a > UINT64_MAX - b ? UINT64_MAX : a + b; }

std::optional<std::uint64_t> whole(const Value& value) {
  if (!value.is_int() || value.as_int() < 0) return std::nullopt;
  return static_cast<std::uint64_t>(value.as_int());
}

std::string quoted(std::string_view name) { return utf8::cut(utf8::well_formed(name)); }

Result<Value> scalar(Reader& reader, std::uint32_t type, std::string_view key) {
  switch (type) {
    case kUint8:
      return Value(static_cast<std::int64_t>(TRY(reader.number<std::uint8_t>(key))));
    case kInt8:
      return Value(static_cast<std::int64_t>(TRY(reader.number<std::int8_t>(key))));
    case kUint16:
      return Value(static_cast<std::int64_t>(TRY(reader.number<std::uint16_t>(key))));
    case kInt16:
      return Value(static_cast<std::int64_t>(TRY(reader.number<std::int16_t>(key))));
    case kUint32:
      return Value(static_cast<std::int64_t>(TRY(reader.number<std::uint32_t>(key))));
    case kInt32:
      return Value(static_cast<std::int64_t>(TRY(reader.number<std::int32_t>(key))));
    case kFloat32:
      return Value(static_cast<double>(TRY(reader.number<float>(key))));
    case kBool:
      return Value(TRY(reader.number<std::uint8_t>(key)) != 0);
    case kString:
      return Value(utf8::well_formed(TRY(reader.text(key))));
    case kUint64:
      return Value(TRY(reader.number<std::uint64_t>(key)));
    case kInt64:
      return Value(TRY(reader.number<std::int64_t>(key)));
    case kFloat64:
      return Value(TRY(reader.number<double>(key)));
    default:
      return fail(Code::data_loss, "damaged: '{}' has the type {}, which there is not", quoted(key), type);
  }
}

// Every list is walked over; what the header does not keep, see there, is empty.
Result<Value> list(Reader& reader, std::string_view key) {
  const std::uint32_t type = TRY(reader.number<std::uint32_t>(key));
  const std::uint64_t count = TRY(reader.number<std::uint64_t>(key));
  if (type >= kSizes.size() || type == kArray) {
    return fail(Code::data_loss, "damaged: '{}' is a list of the type {}, which there is not", quoted(key), type);
  }
  const std::size_t each = type == kString ? sizeof(std::uint64_t) : kSizes[type];
  TRY(reader.count(count, each, "list items"));
  std::vector<Value> kept;
  if (type == kString) {
    for (std::uint64_t i = 0; i < count; ++i) TRY(reader.text(key));
  } else if (count > kLongestList) {
    TRY(reader.bytes(count * each, key));
  } else {
    for (std::uint64_t i = 0; i < count; ++i) kept.push_back(TRY(scalar(reader, type, key)));
  }
  return Value::list(std::move(kept));
}

Result<> read_metadata(Reader& reader, std::uint64_t count, GgufHeader& header) {
  TRY(reader.count(count, 13, "metadata entries"));  // length, one letter, type
  std::unordered_set<std::string_view> seen;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string_view key = TRY(reader.text("a metadata key"));
    if (key.empty() || key.size() > kLongestKey)
      return fail(Code::data_loss, "damaged: metadata key {} has {} bytes", i, key.size());
    if (!seen.insert(key).second) return fail(Code::data_loss, "damaged: the metadata key '{}' is there twice", quoted(key));
    const std::uint32_t type = TRY(reader.number<std::uint32_t>(key));
    header.metadata.emplace_back(key, TRY(type == kArray ? list(reader, key) : scalar(reader, type, key)));
  }
  return {};
}

Result<GgufTensor> read_tensor(Reader& reader) {
  GgufTensor tensor;
  tensor.name = TRY(reader.text("a tensor's name"));
  if (tensor.name.empty() || tensor.name.size() > kLongestName) {
    return fail(Code::data_loss, "damaged: a tensor's name has {} bytes", tensor.name.size());
  }
  const std::uint32_t dimensions = TRY(reader.number<std::uint32_t>(tensor.name));
  if (dimensions == 0 || dimensions > tensor.shape.size()) {
    return fail(Code::data_loss, "damaged: the tensor '{}' has {} dimensions", quoted(tensor.name), dimensions);
  }
  std::uint64_t elements = 1;
  for (std::uint32_t i = 0; i < dimensions; ++i) {
    tensor.shape[i] = TRY(reader.number<std::uint64_t>(tensor.name));
    // Bytes are at most 8 an element, so that no product below can pass 64 bits.
    if (tensor.shape[i] == 0 || tensor.shape[i] > (std::uint64_t{1} << 56) / elements) {
      return fail(Code::data_loss, "damaged: dimension {} of the tensor '{}' is {}", i, quoted(tensor.name), tensor.shape[i]);
    }
    elements *= tensor.shape[i];
  }
  tensor.type = TRY(reader.number<std::uint32_t>(tensor.name));
  const Block block = tensor.type < kBlocks.size() ? kBlocks[tensor.type] : Block{0, 0};
  if (block.elements == 0) {
    return fail(Code::invalid_argument, "the tensor '{}' has the type {}, which this program does not know", quoted(tensor.name),
                tensor.type);
  }
  if (tensor.shape[0] % block.elements != 0) {
    return fail(Code::data_loss, "damaged: rows of the tensor '{}' have {} elements, not a multiple of {}", quoted(tensor.name),
                tensor.shape[0], block.elements);
  }
  tensor.bytes = elements / block.elements * block.bytes;
  tensor.offset = TRY(reader.number<std::uint64_t>(tensor.name));
  return tensor;
}

// The weights stand one behind the other in the order of the tensors, each at a multiple of the alignment.
Result<> place_weights(const Reader& reader, std::uint64_t alignment, GgufHeader& header) {
  const auto aligned = [alignment](std::uint64_t at) { return (at + alignment - 1) / alignment * alignment; };
  header.data_at = aligned(reader.at());
  std::uint64_t end = 0;
  for (GgufTensor& tensor : header.tensors) {
    if (tensor.offset != end) {
      return fail(Code::data_loss, "damaged: the weights of '{}' begin at {}, not at {}", quoted(tensor.name), tensor.offset,
                  end);
    }
    if (tensor.bytes > reader.size() || header.data_at + tensor.offset > reader.size() - tensor.bytes) {
      return fail(Code::data_loss, "truncated: the weights of '{}' end at byte {}, the file at {}", quoted(tensor.name),
                  header.data_at + tensor.offset + tensor.bytes, reader.size());
    }
    end = aligned(tensor.offset + tensor.bytes);
    tensor.offset += header.data_at;
  }
  return {};
}

}  // namespace

const Value* GgufHeader::find(std::string_view key) const noexcept {
  const auto found = std::ranges::find(metadata, key, &std::pair<std::string_view, Value>::first);
  return found == metadata.end() ? nullptr : &found->second;
}

std::string_view GgufHeader::text(std::string_view key) const noexcept {
  const Value* value = find(key);
  return value != nullptr && value->is_string() ? value->as_string() : std::string_view();
}

std::optional<std::uint64_t> GgufHeader::number(std::string_view key) const {
  const Value* value = find(fmt::format("{}.{}", text("general.architecture"), key));
  return value == nullptr ? std::nullopt : whole(*value);
}

std::vector<std::uint64_t> GgufHeader::numbers(std::string_view key) const {
  const Value* value = find(fmt::format("{}.{}", text("general.architecture"), key));
  if (value == nullptr) return {};
  std::vector<std::uint64_t> found;
  for (const Value& item : value->is_list() ? value->items() : std::span(value, 1)) {
    const auto number = whole(item);
    if (!number) return {};
    found.push_back(*number);
  }
  return found;
}

std::uint64_t GgufHeader::cache_bytes(std::uint64_t window) const {
  std::vector<std::uint64_t> heads = numbers("attention.head_count");
  if (heads.empty()) heads = {1};
  std::vector<std::uint64_t> kept = numbers("attention.head_count_kv");
  if (kept.empty()) kept = heads;
  std::uint64_t all = kept.size() == 1 ? times(kept.front(), number("block_count").value_or(0)) : 0;
  for (const std::uint64_t layer : kept.size() == 1 ? std::span<std::uint64_t>() : std::span(kept)) all = plus(all, layer);
  const std::uint64_t width = number("embedding_length").value_or(0) / std::max<std::uint64_t>(heads.front(), 1);
  const std::uint64_t keys = number("attention.key_length").value_or(width);
  const std::uint64_t values = number("attention.value_length").value_or(width);
  return times(times(times(all, plus(keys, values)), window), 2);
}

std::uint64_t GgufHeader::parameters() const noexcept {
  std::uint64_t sum = 0;
  for (const GgufTensor& tensor : tensors) sum += tensor.elements();
  return sum;
}

Result<GgufHeader> read_gguf(std::string_view file, std::uint64_t size) {
  Reader reader(file, size == 0 ? file.size() : size);
  if (!file.starts_with("GGUF")) {
    return fail(Code::invalid_argument, "not a GGUF file{}", file.empty() ? ": it is empty" : ": it does not begin with 'GGUF'");
  }
  TRY(reader.bytes(4, "the beginning"));
  GgufHeader header;
  header.version = TRY(reader.number<std::uint32_t>("the version"));
  if (header.version < kOldest || header.version > kNewest) {
    return fail(Code::invalid_argument, "GGUF of version {}; this program reads {} and {}: convert the model anew",
                header.version, kOldest, kNewest);
  }
  const auto tensors = TRY(reader.number<std::uint64_t>("the number of tensors"));
  const auto metadata = TRY(reader.number<std::uint64_t>("the number of metadata entries"));
  TRY(read_metadata(reader, metadata, header));

  std::uint64_t alignment = 32;
  if (const Value* given = header.find("general.alignment")) {
    if (!given->is_int() || given->as_int() < 8 || given->as_int() > 65'536 ||
        !std::has_single_bit(static_cast<std::uint64_t>(given->as_int()))) {
      return fail(Code::data_loss, "damaged: general.alignment must be a power of two between 8 and 65536");
    }
    alignment = static_cast<std::uint64_t>(given->as_int());
  }
  TRY(reader.count(tensors, 33, "tensors"));  // name, dimensions, shape, type, offset
  std::unordered_set<std::string_view> seen;
  header.tensors.reserve(tensors);
  for (std::uint64_t i = 0; i < tensors; ++i) {
    header.tensors.push_back(TRY(read_tensor(reader)));
    if (!seen.insert(header.tensors.back().name).second) {
      return fail(Code::data_loss, "damaged: the tensor '{}' is there twice", quoted(header.tensors.back().name));
    }
  }
  TRY(place_weights(reader, alignment, header));
  return header;
}

}  // namespace thalweg::models
