#include "models/catalogue.h"

#include <doctest/doctest.h>
#include <sys/wait.h>

#include <chrono>

#include "language/tiny_gguf.h"
#include "models/licence.h"
#include "models/minilm.h"
#include "scratch.h"

using namespace thalweg;
using namespace thalweg::models;

namespace {

namespace fs = std::filesystem;

// A model of three files, as far as the catalogue looks at it.
CatalogueEntry entry_of(const Scratch& scratch) {
  scratch.write("model/config.json", R"({"model_type": "distilbert", "n_layers": 1, "n_heads": 1, "dim": 1, "hidden_dim": 1,
                                         "vocab_size": 1, "max_position_embeddings": 8})");
  scratch.write("model/tokenizer.json", "{}");
  scratch.write("model/model.safetensors", "weights");
  scratch.write("model/README.md", "not part of the model");
  CatalogueEntry entry;
  entry.path = scratch.path("model");
  entry.licence = "Apache-2.0";
  entry.runs_on = "cpu";
  entry.files = model_files(entry.path).value();
  REQUIRE(hash_files(entry.path, entry.files));
  return entry;
}

Result<> add(const std::string& folder, const std::string& name, const CatalogueEntry& entry) {
  return Catalogue::change(folder, [&](Catalogue& catalogue) -> Result<> {
    catalogue.put(name, entry);
    return {};
  });
}

}  // namespace

