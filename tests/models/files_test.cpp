#include "models/files.h"

#include <doctest/doctest.h>

#include "models/catalogue.h"
#include "models/reference.h"

using namespace thalweg;
using namespace thalweg::models;

namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

Names names_of(const std::string& path) {
  Names names;
  for (const ModelFile& file : model_files(path).value()) names.push_back(file.name);
  return names;
}

// Whether a model that was added as `path` is refused once a byte of `file` is another.
bool notices(const Scratch& scratch, const std::string& path, const std::string& file) {
  CatalogueEntry entry;
  entry.path = scratch.path(path);
  entry.files = model_files(entry.path).value();
  REQUIRE(hash_files(entry.path, entry.files));
  REQUIRE(check_files("it", entry, true));
  const std::string whole = bytes_of(scratch.path(file));
  REQUIRE_FALSE(whole.empty());
  std::string other = whole;
  other.back() = static_cast<char>(other.back() ^ 1);
  scratch.write(file, other);
  const bool noticed = !check_files("it", entry, true);
  scratch.write(file, whole);
  return noticed;
}

}  // namespace

TEST_CASE("a model's files are those that are read, whether its folder or its file is named") {
  const Scratch scratch;
  make_model(scratch, "onnx-beside");
  const Names onnx{"model.onnx", "tokenizer.json", "weights/table.bin"};
  CHECK(names_of(scratch.path("onnx-beside")) == onnx);
  CHECK(names_of(scratch.path("onnx-beside/")) == onnx);
  CHECK(names_of(scratch.path("onnx-beside/model.onnx")) == onnx);
  CHECK(open_encoder(scratch.path("onnx-beside")).value()->width() == 8);  // its table is found there
  for (const std::string& name : onnx) {
    CAPTURE(name);
    CHECK(notices(scratch, "onnx-beside", "onnx-beside/" + name));
    CHECK(notices(scratch, "onnx-beside/model.onnx", "onnx-beside/" + name));
  }
  // A file in a folder of its own, with the tokenizer above it; other variants beside it, which count for nothing.
  const std::string one = make_model(scratch, "onnx");
  fs::create_directory(one + "/onnx");
  fs::rename(one + "/model.onnx", one + "/onnx/model.onnx");
  scratch.write("onnx/onnx/model_quantized.onnx", "other weights");
  scratch.write("onnx/pytorch_model.bin", "other weights");
  CHECK(names_of(one) == Names{"onnx/model.onnx", "tokenizer.json"});
  CHECK(names_of(one + "/onnx/model.onnx") == Names{"../tokenizer.json", "model.onnx"});
  CHECK(notices(scratch, "onnx/onnx/model.onnx", "onnx/tokenizer.json"));
  CHECK_FALSE(notices(scratch, "onnx", "onnx/onnx/model_quantized.onnx"));

  const std::string bert = make_model(scratch, "bert-max");
  scratch.write("bert-max/vocab.txt", "words");
  CHECK(names_of(bert) == Names{"1_Pooling/config.json", "config.json", "model.safetensors", "tokenizer.json"});
  CHECK(names_of(bert + "/model.safetensors") == names_of(bert));
  CHECK(notices(scratch, "bert-max/model.safetensors", "bert-max/tokenizer.json"));
}

TEST_CASE("an IR's weights are part of it") {
  const Scratch scratch;
  const std::string folder = make_model(scratch, "onnx");
  python("../models/reference.py ir " + folder);
  const Names names{"model.bin", "model.xml", "tokenizer.json"};
  CHECK(names_of(folder) == names);
  CHECK(names_of(folder + "/model.xml") == names);
  CHECK(notices(scratch, "onnx/model.xml", "onnx/model.bin"));
  fs::remove(folder + "/model.bin");
  CHECK(model_files(folder + "/model.xml").error().text().contains("model.bin"));
}

TEST_CASE("an ONNX file that names files elsewhere, or is cut off, is no danger") {
  const Scratch scratch;
  const std::string folder = make_model(scratch, "onnx-beside");
  const std::string whole = bytes_of(folder + "/model.onnx");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    scratch.write("onnx-beside/model.onnx", std::string_view(whole).substr(0, size));
    CHECK(model_files(folder).value().size() <= 3);
  }
  for (const char* const name : {"../eights/table.", "/eights/table.bi"}) {
    std::string led = whole;
    led.replace(led.find("weights/table.bin"), 17, fmt::format("{:x<17}", name));
    scratch.write("onnx-beside/model.onnx", led);
    const auto files = model_files(folder);
    REQUIRE_FALSE(files);
    CHECK(files.error().code() == Code::data_loss);
    CHECK(files.error().text().contains("which is not beside it"));
  }
}
