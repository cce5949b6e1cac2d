// What stands behind labels, on real models: entailment against an independent forward pass, embeddings, a judge, records.
#include <algorithm>
#include <cmath>
#include <fstream>

#include "models/reference.h"
#include "real_models.h"
#include "scoring/digest.h"
#include "scoring/models/probe.h"
#include "thalweg/json.h"

using namespace thalweg;
using namespace thalweg::scoring;
using namespace thalweg::scoring::test;

namespace {

const std::vector<std::string> kHypotheses{"This text is about a cat.", "This text is about a dog.",
                                           "Somebody plans to do something."};
const std::vector<std::string> kTexts{"The cat sleeps.", "?", "Tomorrow we walk the dog.", "caf\u00E9 \U0001F30A", "x"};

std::string path_of(const Scratch& folder, std::string_view name, std::string_view bytes) {
  std::string path = folder / name;
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// Against the logits that numpy finds, columns as the config.json of that model has them.
void check_entailment(const std::string& kind, std::size_t entailment, std::size_t against, bool as_ir = false) {
  INFO(kind);
  const Scratch scratch;
  const std::string folder = models::make_model(scratch, kind);
  std::string opened = folder;
  if (as_ir) {
    opened = scratch.path("ir");
    std::filesystem::copy(folder, opened);
    models::python("../models/reference.py ir " + opened);
    REQUIRE_FALSE(std::filesystem::exists(opened + "/model.safetensors"));
  }
  const auto scorer = must(open_scorer(three_labels("type: zero_shot_classification, model: " + opened)));
  CHECK(scorer->plan().hypotheses() == kHypotheses);
  std::vector<models::Text> pairs;
  for (const std::string& text : kTexts)
    for (const std::string& hypothesis : kHypotheses) pairs.push_back({.text = text, .pair = hypothesis, .has_pair = true});
  const auto logits = models::reference_rows(scratch, folder, pairs);
  const BatchScores batch = scored(*scorer, kTexts);
  REQUIRE(batch.raw.size() == logits.size());
  double worst = 0;
  double turned = 0;  // what other columns would have given: that the order matters here
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const double wanted = sigmoid(logits[i][entailment] - logits[i][against]);
    worst = std::max(worst, std::abs(batch.raw[i] - wanted));
    turned = std::max(turned, std::abs(1 - 2 * wanted));
  }
  CHECK(worst < 1e-5);
  CHECK(turned > 1e-3);
  CHECK(batch.raw[0] != batch.raw[1]);
}

}  // namespace

TEST_CASE("entailment is that of an independent forward pass, whatever the order of the model's labels") {
  check_entailment("bert-inference", 0, 2);
  check_entailment("roberta-inference-two", 1, 0);
  check_entailment("bert-inference", 0, 2, true);
}

TEST_CASE("a text far longer than the entailment model's window is pooled, all of it, the same in every batch") {
  const Scratch scratch;
  const std::string folder = models::make_model(scratch, "bert-inference");
  const auto scorer = must(open_scorer(three_labels("type: zero_shot_classification, model: " + folder)));
  std::string text;
  for (int i = 0; i < 400; ++i) text += fmt::format("Sentence {} is about a river. ", i);
  const ScoreResult alone = results(*scorer, {text})[0];
  const auto batch = results(*scorer, {"The cat sleeps.", text, text + "Then the dog plans a journey to the sea.", "?", text});
  CHECK(batch[1] == alone);
  CHECK(batch[4] == alone);
  CHECK(batch[2].label("cat")->raw != alone.label("cat")->raw);  // the last words count
  CHECK(batch[0] == results(*scorer, {"The cat sleeps."})[0]);
  const ScoreResult large = results(*scorer, {std::string(1'000'000, 'a')})[0];
  CHECK((large.label("cat")->raw >= 0 && large.label("cat")->raw <= 1));
}

TEST_CASE("models that do not fit their type are refused, saying what would") {
  const Scratch scratch;
  const auto refused = [](const std::string& model) {
    const auto opened = open_scorer(three_labels(model));
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code() == Code::invalid_argument);
    return opened.error().text();
  };
  const std::string classifier = models::make_model(scratch, "bert-classifier");
  const std::string other = refused("type: zero_shot_classification, model: " + classifier);
  CHECK_MESSAGE(other.contains("bert-classifier/config.json names the labels no, maybe, yes;"), other);
  CHECK_MESSAGE(other.contains("entailment and contradiction"), other);
  const std::string vectors = refused("type: zero_shot_classification, model: " + models::kMiniLm);
  CHECK_MESSAGE(vectors.contains("gives vectors, not logits"), vectors);
  const std::string logits = refused("type: sentence_embeddings, model: " + classifier);
  CHECK_MESSAGE(logits.contains("gives logits, not vectors"), logits);
  CHECK(open_scorer(three_labels("type: zero_shot_classification, model: ./nowhere")).error().code() == Code::not_found);
}

