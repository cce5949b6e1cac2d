#include "models/onnx_data.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <set>

#include "base/printable.h"
#include "models/mapped_file.h"

namespace thalweg::models {

namespace fs = std::filesystem;

namespace {

// The messages of onnx.proto on the way to names of files; all other fields are passed over.
enum class Message : std::uint8_t { model, graph, node, attribute, tensor };
struct Step {
  Message in;
  std::uint64_t field;
  Message to;
};
constexpr auto kSteps = std::to_array<Step>({
    {Message::model, 7, Message::graph},        // graph
    {Message::graph, 1, Message::node},         // node
    {Message::graph, 5, Message::tensor},       // initializer
    {Message::node, 5, Message::attribute},     // attribute
    {Message::attribute, 5, Message::tensor},   // t
    {Message::attribute, 6, Message::graph},    // g
    {Message::attribute, 10, Message::tensor},  // tensors
    {Message::attribute, 11, Message::graph},   // graphs
});
constexpr std::uint64_t kExternalData = 13;  // of a tensor: entries {key, value}
constexpr int kDeepest = 32;                 // graphs in graphs

struct Field {
  std::uint64_t number = 0;
  std::string_view bytes;  // of texts and messages
};

std::optional<std::uint64_t> varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

// The next field of a message, cut off its beginning; nothing at its end and where it is damaged.
std::optional<Field> next(std::string_view& bytes) {
  const auto key = varint(bytes);
  if (!key) return std::nullopt;
  Field field{*key >> 3, {}};
  std::uint64_t size = 0;
  switch (*key & 7) {
    case 0:
      return varint(bytes) ? std::optional(field) : std::nullopt;
    case 1:
      size = 8;
      break;
    case 2: {
      const auto told = varint(bytes);
      if (!told) return std::nullopt;
      size = *told;
      break;
    }
    case 5:
      size = 4;
      break;
    default:
      return std::nullopt;
  }
  if (size > bytes.size()) return std::nullopt;
  field.bytes = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return field;
}

void find(Message in, std::string_view bytes, int depth, std::set<std::string>& names) {
  while (const auto field = next(bytes)) {
    if (in == Message::tensor && field->number == kExternalData) {
      std::string_view entry = field->bytes, key, value;
      while (const auto part = next(entry)) (part->number == 1 ? key : value) = part->bytes;
      if (key == "location") names.emplace(value);
    }
    for (const Step& step : kSteps) {
      if (step.in == in && step.field == field->number && depth < kDeepest) find(step.to, field->bytes, depth + 1, names);
    }
  }
}

}  // namespace

Result<std::vector<std::string>> onnx_data_files(const std::string& path) {
  const MappedFile file = TRY(MappedFile::open(path));
  std::set<std::string> names;
  find(Message::model, file.text(), 0, names);
  for (const std::string& name : names) {
    const fs::path place(name);
    if (name.empty() || place.is_absolute() || std::ranges::find(place, fs::path("..")) != place.end()) {
      return fail(Code::data_loss, "{} has tensors in the file '{}', which is not beside it", path, printable(name));
    }
  }
  return std::vector<std::string>(names.begin(), names.end());
}

}  // namespace thalweg::models
