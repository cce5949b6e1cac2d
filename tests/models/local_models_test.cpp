#include "models/local_models.h"

#include <doctest/doctest.h>

#include <latch>
#include <thread>

#include "language/tiny_gguf.h"
#include "models/catalogue.h"
#include "models/reference.h"

using namespace thalweg;
using namespace thalweg::models;

namespace {

// A catalogue in which MiniLM stands under several names.
void list(const Scratch& scratch, std::initializer_list<const char*> names, ModelKind kind = ModelKind::embedding) {
  CatalogueEntry entry;
  entry.kind = kind;
  entry.path = kMiniLm;
  entry.files = model_files(kMiniLm).value();
  REQUIRE(hash_files(kMiniLm, entry.files));
  REQUIRE(Catalogue::change(scratch.path(), [&](Catalogue& catalogue) -> Result<> {
    for (const char* name : names) catalogue.put(name, entry);
    return {};
  }));
}

std::vector<std::string> loaded(const LocalModels& models) {
  std::vector<std::string> names;
  for (const auto& model : models.loaded()) names.push_back(model.name);
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a model is loaded once, however many ask for it at once") {
  const Scratch scratch;
  list(scratch, {"one"});
  LocalModels models({.folder = scratch.path()});
  CHECK(models.loaded().empty());
  std::array<std::shared_ptr<Encoder>, 4> got;
  std::array<std::thread, 4> threads;
  std::latch start(4);
  for (std::size_t i = 0; i < threads.size(); ++i) {
    threads[i] = std::thread([&, i] {
      start.arrive_and_wait();
      if (auto encoder = models.encoder("one")) got[i] = *encoder;
    });
  }
  for (std::thread& thread : threads) thread.join();
  REQUIRE(got[0] != nullptr);
  for (const auto& encoder : got) CHECK(encoder == got[0]);
  CHECK(loaded(models) == Names{"one"});
  bool at_once = false;
  models.encoder("one", [&](Result<std::shared_ptr<Encoder>> encoder) { at_once = encoder && *encoder == got[0]; });
  CHECK(at_once);
}

TEST_CASE("what was unused for longest makes room, what is in use does not") {
  const Scratch scratch;
  list(scratch, {"one", "two", "three"});
  const std::uint64_t of_one = [&] {
    LocalModels models({.folder = scratch.path()});
    return models.encoder("one").value()->memory_bytes();
  }();
  LocalModels models({.folder = scratch.path(), .memory_limit = 2 * of_one + of_one / 2});
  REQUIRE(models.encoder("one"));
  REQUIRE(models.encoder("two"));
  REQUIRE(models.encoder("one"));  // two is now the older one
  REQUIRE(models.encoder("three"));
  CHECK(loaded(models) == Names{"one", "three"});
  const auto first = models.encoder("one").value();
  const auto third = models.encoder("three").value();
  const auto refused = models.encoder("two");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == Code::resource_exhausted);
  CHECK(refused.error().text().contains("in use are one ("));
  CHECK(loaded(models) == Names{"one", "three"});
}

