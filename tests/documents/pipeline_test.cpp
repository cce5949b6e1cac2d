#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "base/cores.h"
#include "documents/stages.h"
#include "engine/definition.h"
#include "engine/executor.h"
#include "index/stages.h"
#include "models/local_models.h"
#include "models/reference.h"
#include "scratch.h"

using namespace thalweg;
namespace fs = std::filesystem;

namespace {

struct Shop {
  Catalog catalog;
  std::unique_ptr<Clock> clock = make_system_clock();
  CoreBudget cores{2};
  std::unique_ptr<Executor> executor = std::make_unique<Executor>(*clock, cores);
  Scratch scratch;
  fs::path folder = scratch.folder();

  Shop() {
    const auto models = std::make_shared<models::LocalModels>();
    documents::register_stages(catalog, models);
    index::register_stages(catalog, models);
    fs::create_directories(folder / "docs");
  }

  [[nodiscard]] std::shared_ptr<const Plan> plan(const std::string& file) const {
    auto definition = read_definition(file);
    REQUIRE_MESSAGE(definition, (definition ? "" : definition.error().text()));
    auto plan = compile_plan(*definition, {.catalog = &catalog, .load = {}});
    REQUIRE_MESSAGE(plan, (plan ? "" : plan.error().text()));
    return *plan;
  }
  Result<Value> run(const std::string& file, Value input) {
    const auto compiled = plan(file);
    return executor->run(compiled, TRY(accept_input(*compiled, std::move(input))), Context(*clock)).output;
  }
  void write(const char* name, std::string_view text) const { std::ofstream(folder / "docs" / name) << text; }
  [[nodiscard]] std::string index() const { return (folder / "index").string(); }
};

constexpr const char* kIndex = "../../pipelines/index.yaml";
constexpr const char* kAnswer = "../../pipelines/answer.yaml";

}  // namespace

TEST_CASE("the shipped pipelines index a folder and answer from it with sources") {
  Shop shop;
  shop.write("rivers.md",
             "# Rivers\n\n## Thalweg\n\nA thalweg is the line of lowest elevation along a valley. Boats follow it.\n");
  shop.write("cats.html", "<html><title>Cats</title><body><h1>Cats</h1><p>Cats sleep sixteen hours a day.</p></body></html>");
  shop.write("report.txt", "%PDF-1.7 not a text");
  const Value input = Value::map({{"folder", (shop.folder / "docs").string()}, {"to", shop.index()}, {"model", ""}});
  const auto indexed = shop.run(kIndex, input);
  REQUIRE_MESSAGE(indexed, (indexed ? "" : indexed.error().text()));
  CHECK(*indexed->find("passages") == Value(2));
  CHECK(*indexed->find("written") == Value(2));
  REQUIRE(indexed->find("skipped")->size() == 1);
  CHECK(indexed->find("skipped")->items()[0].find("error")->as_string().contains("looks like a PDF"));
  CHECK(*shop.run(kIndex, input).value().find("unchanged") == Value(2));

  const auto answer = shop.run(kAnswer, Value::map({{"question", "What is a thalweg?"}, {"index", shop.index()}}));
  REQUIRE_MESSAGE(answer, (answer ? "" : answer.error().text()));
  CHECK(answer->find("text")->as_string().starts_with("A thalweg is the line of lowest elevation along a valley."));
  const Value& source = answer->find("sources")->items()[0];
  CHECK(source.find("document")->as_string().ends_with("rivers.md"));
  CHECK(source.find("title")->as_string() == "Rivers");
  CHECK(source.find("section")->as_string() == "Rivers > Thalweg");
  CHECK(source.find("score")->as_number() > 0);

  const auto nothing =
      shop.run(kAnswer, Value::map({{"question", "Who invented the bicycle?"}, {"index", shop.index()}})).value();
  CHECK(nothing.find("text")->as_string() == "not in the documents");
  CHECK(nothing.find("sources")->size() == 0);
}

TEST_CASE("what is missing is told with its place") {
  Shop shop;
  const auto no_folder = shop.run(kIndex, Value::map({{"folder", "/nonexistent"}, {"to", shop.index()}, {"model", ""}}));
  REQUIRE_FALSE(no_folder);
  CHECK(no_folder.error().code() == Code::not_found);
  CHECK(no_folder.error().text().contains("/nonexistent"));
  CHECK_FALSE(fs::exists(shop.index()));
  CHECK_FALSE(fs::exists(shop.index() + ".new"));
  const auto no_index = shop.run(kAnswer, Value::map({{"question", "Why?"}, {"index", shop.index()}}));
  REQUIRE_FALSE(no_index);
  CHECK(no_index.error().code() == Code::not_found);
  CHECK(no_index.error().text().contains("there is no index"));
}

TEST_CASE("a stopped run leaves no index behind") {
  Shop shop;
  shop.write("cats.md", "Cats sleep.\n");
  std::stop_source stop;
  stop.request_stop();
  const auto compiled = shop.plan(kIndex);
  auto input =
      accept_input(*compiled, Value::map({{"folder", (shop.folder / "docs").string()}, {"to", shop.index()}, {"model", ""}}))
          .value();
  const auto result = shop.executor->run(compiled, input, Context(*shop.clock).with_stop(stop.get_token()));
  REQUIRE_FALSE(result.output);
  CHECK(result.output.error().code() == Code::cancelled);
  CHECK_FALSE(fs::exists(shop.index()));
}

TEST_CASE("extract takes a model that gives vectors, and refuses one that gives labels") {
  Shop shop;
  const auto ask = [&](const std::string& model) {
    const std::string pipeline = (shop.folder / "quote.yaml").string();
    std::ofstream(pipeline) << "name: quote\nstages:\n  - id: it\n    uses: extract\n    with:\n      model: " << model
                            << "\n      question: Which animal runs after small rodents?\n      hits:\n"
                               "        - {document: a.md, text: The barn is red. Cats chase mice through the barn.}\n"
                               "output: '{{ it.text }}'\n";
    return shop.run(pipeline, Value::map());
  };
  const auto quoted = ask(models::kMiniLm);
  REQUIRE_MESSAGE(quoted, (quoted ? "" : quoted.error().text()));
  CHECK(quoted->as_string() == "Cats chase mice through the barn.");

  const Scratch scratch;
  const std::string classifier = scratch.path("classifier");
  models::python("../models/reference.py make bert-classifier " + classifier + " 30522");
  fs::copy_file(models::kMiniLm + "/tokenizer.json", classifier + "/tokenizer.json");
  const auto refused = ask(classifier);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == Code::invalid_argument);
  CHECK(refused.error().text().contains("extract needs a model that gives vectors"));
}

TEST_CASE("every stage's example compiles") {
  Shop shop;
  for (const auto name : {"read_documents", "passages", "extract", "index", "retrieve"}) {
    const auto definition = parse_definition(name, shop.catalog.find(name)->contract.example);
    REQUIRE_MESSAGE(definition, (definition ? "" : definition.error().text()));
    const auto plan = compile_plan(*definition, {.catalog = &shop.catalog, .load = {}});
    CHECK_MESSAGE(plan, (plan ? "" : plan.error().text()));
  }
}
