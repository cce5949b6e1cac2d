// The stages of encoders as pipelines.
#include "models/stages.h"

#include <doctest/doctest.h>

#include <cmath>
#include <thread>

#include "base/cores.h"
#include "engine/definition.h"
#include "engine/executor.h"
#include "engine/pipeline_test.h"
#include "models/reference.h"

using namespace thalweg;
using namespace thalweg::models;

namespace {

// Models by path, and the default one.
class PathModels final : public Models {
 public:
  ~PathModels() override {
    for (std::thread& thread : threads_) thread.join();
  }
  Result<std::shared_ptr<Encoder>> encoder(std::string_view model) override {
    const std::lock_guard lock(mutex_);
    const std::string path(model == kDefaultEncoder ? kMiniLm : model);
    auto& kept = encoders_[path];
    if (kept == nullptr) kept = TRY(open_encoder(path));
    return kept;
  }
  Result<std::shared_ptr<LanguageModel>> language_model(std::string_view model) override {
    return fail(Code::not_found, "no model '{}'", model);
  }
  void encoder(std::string_view model, Then<Encoder> then) override {
    later([this, model = std::string(model), then = std::move(then)]() mutable { then(encoder(model)); });
  }
  void language_model(std::string_view model, Then<LanguageModel> then) override { then(language_model(model)); }
  void later(std::move_only_function<void()> work) override {
    const std::lock_guard lock(threads_mutex_);
    threads_.emplace_back(std::move(work));
  }
  Result<std::string> identity(std::string_view model) override { return fmt::format("{} {}", model, files); }
  int files = 0;  // raised when those of a model are replaced

 private:
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Encoder>> encoders_;
  std::mutex threads_mutex_;
  std::vector<std::thread> threads_;
};

struct Shop {
  std::shared_ptr<PathModels> models = std::make_shared<PathModels>();
  std::unique_ptr<Clock> clock = make_system_clock();
  CoreBudget cores{2};
  std::unique_ptr<Executor> executor = std::make_unique<Executor>(*clock, cores);
  Catalog catalog;
  Scratch scratch;

  Shop() { register_stages(catalog, models); }
  Result<std::shared_ptr<const Plan>> plan(std::string_view text) const {
    const auto definition = TRY(parse_definition("test.yaml", std::string(text)));
    return compile_plan(definition, {.catalog = &catalog, .load = {}});
  }
  // One stage with these fields; its output.
  Result<Value> run(std::string_view stage, std::string_view with, Value input = Value::map()) const {
    std::string inputs;
    for (const Entry& entry : input.entries())
      inputs += fmt::format("{}{}: dyn", inputs.empty() ? "" : ", ", entry.key.as_string());
    const auto made =
        TRY(plan(fmt::format("name: test\ninput: {{{}}}\nstages:\n  - {{id: it, uses: {}, with: {}}}\noutput: \"{{{{ it }}}}\"\n",
                             inputs, stage, with)));
    return executor->run(made, TRY(accept_input(*made, std::move(input))), Context(*clock)).output;
  }
};

double real(const Value& map, std::string_view key) { return map.find(key)->as_real(); }

}  // namespace

TEST_CASE("the examples of the stages do what their tests say") {
  const Shop shop;
  for (const char* const name : {"classify", "embed", "rerank", "similarity"}) {
    const auto definition = parse_definition(name, shop.catalog.find(name)->contract.example);
    REQUIRE_MESSAGE(definition, name);
    const auto plan = compile_plan(*definition, {.catalog = &shop.catalog, .load = {}});
    REQUIRE_MESSAGE(plan, plan.error().text());
    REQUIRE(!(*plan)->tests.empty());
    // In virtual time, which must not run on while the encoder computes: nothing would come of a stage that waits for ever.
    VirtualClock clock;
    CoreBudget cores(2);
    Executor executor(clock, cores);
    for (const PipelineTest& test : (*plan)->tests) {
      const auto outcome = run_test(executor, clock, *plan, test, Context(clock));
      for (const Difference& difference : outcome.differences) FAIL_CHECK(name << ": " << difference.message);
    }
  }
}