TEST_CASE("room is made for a language model's cache too, before it is loaded") {
  const Scratch scratch;
  TinyGguf tiny = TinyGguf::llama();
  tiny.set("llama.context_length", 1'000'000U);
  const std::string one = scratch.write("one.gguf", tiny.bytes()), two = scratch.write("two.gguf", tiny.bytes());
  constexpr std::uint64_t kCache = 100'000 * 2 * (16 + 16) * 2;  // tokens, heads, keys and values, bytes
  LocalModelsOptions options{.folder = scratch.path(), .memory_limit = kCache, .language_model = {.context_size = 100'000}};
  {
    LocalModels models(options);
    const auto refused = models.language_model(one);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code() == Code::resource_exhausted);
    CHECK(
        refused.error().text().contains("which needs about 13 MB: the limit for models is 13 MB; raise it with --model-memory"));
  }
  options.memory_limit = kCache + kCache / 2;
  LocalModels models(options);
  REQUIRE(models.language_model(one));
  REQUIRE(models.loaded().size() == 1);
  CHECK(models.loaded()[0].memory_bytes > kCache);
  REQUIRE(models.language_model(two));
  CHECK(loaded(models) == Names{two});
  const auto held = models.language_model(two).value();
  CHECK(models.language_model(one).error().code() == Code::resource_exhausted);
  CHECK(held->context_size() == 100'000);
}

TEST_CASE("a model that takes more memory than its files is counted when it is there") {
  const Scratch scratch;
  const std::string half = make_model(scratch, "bert-half");
  const std::uint64_t files = total_size(model_files(half).value());
  const std::uint64_t takes = open_encoder(half).value()->memory_bytes();
  REQUIRE(takes > files);
  LocalModels tight({.folder = scratch.path(), .memory_limit = (files + takes) / 2});
  const auto refused = tight.encoder(half);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == Code::resource_exhausted);
  CHECK(tight.loaded().empty());
  // It pushes out what is not in use.
  const std::string small = make_model(scratch, "onnx");
  const std::uint64_t other = open_encoder(small).value()->memory_bytes();
  LocalModels models({.folder = scratch.path(), .memory_limit = std::max(takes, other + files)});
  REQUIRE(models.encoder(small));
  REQUIRE(models.encoder(half));
  CHECK(loaded(models) == Names{half});
}

TEST_CASE("an encoder is computed in the precision that its entry names, which is part of its identity") {
  const Scratch scratch;
  list(scratch, {"one", "other"});
  REQUIRE(Catalogue::change(scratch.path(), [&](Catalogue& catalogue) -> Result<> {
    CatalogueEntry entry = *catalogue.find("other");
    entry.precision = Precision::bf16;
    catalogue.put("other", std::move(entry));
    return {};
  }));
  LocalModels models({.folder = scratch.path()});
  const std::string hash = hash_of(Catalogue::read(scratch.path())->find("one")->files);
  CHECK(models.identity("one").value() == hash + "/f32");
  CHECK(models.identity("other").value() == hash + "/bf16");
  CHECK(models.encoder("one").value()->precision() == Precision::f32);
  const auto other = models.encoder("other");
  if (other) CHECK((*other)->precision() == Precision::bf16);
  if (!other) CHECK(other.error().text().contains("take f32"));
}

TEST_CASE("a catalogue's entry that counts a file which is not read has the identity of one added today") {
  const Scratch scratch;
  list(scratch, {"one", "old"});
  REQUIRE(Catalogue::change(scratch.path(), [&](Catalogue& catalogue) -> Result<> {
    CatalogueEntry entry = *catalogue.find("old");
    entry.files.push_back({"vocab.txt", 0, 0, "another file's"});
    const auto now = file_now(entry.path, entry.files.back());
    REQUIRE(now);
    entry.files.back().size = now->size;
    entry.files.back().modified_ns = now->modified_ns;
    catalogue.put("old", std::move(entry));
    return {};
  }));
  LocalModels models({.folder = scratch.path()});
  CHECK(models.identity("old").value() == models.identity("one").value());
}

TEST_CASE("names that are not there, models of another kind, files that were swapped") {
  const Scratch scratch;
  list(scratch, {"one"});
  LocalModels models({.folder = scratch.path()});
  CHECK(models.encoder("none").error().text().contains("there are one"));
  CHECK(models.encoder("./none").error().code() == Code::not_found);
  CHECK(models.language_model("one").error().code() == Code::invalid_argument);
  CHECK(models.identity("one").value().ends_with("/f32"));
  CHECK(models.identity("one").value() == models.identity(kMiniLm).value());
  // A copy whose settings are changed after it was added.
  std::filesystem::copy(kMiniLm, scratch.path("copy"), std::filesystem::copy_options::recursive);
  CatalogueEntry entry;
  entry.path = scratch.path("copy");
  entry.files = model_files(entry.path).value();
  REQUIRE(hash_files(entry.path, entry.files));
  REQUIRE(Catalogue::change(scratch.path(), [&](Catalogue& catalogue) -> Result<> {
    catalogue.put("copy", entry);
    return {};
  }));
  CHECK(models.identity("copy").value() == models.identity("one").value());
  scratch.write("copy/config.json", bytes_of(scratch.path("copy/config.json")) + " ");
  CHECK(models.encoder("copy").error().code() == Code::data_loss);
  CHECK(models.identity("copy").error().code() == Code::data_loss);
  CHECK(models.identity(scratch.path("copy")).value() != models.identity("one").value());
}

TEST_CASE("work that holds the last of its models ends in order") {
  for (int round = 0; round < 50; ++round) {
    auto models = std::make_shared<LocalModels>(LocalModelsOptions{.folder = "/nonexistent"});
    std::latch done(3);
    for (int i = 0; i < 3; ++i) models->later([models, &done] { done.count_down(); });
    models.reset();
    done.wait();
  }
}
