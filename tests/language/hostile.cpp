// Files that are no language models, broken ones, hostile ones: an error that says what is wrong, never the end of the program.

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <thread>

#include "base/utf8.h"
#include "models/gguf.h"
#include "models/measure.h"
#include "smollm2.h"
#include "tiny_gguf.h"

namespace thalweg::models {

namespace {

Error refused(const std::string& bytes) {
  const ScratchFile file(bytes);
  const auto model = open_language_model(file.path());
  REQUIRE(!model);
  CHECK(model.error().path() == file.path());
  return model.error();
}

Error refused(const std::function<void(TinyGguf&)>& change) {
  TinyGguf tiny = TinyGguf::llama();
  change(tiny);
  return refused(tiny.bytes());
}

std::string with_number(std::string bytes, std::size_t at, std::uint64_t value) {
  return bytes.replace(at, 8, TinyGguf::raw(value));
}

}  // namespace

TEST_CASE("a small model with random weights works, and its ill-formed bytes come as U+FFFD, characters whole") {
  const ScratchFile file(TinyGguf::llama().bytes());
  const auto model = opened(file.path());
  CHECK(model->quantisation() == "F32");
  CHECK(model->context_size() == 128);
  bool replaced = false;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    GenerateRequest request = prompt("thalweg", 60);
    request.temperature = 5;
    request.top_k = 0;
    request.top_p = 1;
    request.min_p = 0;
    request.seed = seed;
    std::string told;
    const auto made = generated(*model, std::move(request), [&](std::string_view text) {
      CHECK(utf8::invalid_at(text) == std::string_view::npos);
      told += text;
      return true;
    });
    REQUIRE(made);
    CHECK(told == made->text);
    replaced = replaced || told.find("\xEF\xBF\xBD") != std::string::npos;
  }
  CHECK(replaced);
}

TEST_CASE("what is no GGUF file") {
  CHECK(open_language_model("/nowhere/model.gguf").error().code() == Code::not_found);
  CHECK(open_language_model("/").error().text() == "/ is no file");
  CHECK(refused("").message() == "not a GGUF file: it is empty");
  CHECK(refused("{\"a\": 1}").code() == Code::invalid_argument);
  CHECK(refused("GGUF").code() == Code::data_loss);
  CHECK(refused("GGUF" + TinyGguf::raw<std::uint32_t>(1) + std::string(16, '\0')).message() ==
        "GGUF of version 1; this program reads 2 and 3: convert the model anew");
}

TEST_CASE("a file cut off anywhere is refused as such") {
  TinyGguf tiny = TinyGguf::llama();
  const std::string whole = tiny.bytes();
  const std::uint64_t data_at = read_gguf(whole)->data_at;
  for (std::size_t size = 4; size < data_at; ++size) {
    const auto header = read_gguf(std::string_view(whole).substr(0, size));
    REQUIRE(!header);
    REQUIRE(header.error().code() == Code::data_loss);
  }
  CHECK(
      refused(whole.substr(0, whole.size() - 1)).message().starts_with("truncated: the weights of 'blk.0.ffn_down.weight' end"));
  CHECK(refused(whole.substr(0, whole.size() / 2)).code() == Code::data_loss);
}

