#pragma once
// Writes small GGUF files: a language model of one layer with random weights over bytes, and broken ones made from it.

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "scratch.h"
#include "thalweg/random.h"

namespace thalweg::models {

struct TinyGguf {
  struct Entry {
    std::string key;
    std::uint32_t type;
    std::string value;  // as in the file
  };
  struct Tensor {
    std::string name;
    std::vector<std::uint64_t> shape;
    std::string data;
    std::uint32_t type = 0;  // f32
  };
  std::vector<Entry> metadata;
  std::vector<Tensor> tensors;

  template <class T>
  static std::string raw(T value) {
    std::string bytes(sizeof(T), '\0');
    std::memcpy(bytes.data(), &value, sizeof(T));
    return bytes;
  }
  static std::string text(const std::string& value) { return raw<std::uint64_t>(value.size()) + value; }

  void put(const std::string& key, std::uint32_t type, std::string value) {
    std::erase_if(metadata, [&](const Entry& entry) { return entry.key == key; });
    metadata.push_back({key, type, std::move(value)});
  }
  void set(const std::string& key, std::uint32_t value) { put(key, 4, raw(value)); }
  void set(const std::string& key, float value) { put(key, 6, raw(value)); }
  void set(const std::string& key, const std::string& value) { put(key, 8, text(value)); }
  void remove(const std::string& key) {
    std::erase_if(metadata, [&](const Entry& entry) { return entry.key == key; });
  }
  template <class T>
  void set_list(const std::string& key, std::uint32_t type, const std::vector<T>& values) {
    std::string value = raw(type) + raw<std::uint64_t>(values.size());
    for (const T& one : values) {
      if constexpr (std::is_same_v<T, std::string>) {
        value += text(one);
      } else {
        value += raw(one);
      }
    }
    put(key, 9, value);
  }
  Tensor& tensor(const std::string& name) { return *std::ranges::find(tensors, name, &Tensor::name); }

  /// Header and weights.
  [[nodiscard]] std::string bytes() const {
    std::string file = "GGUF" + raw<std::uint32_t>(3) + raw<std::uint64_t>(tensors.size()) + raw<std::uint64_t>(metadata.size());
    for (const Entry& entry : metadata) file += text(entry.key) + raw(entry.type) + entry.value;
    std::string data;
    for (const Tensor& tensor : tensors) {
      data.resize((data.size() + 31) / 32 * 32);
      file += text(tensor.name) + raw(static_cast<std::uint32_t>(tensor.shape.size()));
      for (const std::uint64_t size : tensor.shape) file += raw(size);
      file += raw(tensor.type) + raw<std::uint64_t>(data.size());
      data += tensor.data;
    }
    file.resize((file.size() + 31) / 32 * 32);
    return file + data;
  }

  /// A llama of one layer: 32 wide, 2 heads, vocabulary of the 256 bytes.
  static TinyGguf llama(std::uint64_t seed = 1) {
    TinyGguf made;
    Random random(seed);
    const auto tensor = [&](const std::string& name, std::vector<std::uint64_t> shape, float scale) {
      std::uint64_t count = 1;
      for (const std::uint64_t size : shape) count *= size;
      std::string data;
      for (std::uint64_t i = 0; i < count; ++i) {
        data += raw(shape.size() == 1 ? 1.0F : scale * static_cast<float>(random.uniform() * 2 - 1));
      }
      made.tensors.push_back({name, std::move(shape), std::move(data)});
    };
    made.set("general.architecture", std::string("llama"));
    made.set("llama.context_length", 128U);
    made.set("llama.embedding_length", 32U);
    made.set("llama.block_count", 1U);
    made.set("llama.feed_forward_length", 64U);
    made.set("llama.attention.head_count", 2U);
    made.set("llama.attention.head_count_kv", 2U);
    made.set("llama.attention.layer_norm_rms_epsilon", 1e-5F);
    made.set("llama.rope.dimension_count", 16U);
    std::vector<std::string> tokens{"<unk>", "<s>", "</s>"};
    std::vector<std::int32_t> types{2, 3, 3};
    for (int byte = 0; byte < 256; ++byte) {
      constexpr const char* kDigits = "0123456789ABCDEF";
      tokens.push_back(std::string("<0x") + kDigits[byte / 16] + kDigits[byte % 16] + ">");
      types.push_back(6);
    }
    made.set("tokenizer.ggml.model", std::string("llama"));
    made.set_list("tokenizer.ggml.tokens", 8, tokens);
    made.set_list("tokenizer.ggml.scores", 6, std::vector<float>(tokens.size(), 0.0F));
    made.set_list("tokenizer.ggml.token_type", 5, types);
    made.set("tokenizer.ggml.bos_token_id", 1U);
    made.set("tokenizer.ggml.eos_token_id", 2U);
    tensor("token_embd.weight", {32, tokens.size()}, 1);
    tensor("output_norm.weight", {32}, 1);
    tensor("blk.0.attn_norm.weight", {32}, 1);
    for (const char* part : {"q", "k", "v", "output"}) tensor(std::string("blk.0.attn_") + part + ".weight", {32, 32}, 0.5F);
    tensor("blk.0.ffn_norm.weight", {32}, 1);
    tensor("blk.0.ffn_gate.weight", {32, 64}, 0.5F);
    tensor("blk.0.ffn_up.weight", {32, 64}, 0.5F);
    tensor("blk.0.ffn_down.weight", {64, 32}, 0.5F);
    return made;
  }
};

/// A file that goes with the test.
class ScratchFile {
 public:
  explicit ScratchFile(const std::string& bytes) : path_(scratch_.write("model.gguf", bytes)) {}
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  Scratch scratch_;
  std::string path_;
};

}  // namespace thalweg::models