TEST_CASE("embed gives the encoder's rows") {
  const Shop shop;
  const auto encoder = shop.models->encoder("minilm").value();
  const auto rows = encoder->encode({{.text = "deep water"}, {.text = "a cat"}}, Context(*shop.clock)).value();
  const Value one = shop.run("embed", "{text: deep water}").value();
  REQUIRE(one.is(Kind::floats));
  CHECK(std::ranges::equal(one.as_floats(), rows.row(0)));
  const Value both = shop.run("embed", "{text: [deep water, a cat]}").value();
  REQUIRE(both.size() == 2);
  CHECK(std::ranges::equal(both.items()[1].as_floats(), rows.row(1)));
  CHECK(shop.run("embed", "{text: []}").value().size() == 0);
  CHECK(shop.run("embed", "{text: \"{{ input.x }}\"}", Value::map({{"x", 1}}))
            .error()
            .text()
            .contains("a string or a list of strings"));
  CHECK(shop.run("embed", "{text: \"{{ input.x }}\"}", Value::map({{"x", Value::list({"a", 2})}}))
            .error()
            .text()
            .contains("text[1]"));
  CHECK(shop.run("embed", "{text: a, model: ./nowhere}").error().code() == Code::not_found);
  // The output's type is known where the argument's is.
  CHECK_FALSE(
      shop.plan("name: t\ninput: {a: string}\nstages:\n  - {id: v, uses: embed, with: {text: '{{ input.a }}'}}\n"
                "output: '{{ v + 1 }}'\n"));
}

TEST_CASE("a cached result is of the model's files, not of its name") {
  const Shop shop;
  for (const char* const with : {"embed, with: {text: deep water}", "similarity, with: {text: a, to: b}",
                                 "classify, with: {text: a cat, labels: [animal, river]}",
                                 "rerank, with: {question: a, hits: [{text: b}], fields: [text]}"}) {
    INFO(with);
    const auto plan =
        shop.plan(fmt::format("name: test\nstages:\n  - {{id: it, cache: {{}}, uses: {}}}\noutput: \"{{{{ it }}}}\"\n", with));
    REQUIRE_MESSAGE(plan, plan.error().text());
    const auto status = [&] {
      const RunResult run = shop.executor->run(*plan, Value::map(), Context(*shop.clock));
      REQUIRE_MESSAGE(run.output, run.output.error().text());
      return run.report.stages()[0].status;
    };
    CHECK(status() == StageStatus::ok);
    CHECK(status() == StageStatus::cached);
    ++shop.models->files;
    CHECK(status() == StageStatus::ok);
    CHECK(status() == StageStatus::cached);
  }
}

TEST_CASE("similarity is the cosine, of one text or of each of a list") {
  const Shop shop;
  CHECK(shop.run("similarity", "{text: cat, to: kitten}").value().as_real() > 0.5);
  const Value three = shop.run("similarity", "{text: cat, to: [cat, kitten, stocks]}").value();
  REQUIRE(three.size() == 3);
  CHECK(three.items()[0].as_real() == doctest::Approx(1));
  CHECK(three.items()[1].as_real() > three.items()[2].as_real() + 0.3);
}

TEST_CASE("classify by labels, their descriptions, a threshold, and by a classifier") {
  const Shop shop;
  const Value plain = shop.run("classify", "{text: My invoice is wrong, labels: [billing, weather]}").value();
  CHECK(plain.find("label")->as_string() == "billing");
  CHECK(real(plain, "score") == plain.find("scores")->items()[0].find("score")->as_real());
  CHECK(plain.find("scores")->size() == 2);
  CHECK(shop.run("classify", "{text: My invoice is wrong, labels: [x, y], descriptions: {y: invoices and payments}}")
            .value()
            .find("label")
            ->as_string() == "y");
  CHECK(shop.run("classify", "{text: zebra, labels: [tax law, plumbing], threshold: 0.9}").value().find("label")->is_null());
  CHECK(shop.run("classify", "{text: a, labels: [b], descriptions: {c: d}}").error().text().contains("'c'"));
  CHECK(shop.run("classify", "{text: a}").error().text().contains("labels"));

  const std::string folder = make_model(shop.scratch, "bert-classifier");
  const Value own = shop.run("classify", "{text: deep water, model: " + folder + "}").value();
  const auto logits = reference_rows(shop.scratch, folder, {{.text = "deep water"}})[0];
  double sum = 0;
  for (const double logit : logits) sum += std::exp(logit);
  for (const Value& score : own.find("scores")->items()) {
    const std::string_view label = score.find("label")->as_string();
    const double logit = logits[label == "no" ? 0 : label == "maybe" ? 1 : 2];
    CHECK(real(score, "score") == doctest::Approx(std::exp(logit) / sum).epsilon(1e-4));
  }
  CHECK(shop.run("classify", "{text: a, labels: [b], model: " + folder + "}").error().text().contains("labels of its own"));
  CHECK(shop.run("embed", "{text: a, model: " + folder + "}").error().text().contains("classifier"));
}