TEST_CASE("impossible counts, lengths and places cost neither memory nor time") {
  const std::string whole = TinyGguf::llama().bytes();
  for (const std::uint64_t value : {UINT64_MAX, UINT64_MAX / 8, std::uint64_t{1} << 62, std::uint64_t{1} << 33}) {
    CHECK(refused(with_number(whole, 8, value)).code() == Code::data_loss);   // tensors
    CHECK(refused(with_number(whole, 16, value)).code() == Code::data_loss);  // metadata
    CHECK(refused(with_number(whole, 24, value)).code() == Code::data_loss);  // length of the first key
    CHECK(refused([&](TinyGguf& tiny) { tiny.tensor("output_norm.weight").shape = {value}; }).code() == Code::data_loss);
    CHECK(refused([&](TinyGguf& tiny) { tiny.tensor("token_embd.weight").shape = {32, value}; }).code() == Code::data_loss);
  }
  CHECK(refused([](TinyGguf& tiny) { tiny.tensors[0].shape = {0, 32}; }).message() ==
        "damaged: dimension 0 of the tensor 'token_embd.weight' is 0");
  CHECK(refused([](TinyGguf& tiny) { tiny.tensors[0].shape = {1, 1, 1, 1, 1}; }).message().find("5 dimensions") !=
        std::string::npos);
  CHECK(refused([](TinyGguf& tiny) { tiny.tensors[0].type = 31; }).code() == Code::invalid_argument);
  CHECK(refused([](TinyGguf& tiny) { tiny.tensors[1].name = tiny.tensors[0].name; }).message().find("twice") !=
        std::string::npos);
  CHECK(refused([](TinyGguf& tiny) { tiny.tensors[1].name = std::string(64, 'n'); }).code() == Code::data_loss);
  CHECK(refused([](TinyGguf& tiny) { tiny.tensors[3].data.resize(100); }).code() == Code::data_loss);
  CHECK(refused([](TinyGguf& tiny) { tiny.metadata.push_back(tiny.metadata[0]); }).message().find("twice") != std::string::npos);
  CHECK(refused([](TinyGguf& tiny) { tiny.metadata[0].type = 77; }).code() == Code::data_loss);
  CHECK(refused([](TinyGguf& tiny) { tiny.set("general.alignment", 3U); }).code() == Code::data_loss);
}

TEST_CASE("GGUF files that hold no language model") {
  CHECK(refused([](TinyGguf& tiny) { tiny.remove("general.architecture"); }).code() == Code::invalid_argument);
  CHECK(refused([](TinyGguf& tiny) { tiny.remove("tokenizer.ggml.model"); }).message() ==
        "no language model: the file of architecture 'llama' has no vocabulary");
  CHECK(refused([](TinyGguf& tiny) { tiny.tensors.clear(); }).message() ==
        "no language model: the file of architecture 'llama' has no weights");
  CHECK(
      refused([](TinyGguf& tiny) { tiny.set("general.architecture", std::string("perceptron")); }).message().find("perceptron") !=
      std::string::npos);
  CHECK(refused([](TinyGguf& tiny) { tiny.set("split.count", 3U); }).code() == Code::unimplemented);
}

