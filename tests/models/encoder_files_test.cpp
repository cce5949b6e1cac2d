// Folders that are wrong in all the ways they can be.
#include <doctest/doctest.h>

#include <cstring>

#include "models/encoder_folder.h"
#include "models/reference.h"
#include "models/safetensors.h"

using namespace thalweg;
using namespace thalweg::models;

namespace {

// A good small model, of which a test changes one thing.
struct Model {
  explicit Model(const std::string& kind = "bert") : folder(make_model(scratch, kind)) {}
  void refused(Code code, std::string_view words) const {
    const auto opened = open_encoder(folder);
    REQUIRE_FALSE(opened);
    INFO(opened.error().text());
    CHECK(opened.error().code() == code);
    CHECK(opened.error().text().contains(words));
    CHECK(opened.error().text().contains(scratch.path()));  // the file at fault
    CHECK(opened.error().text().size() < 1'000);
  }
  [[nodiscard]] std::string read(const std::string& name) const { return bytes_of(folder + "/" + name); }
  void write(const std::string& name, std::string_view bytes) const {
    scratch.write(std::filesystem::path(folder).filename().string() + "/" + name, bytes);
  }
  void replace(const std::string& name, std::string_view from, std::string_view to) const {
    std::string text = read(name);
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    write(name, text.replace(at, from.size(), to));
  }
  const Scratch scratch;
  const std::string folder;
};

std::string safetensors(std::string_view header, std::string_view data) {
  const std::uint64_t size = header.size();
  std::string file(sizeof(size), '\0');
  std::memcpy(file.data(), &size, sizeof(size));
  return file.append(header).append(data);
}

}  // namespace

TEST_CASE("missing parts of a model are named") {
  const Scratch scratch;
  CHECK(open_encoder(scratch.path("nowhere")).error().code() == Code::not_found);
  CHECK(open_encoder(scratch.path()).error().text().contains("no model.safetensors"));
  CHECK(open_encoder(scratch.write("notes.txt", "words")).error().code() == Code::invalid_argument);
  for (const char* const part : {"config.json", "tokenizer.json"}) {
    const Model model;
    std::filesystem::remove(model.folder + "/" + part);
    model.refused(Code::not_found, part);
  }
  const Model model;
  std::filesystem::rename(model.folder + "/model.safetensors", model.folder + "/model-00001-of-00002.safetensors");
  model.write("model.safetensors.index.json", "{}");
  model.refused(Code::unimplemented, "several files");
}

TEST_CASE("truncated weights are found wherever they end") {
  const Model model;
  const std::string whole = model.read("model.safetensors");
  for (std::size_t part = 0; part < 60; ++part) {
    model.write("model.safetensors", std::string_view(whole).substr(0, whole.size() * part / 60));
    model.refused(Code::data_loss, "model.safetensors");
  }
  for (const std::size_t size : {std::size_t{7}, std::size_t{8}, std::size_t{9}, whole.size() - 1}) {
    model.write("model.safetensors", std::string_view(whole).substr(0, size));
    model.refused(Code::data_loss, "model.safetensors");
  }
  model.write("model.safetensors", whole + "more");
  model.refused(Code::data_loss, "end at byte");
}

TEST_CASE("weights that are no numbers give no vectors") {
  const Model model;
  std::string bytes = model.read("model.safetensors");
  std::uint64_t header = 0;
  std::memcpy(&header, bytes.data(), sizeof header);
  const float none = std::numeric_limits<float>::quiet_NaN();
  for (std::size_t at = 8 + header; at + 4 <= bytes.size(); at += 4) std::memcpy(bytes.data() + at, &none, sizeof none);
  model.write("model.safetensors", bytes);
  const auto encoder = open_encoder(model.folder);
  REQUIRE_MESSAGE(encoder, encoder.error().text());
  const auto clock = make_system_clock();
  const auto rows = (*encoder)->encode({{.text = "deep water"}, {.text = "a cat"}}, Context(*clock));
  REQUIRE_FALSE(rows);
  CHECK(rows.error().code() == Code::data_loss);
  CHECK(rows.error().text().contains("damaged"));
}

TEST_CASE("headers that lie are refused") {
  const Scratch scratch;
  const auto refused = [&](std::string_view header, std::string_view words, std::string_view data = "12345678") {
    const auto opened = Safetensors::open(scratch.write("model.safetensors", safetensors(header, data)));
    REQUIRE_FALSE(opened);
    INFO(header);
    CHECK(opened.error().code() == Code::data_loss);
    CHECK(opened.error().text().contains(words));
  };
  REQUIRE(Safetensors::open(
      scratch.write("good", safetensors(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", "12345678"))));
  refused("{", "no JSON");
  refused("[]", "no map");
  refused(R"({"a":1})", "lacks");
  refused(R"({"a":{"dtype":"F32","shape":[2]}})", "lacks");
  refused(R"({"a":{"dtype":"F7","shape":[2],"data_offsets":[0,8]}})", "unknown dtype");
  refused(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", "its shape needs 12");
  refused(R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", "impossible shape");
  refused(R"({"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}})", "impossible shape");
  refused(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", "impossible offsets");
  refused(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})", "truncated");
  refused(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", "end at byte 4");
  refused(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
          "overlap");
  refused(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", "gap");
  refused(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})",
          "no JSON");
  refused(std::string(10'000, '['), "no JSON");
  std::string huge = safetensors("{}", "");
  huge.replace(0, 8, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F", 8);
  CHECK(Safetensors::open(scratch.write("huge", huge)).error().text().contains("header is said to have"));
}

TEST_CASE("weights and config.json must fit together") {
  const auto changed = [](std::string_view from, std::string_view to, Code code, std::string_view words) {
    const Model model;
    model.replace("config.json", from, to);
    model.refused(code, words);
  };
  changed(R"("hidden_size": 32)", R"("hidden_size": 64)", Code::data_loss, "shape [30522, 32]");
  changed(R"("hidden_size": 32)", R"("hidden_size": 33)", Code::data_loss, "do not divide");
  changed(R"("hidden_size": 32)", R"("hidden_size": -32)", Code::data_loss, "hidden_size");
  changed(R"("hidden_size": 32, )", "", Code::data_loss, "hidden_size");
  changed(R"("num_hidden_layers": 2)", R"("num_hidden_layers": 3)", Code::data_loss, "encoder.layer.2");
  changed(R"("max_position_embeddings": 64)", R"("max_position_embeddings": 128)", Code::data_loss, "position_embeddings");
  changed(R"("vocab_size": 30522)", R"("vocab_size": 30000)", Code::data_loss, "different models");
  changed(R"("layer_norm_eps": 1e-05)", R"("layer_norm_eps": 0)", Code::data_loss, "layer_norm_eps");
  changed(R"("hidden_act": "gelu")", R"("hidden_act": "mish")", Code::unimplemented, "mish");
  changed(R"("BertModel")", R"("BertForTokenClassification")", Code::unimplemented, "BertForTokenClassification");
  changed(R"("model_type": "bert")", R"("model_type": "mpnet")", Code::unimplemented, "BertModel");
  changed(R"({"arch)", R"({{"arch)", Code::data_loss, "config.json");
  const Model classifier("bert-classifier");
  classifier.replace("config.json", R"("2": "yes")", R"("2": "yes", "3": "perhaps")");
  classifier.refused(Code::data_loss, "classifier.weight");
  const Model gap("bert-classifier");
  gap.replace("config.json", R"("1": "maybe", )", "");
  gap.refused(Code::data_loss, "id2label");
}

TEST_CASE("files of another model are noticed") {
  const Model model;
  const Model other("roberta");
  model.write("model.safetensors", other.read("model.safetensors"));
  const auto opened = open_encoder(model.folder);  // the same names and shapes: nothing to notice
  CHECK(opened);
  const Model distil("distilbert");
  model.write("model.safetensors", distil.read("model.safetensors"));
  model.refused(Code::data_loss, "no tensor");
  const Model small;
  small.write("tokenizer.json", R"({"version":"1.0","added_tokens":[],"model":{"type":"WordPiece","unk_token":"[UNK]",
    "continuing_subword_prefix":"##","max_input_chars_per_word":100,"vocab":{"[UNK]":0,"a":1,"b":2}}})");
  small.refused(Code::data_loss, "different models");
}

TEST_CASE("modules of sentence-transformers that we cannot compute are refused, paths out of the folder too") {
  const Model model;
  const auto modules = [&](std::string_view type, std::string_view path, Code code, std::string_view words) {
    model.write("modules.json",
                fmt::format(R"([{{"idx":0,"name":"0","path":"{}","type":"sentence_transformers.models.{}"}}])", path, type));
    model.refused(code, words);
  };
  modules("Dense", "2_Dense", Code::unimplemented, "Dense");
  modules("Pooling", "../elsewhere", Code::data_loss, "leads out");
  modules("Transformer", "/etc", Code::data_loss, "leads out");
  modules("Pooling", "1_Pooling", Code::not_found, "1_Pooling");
  model.write("1_Pooling/config.json", R"({"pooling_mode_weightedmean_tokens": true})");
  modules("Pooling", "1_Pooling", Code::unimplemented, "weightedmean");
  model.write("1_Pooling/config.json", R"({"pooling_mode_cls_token": true, "pooling_mode_max_tokens": true})");
  modules("Pooling", "1_Pooling", Code::unimplemented, "several");
  model.write("1_Pooling/config.json", "{}");
  modules("Pooling", "1_Pooling", Code::data_loss, "names no kind");
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "[";
  model.write("modules.json", deep);
  model.refused(Code::data_loss, "modules.json");
}

TEST_CASE("broken ONNX and IR files are errors") {
  const Model model("onnx");
  const std::string whole = model.read("model.onnx");
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{30}, whole.size() / 2, whole.size() - 1}) {
    model.write("model.onnx", std::string_view(whole).substr(0, size));
    model.refused(Code::data_loss, "model.onnx");
  }
  std::string swapped = whole;
  swapped.replace(swapped.find("attention_mask"), 14, "attention_musk");
  model.write("model.onnx", swapped);
  model.refused(Code::invalid_argument, "attention_mask");
  model.write("model.onnx", whole);
  python("../models/reference.py ir " + model.folder);
  const std::string weights = model.read("model.bin");
  model.write("model.bin", std::string_view(weights).substr(0, weights.size() / 2));
  model.refused(Code::data_loss, "model.xml");
  std::filesystem::remove(model.folder + "/model.bin");
  model.refused(Code::data_loss, "model.bin");
  const std::string graph = model.read("model.xml");
  model.write("model.bin", weights);
  for (const std::size_t size : {std::size_t{0}, std::size_t{100}, graph.size() / 2, graph.size() - 10}) {
    model.write("model.xml", std::string_view(graph).substr(0, size));
    model.refused(Code::data_loss, "model.xml");
  }
}

#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)  // which need more addresses than there would be
// Run by the next one, in a process of its own.
TEST_CASE("little memory, child" * doctest::skip()) {
  const auto opened = open_encoder(kMiniLm);
  REQUIRE_FALSE(opened);
  INFO(opened.error().text());
  CHECK(opened.error().code() == Code::resource_exhausted);
  CHECK(opened.error().text().contains("model.safetensors"));
}

TEST_CASE("memory that does not suffice for a model is an error") {
  const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  const Scratch scratch;
  const std::string output = scratch.path("output");
  for (const int kilobytes : {250'000, 300'000}) {
    const std::string command =
        fmt::format("ulimit -v {}; '{}' -ns -tc='little memory, child' > {} 2>&1", kilobytes, self, output);
    CHECK_MESSAGE(std::system(command.c_str()) == 0, bytes_of(output));
  }
}
#endif