TEST_CASE("raw scores of embeddings are nearness, or what a probe says") {
  const Clocked clocked;
  const auto encoder = must(real_models()->encoder(models::kMiniLm));
  std::vector<models::Text> asked;
  for (const std::string& text : kTexts) asked.push_back({.text = text});
  for (const std::string& hypothesis : kHypotheses) asked.push_back({.text = hypothesis});
  const models::Rows rows = must(encoder->encode(asked, clocked.context));
  const auto cosine = [&](std::size_t text, std::size_t label) {
    double sum = 0;
    for (std::size_t k = 0; k < rows.width; ++k)
      sum += static_cast<double>(rows.row(text)[k]) * static_cast<double>(rows.row(kTexts.size() + label)[k]);
    return sum;
  };
  const std::string model = "type: sentence_embeddings, model: " + models::kMiniLm;
  const auto plain = must(open_scorer(three_labels(model)));
  const BatchScores near = scored(*plain, kTexts);

  Scratch folder;
  Probe probe{.model = must(real_models()->identity(models::kMiniLm)), .width = rows.width, .labels = {}};
  LabelProbe& dog = probe.labels["dog"];
  dog = {.hypothesis = digest({&kHypotheses[1], 1}), .weights = std::vector<double>(rows.width), .nearness = 3, .bias = -0.25};
  for (std::size_t k = 0; k < rows.width; ++k) dog.weights[k] = std::sin(static_cast<double>(k));
  const auto write = [&](std::string_view name) { return path_of(folder, name, to_json(probe.to_value()).value()); };
  const auto probed = must(open_scorer(three_labels(model + ", probe: " + write("probe.json"))));
  const BatchScores said = scored(*probed, kTexts);

  for (std::size_t text = 0; text < kTexts.size(); ++text) {
    for (std::size_t label = 0; label < 3; ++label) {
      const std::size_t at = text * 3 + label;
      const double wanted = (1 + cosine(text, label)) / 2;
      CHECK(near.raw[at] == doctest::Approx(wanted).epsilon(1e-6));
      if (label != 1) CHECK(said.raw[at] == near.raw[at]);  // the probe knows dogs alone
    }
    double sum = -0.25 + 3 * cosine(text, 1);
    for (std::size_t k = 0; k < rows.width; ++k) sum += dog.weights[k] * static_cast<double>(rows.row(text)[k]);
    CHECK(said.raw[text * 3 + 1] == doctest::Approx(sigmoid(sum)).epsilon(1e-5));
  }
  CHECK(plain->model().identity() != probed->model().identity());

  probe.labels["unicorn"] = dog;
  const auto unknown = open_scorer(three_labels(model + ", probe: " + write("unknown.json")));
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code() == Code::invalid_argument);
  CHECK(unknown.error().text().contains("labels.unicorn: the configuration has no such label"));
  probe.labels.erase("unicorn");
  dog.hypothesis = digest({&kHypotheses[0], 1});
  const auto reworded = open_scorer(three_labels(model + ", probe: " + write("reworded.json")));
  REQUIRE_FALSE(reworded);
  CHECK(reworded.error().code() == Code::failed_precondition);
  CHECK(reworded.error().text().contains("labels.dog was fitted with another hypothesis than"));
  probe.model = "another";
  const auto other = open_scorer(three_labels(model + ", probe: " + write("other.json")));
  REQUIRE_FALSE(other);
  CHECK(other.error().code() == Code::failed_precondition);
  CHECK(other.error().text().contains("another model (another, not "));
}