TEST_CASE("a model is what its weights and settings are, hashed as sha256sum does") {
  const Scratch scratch;
  const CatalogueEntry entry = entry_of(scratch);
  REQUIRE(entry.files.size() == 3);
  CHECK(entry.files[2].name == "tokenizer.json");
  CHECK(entry.files[2].sha256 == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");  // printf '{}' | sha256sum
  CHECK(total_size(entry.files) == 9 + entry.files[0].size);
  CHECK(model_files(scratch.path("none")).error().code() == Code::not_found);
  CHECK(model_files(scratch.write("some/config.json", "{}")).value().size() == 1);  // a file of another kind stands for itself
  CHECK(model_files(scratch.path("some")).error().code() == Code::not_found);
}

TEST_CASE("what was put is read again, by another program too") {
  const Scratch scratch;
  const std::string folder = scratch.path("models");
  CHECK(Catalogue::read(folder)->entries().empty());
  CHECK(Catalogue::read(folder)->get("x").error().text().contains("thalweg models add PATH"));
  CatalogueEntry entry = entry_of(scratch);
  entry.measured =
      Measured{.processor = "one", .threads = 2, .load_ms = 12.5, .rate = 300, .prefill = 0, .memory_bytes = 7, .at = {1, 0}};
  REQUIRE(add(folder, "cat", entry));
  const Catalogue catalogue = Catalogue::read(folder).value();
  const CatalogueEntry* const found = catalogue.get("cat").value();
  CHECK(to_value(*found) == to_value(entry));
  const auto unknown = catalogue.get("dog");
  CHECK(unknown.error().code() == Code::not_found);
  CHECK(unknown.error().text().contains("there are cat"));
  // Many at once, each in a process of its own: none is lost.
  for (int i = 0; i < 8; ++i) {
    if (::fork() == 0) ::_exit(add(folder, fmt::format("m{}", i), entry) ? 0 : 1);
  }
  for (int i = 0; i < 8; ++i) {
    int status = 1;
    ::wait(&status);
    CHECK(status == 0);
  }
  CHECK(Catalogue::read(folder)->entries().size() == 9);
  REQUIRE(Catalogue::change(folder, [](Catalogue& all) { return all.remove("m3"); }));
  CHECK_FALSE(Catalogue::change(folder, [](Catalogue& all) { return all.remove("m3"); }));
  CHECK(Catalogue::read(folder)->entries().size() == 8);
}

TEST_CASE("a broken catalogue is told, and nothing is written over it") {
  for (const char* text :
       {"", "{", "[]", R"({"models": {"a": {"kind": "cat"}}})", R"({"models": {"a": {"kind": "language"}}})",
        R"({"models": {"a": {"kind": "language", "path": "p", "licence": "l", "runs_on": "r", "files": [{}]}}})"}) {
    CAPTURE(text);
    const Scratch scratch;
    const std::string file = scratch.write("catalogue.json", text);
    CHECK(Catalogue::read(scratch.path()).error().code() == Code::data_loss);
    CHECK_FALSE(add(scratch.path(), "x", {}));
    CHECK(bytes_of(file) == text);
  }
}

TEST_CASE("files that are not those that were added are told, those only touched are not") {
  const Scratch scratch;
  const CatalogueEntry entry = entry_of(scratch);
  const std::string weights = scratch.path("model/model.safetensors");
  CHECK(check_files("cat", entry, true));
  const auto later = fs::last_write_time(weights) + std::chrono::seconds(5);
  fs::last_write_time(weights, later);
  const auto touched = check_files("cat", entry, false);
  REQUIRE(touched);
  CHECK((*touched)[1].modified_ns == entry.files[1].modified_ns + 5'000'000'000);
  CHECK(hash_of(*touched) == hash_of(entry.files));

  // Another file that would be read, one that would not.
  scratch.write("model/sentence_bert_config.json", R"({"max_seq_length": 8})");
  CHECK(check_files("cat", entry, false).error().text().contains("its file sentence_bert_config.json was not there"));
  fs::remove(scratch.path("model/sentence_bert_config.json"));
  scratch.write("model/pytorch_model.bin", "other weights");
  CHECK(check_files("cat", entry, false));
  // An entry that also lists what is not read, as catalogues of old do: as it is.
  CatalogueEntry old = entry;
  old.files.push_back(file_now(entry.path, {"pytorch_model.bin", 0, 0, ""}).value());
  REQUIRE(hash_of(old.files) != hash_of(entry.files));
  CHECK(hash_of(check_files("cat", old, false).value()) == hash_of(entry.files));

  scratch.write("model/model.safetensors", "WEIGHTS");
  fs::last_write_time(weights, later + std::chrono::seconds(5));
  const auto other = check_files("cat", entry, false);
  CHECK(other.error().code() == Code::data_loss);
  CHECK(other.error().text().contains("model.safetensors has another hash"));
  CHECK(other.error().text().contains("thalweg models add " + entry.path + " --name cat"));

  scratch.write("model/model.safetensors", "weight");
  CHECK(check_files("cat", entry, false).error().text().contains("has 6 bytes, and had 7"));
  fs::remove(weights);
  CHECK(check_files("cat", entry, false).error().text().contains("lacks its file model.safetensors"));
  fs::remove_all(entry.path);
  const auto gone = check_files("cat", entry, false);
  CHECK(gone.error().code() == Code::not_found);
  CHECK(gone.error().text().contains("thalweg models remove cat"));
}

TEST_CASE("copies made for an entry go with the last one that stands on them, other files stay") {
  const Scratch scratch;
  const std::string folder = scratch.path("models"), copy = scratch.write("models/files/cat.gguf", "copy");
  const std::string below = scratch.write("models/files/dog/cat.gguf", "not ours"), other = scratch.write("cat.gguf", "weights");
  CHECK(copies_in(folder) == scratch.path("models/files"));
  const auto of = [](const std::string& path) {
    CatalogueEntry entry;
    entry.kind = ModelKind::language;
    entry.path = path;
    return entry;
  };
  const auto remove = [&](const char* name) {
    return Catalogue::change(folder, [&](Catalogue& all) { return all.remove(name); });
  };
  for (const auto& [name, path] : {std::pair("one", copy), {"two", copy}, {"three", below}, {"four", other}}) {
    REQUIRE(add(folder, name, of(path)));
  }
  REQUIRE(remove("one"));
  CHECK(fs::exists(copy));
  REQUIRE(add(folder, "two", of(copy)));  // the same again
  CHECK(fs::exists(copy));
  CHECK_FALSE(Catalogue::change(folder, [](Catalogue& all) -> Result<> {
    TRY(all.remove("two"));
    return fail(Code::cancelled, "and then not");
  }));
  CHECK(fs::exists(copy));
  REQUIRE(add(folder, "two", of(other)));  // another file under the same name
  CHECK_FALSE(fs::exists(copy));
  for (const char* name : {"two", "three", "four"}) REQUIRE(remove(name));
  CHECK(fs::exists(below));
  CHECK(fs::exists(other));
}

TEST_CASE("a licence is what a model's own files say") {
  const Scratch scratch;
  TinyGguf tiny = TinyGguf::llama();
  CHECK(licence_in(scratch.write("none.gguf", tiny.bytes())).empty());
  tiny.set("general.license", std::string("apache-2.0\x1b[2J"));
  CHECK(licence_in(scratch.write("said.gguf", tiny.bytes())) == "apache-2.0\\x1b[2J");
  CHECK(licence_in(scratch.write("cut.gguf", "GGUF")).empty());
  CHECK(licence_in(scratch.path("nowhere")).empty());
  CHECK(licence_in(kMiniLm) == "apache-2.0");
  const auto card = [&](std::string_view text) {
    scratch.write("card/README.md", text);
    return licence_in(scratch.path("card/"));
  };
  CHECK(card("---\ntags:\n- a\nlicense: 'mit' \r\n---\nwords\n") == "mit");
  CHECK(licence_in(scratch.write("card/model.onnx", "")) == "mit");
  CHECK(card("---\ntags: b\n---\nlicense: mit\n").empty());
  CHECK(card("license: mit\n").empty());
  CHECK(card("---\nlicense:").empty());
  CHECK(card("").empty());
}