TEST_CASE("rerank orders hits, keeps their fields, and sets their score") {
  const Shop shop;
  const auto hit = [](const char* title, const char* text) {
    return Value::map({{"title", title}, {"text", text}, {"score", 7.5}, {"more", 1}});
  };
  const Value hits = Value::list({hit("Cats", "Cats sleep all day."), hit("Rivers", "The thalweg is where the river is deepest."),
                                  hit("Stocks", "Shares fell on Monday.")});
  const Value input = Value::map({{"hits", hits}});
  const std::string with = "question: Where is the river deepest?, hits: '{{ input.hits }}'";
  const Value best = shop.run("rerank", "{" + with + "}", input).value();
  REQUIRE(best.size() == 3);
  CHECK(best.items()[0].find("title")->as_string() == "Rivers");
  CHECK(best.items()[0].find("more")->as_int() == 1);
  CHECK(real(best.items()[0], "score") > 0.5);
  CHECK(real(best.items()[1], "score") >= real(best.items()[2], "score"));
  CHECK(shop.run("rerank", "{" + with + ", top_k: 1}", input).value().size() == 1);
  CHECK(shop.run("rerank", "{" + with + ", fields: [title, text]}", input).value().size() == 3);
  CHECK(shop.run("rerank", "{" + with + ", fields: [body]}", input).error().text().contains("hits[0]"));
  CHECK(shop.run("rerank", "{" + with + ", top_k: 0}", input).error().text().contains("top_k"));
  CHECK(shop.run("rerank", "{" + with + "}", Value::map({{"hits", Value::list()}})).value().size() == 0);

  const std::string folder = make_model(shop.scratch, "roberta-reranker");
  std::vector<Text> pairs;
  for (const Value& each : hits.items()) {
    pairs.push_back(
        {.text = "Where is the river deepest?", .pair = std::string(each.find("text")->as_string()), .has_pair = true});
  }
  const auto logits = reference_rows(shop.scratch, folder, pairs);
  const Value crossed = shop.run("rerank", "{" + with + ", model: " + folder + "}", input).value();
  double before = 1;
  for (const Value& each : crossed.items()) {
    const std::string_view title = each.find("title")->as_string();
    const double logit = logits[title == "Cats" ? 0 : title == "Rivers" ? 1 : 2][0];
    CHECK(real(each, "score") == doctest::Approx(1 / (1 + std::exp(-logit))).epsilon(1e-4));
    CHECK(real(each, "score") <= before);
    before = real(each, "score");
  }
  const std::string classifier = make_model(shop.scratch, "bert-classifier");
  CHECK(shop.run("rerank", "{" + with + ", model: " + classifier + "}", input).error().text().contains("3 labels"));
}

TEST_CASE("a run that is stopped ends while its texts wait") {
  const Shop shop;
  REQUIRE(shop.run("embed", "{text: loaded}"));
  CoreBudget none(1);
  const auto held = none.take_core();
  std::stop_source stop;
  const auto plan =
      shop.plan("name: t\ninput: {}\nstages:\n  - {id: v, uses: embed, with: {text: [a, b]}}\noutput: '{{ v }}'\n").value();
  std::thread stopper([&] { stop.request_stop(); });
  const auto run = shop.executor->run(plan, accept_input(*plan, Value::map()).value(),
                                      Context(*shop.clock).with_cores(none).with_stop(stop.get_token()));
  stopper.join();
  REQUIRE_FALSE(run.output);
  CHECK(run.output.error().code() == Code::cancelled);
}
