#include "models/safetensors.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <utility>

#include "base/printable.h"
#include "base/utf8.h"
#include "thalweg/json.h"

namespace thalweg::models {

namespace {

constexpr std::size_t kMostHeader = 100'000'000;  // the reference implementation's limit

struct Dtype {
  std::string_view name;
  std::size_t bytes;
  std::optional<TensorType> floats;
};
constexpr std::array<Dtype, 16> kDtypes{{{"F32", 4, TensorType::f32},
                                         {"F16", 2, TensorType::f16},
                                         {"BF16", 2, TensorType::bf16},
                                         {"F64", 8, {}},
                                         {"I64", 8, {}},
                                         {"I32", 4, {}},
                                         {"I16", 2, {}},
                                         {"I8", 1, {}},
                                         {"U64", 8, {}},
                                         {"U32", 4, {}},
                                         {"U16", 2, {}},
                                         {"U8", 1, {}},
                                         {"BOOL", 1, {}},
                                         {"F8_E4M3", 1, {}},
                                         {"F8_E5M2", 1, {}},
                                         {"C64", 8, {}}}};

std::string shape_text(std::span<const std::size_t> shape) {
  std::string text = "[";
  for (const std::size_t size : shape) text += fmt::format("{}{}", text.size() > 1 ? ", " : "", size);
  return text + "]";
}

// A whole number of at least 0.
std::optional<std::size_t> count_of(const Value& value) {
  if (!value.is_int() || value.as_int() < 0) return std::nullopt;
  return static_cast<std::size_t>(value.as_int());
}

}  // namespace

Result<Safetensors> Safetensors::open(const std::string& path) {
  Safetensors opened(path, TRY(MappedFile::open(path)));
  if (auto good = opened.read(); !good) {
    return fail(Code::data_loss, "{} is damaged: {}; get it anew from where the model comes from", path, good.error().message());
  }
  return opened;
}

Result<> Safetensors::read() {
  const std::span<const std::byte> file = file_.bytes();
  std::uint64_t header_size = 0;
  if (file.size() < sizeof(header_size)) return fail(Code::data_loss, "it has {} bytes, a header needs more", file.size());
  std::memcpy(&header_size, file.data(), sizeof(header_size));
  const std::size_t behind = file.size() - sizeof(header_size);
  if (header_size > behind || header_size > kMostHeader) {
    return fail(Code::data_loss, "its header is said to have {} bytes, and {} are left", header_size, behind);
  }
  const std::string_view text = file_.text().substr(sizeof(header_size), header_size);
  const std::span<const std::byte> data = file.subspan(sizeof(header_size) + header_size);
  auto header = parse_json(text, {.max_depth = 16, .max_bytes = kMostHeader});
  if (!header) return fail(Code::data_loss, "its header is no JSON: {}", header.error().message());
  if (!header->is_map()) return fail(Code::data_loss, "its header is no map");

  std::vector<std::pair<std::size_t, std::size_t>> ranges;
  for (const Entry& entry : header->entries()) {
    const std::string_view name = entry.key.as_string();
    if (name == "__metadata__") continue;
    const auto wrong = [&](std::string_view what) {
      return fail(Code::data_loss, "tensor '{}' {}", utf8::cut(printable(name)), what);
    };
    const Value* const dtype = entry.value.find("dtype");
    const Value* const shape = entry.value.find("shape");
    const Value* const offsets = entry.value.find("data_offsets");
    if (dtype == nullptr || !dtype->is_string() || shape == nullptr || !shape->is_list() || offsets == nullptr ||
        !offsets->is_list() || offsets->size() != 2) {
      return wrong("lacks dtype, shape or data_offsets");
    }
    const auto* const type = std::ranges::find(kDtypes, dtype->as_string(), &Dtype::name);
    if (type == kDtypes.end()) return wrong("has an unknown dtype");
    TensorView view;
    std::size_t size = type->bytes;
    for (const Value& dimension : shape->items()) {
      const auto count = count_of(dimension);
      if (!count || __builtin_mul_overflow(size, *count, &size)) return wrong("has an impossible shape");
      view.shape.push_back(*count);
    }
    const auto begin = count_of(offsets->items()[0]);
    const auto end = count_of(offsets->items()[1]);
    if (!begin || !end || *begin > *end) return wrong("has impossible offsets");
    if (*end > data.size()) return wrong(fmt::format("ends at byte {} of {}: the file is truncated", *end, data.size()));
    if (*end - *begin != size) return wrong(fmt::format("has {} bytes, its shape needs {}", *end - *begin, size));
    ranges.emplace_back(*begin, *end);
    if (!type->floats) continue;  // position ids and the like: nothing we compute with
    view.type = *type->floats;
    view.bytes = data.subspan(*begin, size);
    tensors_.emplace(name, std::move(view));
  }
  std::ranges::sort(ranges);
  std::size_t at = 0;
  for (const auto& [begin, end] : ranges) {
    if (begin != at)
      return fail(Code::data_loss, "its tensors {} at byte {}", begin < at ? "overlap" : "leave a gap", std::min(begin, at));
    at = end;
  }
  if (at != data.size()) return fail(Code::data_loss, "its tensors end at byte {} of {}", at, data.size());
  return {};
}

Result<TensorView> Safetensors::tensor(std::string_view name, std::span<const std::size_t> shape) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end())
    return fail(Code::data_loss, "{} has no tensor '{}' of floats, which its config.json asks for", path_, name);
  if (!std::ranges::equal(found->second.shape, shape)) {
    return fail(Code::data_loss, "tensor '{}' of {} has shape {}, its config.json asks for {}", name, path_,
                shape_text(found->second.shape), shape_text(shape));
  }
  return found->second;
}

}  // namespace thalweg::models