TEST_CASE("a judge's scores are those of yes against no, text by text") {
  const std::string judge = "type: text_generation, model: " THALWEG_SMOLLM2;
  const auto scorer = must(open_scorer(three_labels(judge)));
  const std::vector<std::string> texts{"My cat sleeps all day.", "Is {hypothesis} true of {text}? {", ".", "We plan a trip."};
  const BatchScores batch = scored(*scorer, texts);
  const BatchScores again = scored(*scorer, texts);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    REQUIRE_MESSAGE(!batch.errors[i], batch.errors[i]->text());
    // Bit for bit, whatever the model has read before.
    const std::vector<double> alone = scored(*scorer, {texts[i]}).raw;
    for (std::size_t label = 0; label < 3; ++label) CHECK(batch.raw[3 * i + label] == alone[label]);
  }
  CHECK(batch.raw == again.raw);
  const auto cold = std::make_shared<models::LocalModels>(
      models::LocalModelsOptions{.folder = "/nonexistent", .language_model = {.context_size = 2048}});
  const Clocked fresh;
  const auto new_one =
      must(TextScorer::open(score_config_from(three_labels(judge)), {.models = cold, .folder = {}}, fresh.context));
  CHECK(new_one->score(inputs_of({texts[3], texts[0]}), fresh.context).raw ==
        std::vector<double>{batch.raw[9], batch.raw[10], batch.raw[11], batch.raw[0], batch.raw[1], batch.raw[2]});
  CHECK(std::ranges::all_of(batch.raw, [](double raw) { return raw >= 0 && raw <= 1; }));
  CHECK(batch.raw[0] != batch.raw[9]);
  CHECK(batch.tokens > 0);

  // The same from the model itself, with the prompt written out: what stands in braces in a message stays as it is.
  const auto asking = must(open_scorer(three_labels(judge + ", prompt: 'Yes or no: {text} So: {hypothesis}'")));
  const Clocked clocked;
  models::GenerateRequest request;
  request.messages = {{.role = "user", .content = "Yes or no: " + texts[1] + " So: " + kHypotheses[0]}};
  request.max_tokens = 1;
  request.logprobs = 20;
  const auto generated =
      must(must(real_models()->language_model(THALWEG_SMOLLM2))->generate(std::move(request), clocked.context, [](auto) {
        return true;
      }));
  double yes = 0, no = 0;
  for (const auto& [token, logprob] : generated.tokens.at(0).top) {
    if (token == "Yes" || token == "yes" || token == " Yes" || token == " yes") yes += std::exp(logprob);
    if (token == "No" || token == "no" || token == " No" || token == " no") no += std::exp(logprob);
  }
  REQUIRE((yes > 0 && no > 0));
  CHECK(scored(*asking, {texts[1]}).raw[0] == doctest::Approx(yes / (yes + no)).epsilon(1e-9));
}

TEST_CASE("a judge that answers something else is an error that says what it said") {
  const auto scorer = must(open_scorer(three_labels("type: text_generation, model: " THALWEG_SMOLLM2
                                                    ", prompt: '{text} {hypothesis} Write a poem about the sea.'")));
  const BatchScores batch = scored(*scorer, {"1, 2, 3,", "1, 2,"});
  for (const auto& error : batch.errors) {
    REQUIRE(error);
    CHECK(error->code() == Code::failed_precondition);
    CHECK_MESSAGE(error->text().contains("answers neither yes nor no but '"), error->text());
  }
}

TEST_CASE("recorded scores are found by text and id; a text without is an error of that text alone") {
  Scratch folder;
  const auto sample = [](std::string_view id, std::string_view text, double cat, double dog) {
    return fmt::format(R"({{"id": "{}", "text": "{}", "scores": {{"cat": {}, "dog": {}, "plan": 0.5}}, "expected_labels": []}})",
                       id, text, cat, dog);
  };
  const std::string path = path_of(folder, "scores.jsonl",
                                   sample("a", "first", 0.1, 0.2) + "\n" + sample("b", "twice", 0.3, 0.4) + "\n" +
                                       sample("c", "twice", 0.6, 0.7) + "\n" + sample("d", "", 0.8, 1) + "\n");
  const auto scorer = must(open_scorer(three_labels("type: recorded, scores: " + path)));
  const Clocked clocked;
  const std::vector<Input> asked{
      {.text = "twice", .id = "c"}, {.text = "unheard of", .id = "a"}, {.text = "first"}, {.text = "twice"},
      {.text = "", .id = "other"},  {.text = "first", .id = "c"}};
  const BatchScores batch = scorer->score(asked, clocked.context);
  const auto row = [&](std::size_t i) {
    return std::vector<double>(batch.raw.begin() + static_cast<std::ptrdiff_t>(3 * i),
                               batch.raw.begin() + static_cast<std::ptrdiff_t>(3 * i + 3));
  };
  REQUIRE(batch.errors[1]);
  CHECK(batch.errors[1]->code() == Code::not_found);
  CHECK(batch.errors[1]->text().contains("no raw scores of sample 'a'"));
  CHECK_FALSE(scorer->result(batch, 1));
  for (const std::size_t i : {0UL, 2UL, 3UL, 4UL, 5UL}) CHECK_FALSE(batch.errors[i]);
  CHECK(row(0) == std::vector<double>{0.6, 0.7, 0.5});
  CHECK(row(2) == std::vector<double>{0.1, 0.2, 0.5});
  CHECK(row(3) == std::vector<double>{0.3, 0.4, 0.5});
  CHECK(row(4) == std::vector<double>{0.8, 1, 0.5});
  CHECK(row(5) == std::vector<double>{0.1, 0.2, 0.5});

  const auto other = open_scorer(
      three_labels("type: recorded, scores: " + path, "{c: {labels: {cat: {hypothesis: A.}, unicorn: {hypothesis: B.}}}}"));
  REQUIRE_FALSE(other);
  CHECK(other.error().code() == Code::failed_precondition);
  CHECK(other.error().text().contains("no raw score of the label 'unicorn'; the file is of another configuration"));
}