TEST_CASE("headers in order whose parts do not fit together") {
  const std::vector<std::function<void(TinyGguf&)>> changes{
      [](TinyGguf& tiny) { tiny.set("llama.block_count", 0U); },
      [](TinyGguf& tiny) { tiny.set("llama.block_count", 2U); },
      [](TinyGguf& tiny) { tiny.set("llama.block_count", 4'000'000'000U); },
      [](TinyGguf& tiny) { tiny.set("llama.attention.head_count", 0U); },
      [](TinyGguf& tiny) { tiny.set("llama.attention.head_count", 3U); },
      [](TinyGguf& tiny) { tiny.set("llama.attention.head_count_kv", 0U); },
      [](TinyGguf& tiny) { tiny.set("llama.attention.head_count_kv", 7U); },
      [](TinyGguf& tiny) { tiny.set("llama.attention.key_length", 1'000'000U); },
      [](TinyGguf& tiny) { tiny.set("llama.rope.dimension_count", 15U); },
      [](TinyGguf& tiny) { tiny.set("llama.context_length", 4'000'000'000U); },
      [](TinyGguf& tiny) { tiny.set("llama.embedding_length", 0U); },
      [](TinyGguf& tiny) { tiny.set("llama.embedding_length", 33U); },
      [](TinyGguf& tiny) { tiny.set("llama.embedding_length", std::string("wide")); },
      [](TinyGguf& tiny) { tiny.remove("llama.feed_forward_length"); },
      [](TinyGguf& tiny) { tiny.remove("llama.attention.layer_norm_rms_epsilon"); },
      [](TinyGguf& tiny) { tiny.set("tokenizer.ggml.model", std::string("unheard-of")); },
      [](TinyGguf& tiny) { tiny.remove("tokenizer.ggml.tokens"); },
      [](TinyGguf& tiny) { tiny.set_list("tokenizer.ggml.tokens", 8, std::vector<std::string>{"a"}); },
      [](TinyGguf& tiny) { tiny.set_list("tokenizer.ggml.tokens", 4, std::vector<std::uint32_t>{1, 2}); },
      [](TinyGguf& tiny) { tiny.tensor("blk.0.attn_q.weight").shape = {64, 16}; },
      [](TinyGguf& tiny) { tiny.tensor("blk.0.attn_q.weight").shape = {1024}; },
      [](TinyGguf& tiny) { tiny.tensor("blk.0.attn_q.weight").name = "blk.7.attn_q.weight"; },
      [](TinyGguf& tiny) { tiny.tensor("output_norm.weight").type = 24, tiny.tensor("output_norm.weight").shape = {128}; },
      [](TinyGguf& tiny) { tiny.tensors.erase(tiny.tensors.begin() + 4); },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    INFO(i);
    const Error error = refused(changes[i]);
    INFO(error.text());
    CHECK((error.code() == Code::data_loss || error.code() == Code::invalid_argument));
    CHECK(error.message().find("no reason") == std::string::npos);
  }
}

TEST_CASE("numbers beyond the vocabulary and weights that are none") {
  // The library forgives these tokens; the model must then work or be refused.
  for (const char* key : {"tokenizer.ggml.bos_token_id", "tokenizer.ggml.eos_token_id", "tokenizer.ggml.padding_token_id"}) {
    TinyGguf tiny = TinyGguf::llama();
    tiny.set(key, 4'000'000'000U);
    const ScratchFile file(tiny.bytes());
    const auto model = open_language_model(file.path());
    if (model) CHECK(generated(**model, prompt("x", 4)).has_value());
  }
  for (const float bad : {NAN, INFINITY}) {
    TinyGguf tiny = TinyGguf::llama();
    tiny.tensor("blk.0.attn_v.weight").data.replace(400, 4, TinyGguf::raw(bad));
    const ScratchFile file(tiny.bytes());
    const auto model = open_language_model(file.path());
    REQUIRE(model);
    const auto made = generated(**model, prompt("some words", 8));
    REQUIRE(!made);
    CHECK(made.error().code() == Code::data_loss);
    CHECK(made.error().message() == "the model gives no finite numbers: its weights are damaged");
  }
}

TEST_CASE("a window that memory does not hold is refused") {
  TinyGguf tiny = TinyGguf::llama();
  tiny.set("llama.context_length", 2'000'000'000U);
  const ScratchFile file(tiny.bytes());
  const auto model = open_language_model(file.path(), {.context_size = 2'000'000'000});
  REQUIRE(!model);
  CHECK(model.error().code() == Code::resource_exhausted);
  CHECK(model.error().message().starts_with("a window of 2000000000 tokens needs 384000 MB of memory, and "));
}

TEST_CASE("the cache of a model whose layers differ is the sum of theirs, and never wraps round") {
  const auto bytes = [](const std::function<void(TinyGguf&)>& change, std::uint64_t window) {
    TinyGguf tiny = TinyGguf::llama();
    change(tiny);
    const std::string file = tiny.bytes();
    return read_gguf(file)->cache_bytes(window);
  };
  CHECK(bytes([](TinyGguf&) {}, 100) == 100 * 2 * (16 + 16) * 2);
  const auto per_layer = [](std::vector<std::int32_t> heads) {
    return [heads = std::move(heads)](TinyGguf& tiny) {
      tiny.set("llama.block_count", static_cast<std::uint32_t>(heads.size()));
      tiny.set_list("llama.attention.head_count_kv", 5, heads);
    };
  };
  CHECK(bytes(per_layer({2, 1, 4}), 100) == 100 * 7 * (16 + 16) * 2);
  CHECK(bytes([](TinyGguf& tiny) { tiny.set("llama.attention.key_length", 4'000'000'000U); }, UINT64_MAX / 4) == UINT64_MAX);
  TinyGguf tiny = TinyGguf::llama();
  tiny.set_list("llama.block_count", 4, std::vector<std::uint32_t>{1, 1, 1});
  tiny.set_list("split.count", 4, std::vector<std::uint32_t>{1, 1});
  tiny.set_list("llama.heads", 4, std::vector<std::uint32_t>{3, 5});
  const std::string file = tiny.bytes();
  CHECK_FALSE(read_gguf(file)->number("block_count"));  // three layers it does not say
  CHECK(read_gguf(file)->numbers("heads") == std::vector<std::uint64_t>{3, 5});
  CHECK(read_gguf(file)->find("tokenizer.ggml.tokens")->size() == 0);
  // A list where one number belongs is none.
  CHECK(refused([](TinyGguf& made) { made.set_list("general.alignment", 4, std::vector<std::uint32_t>(32, 1)); }).message() ==
        "damaged: general.alignment must be a power of two between 8 and 65536");
}

TEST_CASE("a small window is measured and scored with, one of a single token is not") {
  const Clocked clocked;
  for (const std::size_t window : {64, 4, 3}) {
    const ScratchFile file(TinyGguf::llama().bytes());
    const auto model = opened(file.path(), {.context_size = window});
    const auto measured = measure(*model, clocked.context);
    INFO((measured ? "" : measured.error().text()));
    REQUIRE(measured);
    CHECK(measured->prefill > 0);
    CHECK(perplexity(*model, "the river has cut its bed", clocked.context).value() > 1);
  }
  const ScratchFile file(TinyGguf::llama().bytes());
  const auto model = opened(file.path(), {.context_size = 1});
  CHECK(measure(*model, clocked.context).error().code() == Code::invalid_argument);
  const auto scores = model->score("words", clocked.context);
  REQUIRE(!scores);
  CHECK(scores.error().message() == "a window of 1 token holds no token and one before it");
}

TEST_CASE("texts of a megabyte, with and without spaces, are refused with their size or cut") {
  std::string words, letters(1'000'000, 'a');
  while (words.size() < 1'000'000) words += "river valley ";
  for (const std::string& text : {words, letters}) {
    const auto refused = generated(smollm2(), prompt(text, 4));
    REQUIRE(!refused);
    CHECK(refused.error().code() == Code::invalid_argument);
    GenerateRequest request = prompt(text, 2000);
    request.overflow = Overflow::truncate_middle;
    request.stop = {"e", "a", " "};
    const auto made = generated(smollm2(), std::move(request));
    REQUIRE(made);
    CHECK(made->prompt_tokens == 48);
    CHECK(made->dropped_tokens > 50'000);
  }
  const auto none = generated(smollm2(), prompt("\xFF\xFE", 4));
  REQUIRE(!none);
  CHECK(none.error().message() == "the prompt is not UTF-8 at byte 0");
}

TEST_CASE("one file opened by several threads at once") {
  const ScratchFile file(TinyGguf::llama().bytes());
  std::vector<std::string> texts(4);
  {
    std::vector<std::jthread> threads;
    for (std::string& text : texts) {
      threads.emplace_back([&] {
        const auto made = generated(*opened(file.path()), prompt("the same", 20));
        if (made) text = made->text;
      });
    }
  }
  CHECK(!texts[0].empty());
  for (const std::string& text : texts) CHECK(text == texts[0]);
}

TEST_CASE("bytes changed at random: a model or an error") {
  const std::string whole = TinyGguf::llama().bytes();
  const std::uint64_t data_at = read_gguf(whole)->data_at;
  Random random(20'261'121);
  std::size_t used = 0;
  for (int round = 0; round < 400; ++round) {
    std::string bytes = whole;
    const std::uint64_t changes = 1 + random.below(3);
    for (std::uint64_t i = 0; i < changes; ++i) {
      // Vocabularies are most of a header; half of the changes go to what stands before and behind it.
      const std::uint64_t at = random.below(2) == 0   ? random.below(data_at)
                               : random.below(2) == 0 ? random.below(600)
                                                      : data_at - 1 - random.below(700);
      bytes[at] = static_cast<char>(random.below(4) == 0 ? random.below(256) : bytes[at] ^ (1 << random.below(8)));
    }
    const ScratchFile file(bytes);
    const auto model = open_language_model(file.path());
    if (!model) continue;
    const auto made = generated(**model, prompt("x", 3));
    CHECK((made || !made.error().message().empty()));
    ++used;
  }
  CHECK(used > 20);
  CHECK(used < 400);
}

}  // namespace thalweg::models
