// One path for single texts, batches, threads and pipelines; texts nobody should send.
#include "scoring/text_scorer.h"

#include <array>
#include <stop_token>
#include <thread>

#include "base/cores.h"
#include "engine/definition.h"
#include "engine/executor.h"
#include "models/reference.h"
#include "real_models.h"
#include "scoring/stages.h"

using namespace thalweg;
using namespace thalweg::scoring;
using namespace thalweg::scoring::test;

namespace {

const std::vector<std::string> kNine{
    "Remember to feed the cat.",
    "ok",
    "?",
    "The dog barked at the mailman until he left the street, and then it slept for the rest of the afternoon.",
    "Tomorrow at nine we meet in front of the station.",
    "caf\u00E9 na\u00EFve \U0001F680\U0001F30A",
    "\u6C34\u6DF1\u6D41\u7DE9",
    "e = mc^2; x := [1, 2, 3]",
    "A cat and a dog share one basket since we moved to the new flat.",
};

const std::string& minilm_config() {
  static const std::string config = three_labels("type: sentence_embeddings, model: " + models::kMiniLm);
  return config;
}

const TextScorer& minilm() {
  static const std::shared_ptr<TextScorer> scorer = must(open_scorer(minilm_config()));
  return *scorer;
}

std::vector<ScoreResult> one_by_one(const std::vector<std::string>& texts) {
  std::vector<ScoreResult> all;
  for (const std::string& text : texts) all.push_back(results(minilm(), {text})[0]);
  return all;
}

}  // namespace

TEST_CASE("batches of every size give what single texts get, bit for bit") {
  const auto single = one_by_one(kNine);
  CHECK(single[0].score != single[3].score);
  CHECK(single[0].label("cat")->raw > single[4].label("cat")->raw);
  for (std::size_t size = 1; size <= kNine.size(); ++size) {
    for (std::size_t begin = 0; begin < kNine.size(); begin += size) {
      const std::size_t end = std::min(begin + size, kNine.size());
      const std::vector<std::string> texts(kNine.begin() + static_cast<std::ptrdiff_t>(begin),
                                           kNine.begin() + static_cast<std::ptrdiff_t>(end));
      const BatchScores batch = scored(minilm(), texts);
      for (std::size_t i = 0; i < texts.size(); ++i) {
        const ScoreResult result = must(minilm().result(batch, i));
        CHECK(result == single[begin + i]);
        CHECK(batch.verdicts[i].decision == result.decision);
        CHECK(batch.verdicts[i].score == result.score);
      }
    }
  }
}

TEST_CASE("four threads at once get the same") {
  const auto single = one_by_one(kNine);
  std::array<std::vector<std::vector<ScoreResult>>, 4> got;
  std::array<std::thread, 4> threads;
  for (std::size_t t = 0; t < threads.size(); ++t) {
    threads[t] = std::thread([&, t] {
      const Clocked clocked;
      for (std::size_t round = 0; round < 5; ++round) {
        auto& all = got[t].emplace_back();
        const std::size_t size = 1 + (t + round) % 4;
        for (std::size_t begin = 0; begin < kNine.size(); begin += size) {
          std::vector<Input> inputs;
          for (std::size_t i = begin; i < std::min(begin + size, kNine.size()); ++i) inputs.push_back({.text = kNine[i]});
          const std::size_t texts = inputs.size();
          const BatchScores batch = minilm().score(std::move(inputs), clocked.context);
          for (std::size_t i = 0; i < texts; ++i) all.push_back(minilm().result(batch, i).value_or(ScoreResult{}));
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& rounds : got) {
    REQUIRE(rounds.size() == 5);
    for (const auto& round : rounds) CHECK(round == single);
  }
}

TEST_CASE("a blank text is an error of its own, and its neighbours are decided as without it") {
  const Clocked clocked;
  const auto decided = [&](std::vector<std::string> texts) { return minilm().score(inputs_of(texts), clocked.context); };
  const BatchScores alone = decided({kNine[0], kNine[1]});
  const BatchScores among = decided({"", kNine[0], " \t\r\n\u3000\u00A0\u200B", kNine[1]});
  for (const std::size_t blank : {0, 2}) {
    const auto result = minilm().result(among, blank);
    REQUIRE_FALSE(result);
    CHECK(result.error().code() == Code::invalid_argument);
    CHECK(result.error().text() == "the text is blank; there is nothing to decide");
  }
  CHECK(must(minilm().result(among, 1)) == must(minilm().result(alone, 0)));
  CHECK(must(minilm().result(among, 3)) == must(minilm().result(alone, 1)));
}

TEST_CASE("the stage score says the same as the scorer") {
  const Clocked clocked;
  CoreBudget cores{2};
  Executor executor(*clocked.clock, cores);
  Catalog catalog;
  register_stages(catalog, {.models = real_models(), .folder = {}});
  const auto definition = parse_definition("test.yaml",
                                           "name: test\ninput: {text: string}\nstages:\n  - id: it\n    uses: score\n    with:\n"
                                           "      text: \"{{ input.text }}\"\n      config: " +
                                               minilm_config() + "\noutput: \"{{ it }}\"\n");
  REQUIRE_MESSAGE(definition, definition.error().text());
  const auto plan = compile_plan(*definition, {.catalog = &catalog, .load = {}});
  REQUIRE_MESSAGE(plan, plan.error().text());
  const auto single = one_by_one(kNine);
  for (std::size_t i = 0; i < kNine.size(); ++i) {
    const Value said =
        must(executor.run(*plan, must(accept_input(**plan, Value::map({{"text", kNine[i]}}))), clocked.context).output);
    CHECK(must(ScoreResult::from_value(said)) == single[i]);
    CHECK(said.find("accepted")->as_bool() == single[i].accepted());
    CHECK(said.find("meta")->find("version")->as_string() == minilm().model().identity());
  }
}

TEST_CASE("hostile texts cost no other text its scores") {
  const auto single = one_by_one(kNine);
  std::vector<std::string> texts = kNine;
  std::string large;
  while (large.size() < 1'000'000) large += std::string(999, 'a') + ' ';
  const std::vector<std::string> hostile{large, std::string("nul\0byte", 8), std::string(64, '\0'), "\U0001F469\u200D\U0001F680",
                                         "[CLS] [SEP] [MASK]"};
  texts.insert(texts.end(), hostile.begin(), hostile.end());
  CHECK(results(minilm(), texts) == one_by_one(texts));

  const std::vector<std::string> broken{"\xff\xfe", "cut \xe6\xb0", "\xed\xa0\x80 surrogate"};
  texts.insert(texts.begin() + 1, broken[0]);
  texts.insert(texts.begin() + 5, broken[1]);
  texts.push_back(broken[2]);
  const BatchScores batch = scored(minilm(), texts);
  std::size_t good = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const bool bad = std::ranges::find(broken, texts[i]) != broken.end();
    REQUIRE(batch.errors[i].has_value() == bad);
    if (bad) {
      CHECK(batch.errors[i]->code() == Code::invalid_argument);
      CHECK_MESSAGE(batch.errors[i]->text().contains("UTF-8"), batch.errors[i]->text());
    } else if (good < single.size()) {
      CHECK(must(minilm().result(batch, i)) == single[good++]);
    }
  }
  CHECK(good == single.size());
  CHECK(scored(minilm(), {}).verdicts.empty());
}

TEST_CASE("a stop or deadline that is past is each text's error, whatever the model") {
  const Scratch scratch;
  const std::string inference = models::make_model(scratch, "bert-inference");
  const std::string scores = scratch.write("s.jsonl", R"({"id": "a", "text": "a", "scores": {"cat": 0, "dog": 1, "plan": 0},)"
                                                      R"( "expected_labels": []})");
  for (const std::string& model :
       {"type: sentence_embeddings, model: " + models::kMiniLm, "type: zero_shot_classification, model: " + inference,
        std::string("type: text_generation, model: " THALWEG_SMOLLM2), "type: recorded, scores: " + scores}) {
    INFO(model);
    const auto scorer = must(open_scorer(three_labels(model)));
    const Clocked clocked;
    std::stop_source stop;
    stop.request_stop();
    const BatchScores stopped = scorer->score(inputs_of({"a", "b"}), clocked.context.with_stop(stop.get_token()));
    const BatchScores late = scorer->score(inputs_of({"a", "b"}), clocked.context.with_deadline(clocked.context.now() - 1));
    for (std::size_t i = 0; i < 2; ++i) {
      REQUIRE(stopped.errors[i]);
      CHECK(stopped.errors[i]->code() == Code::cancelled);
      REQUIRE(late.errors[i]);
      CHECK(late.errors[i]->code() == Code::deadline_exceeded);
    }
    CHECK_FALSE(scorer->score(inputs_of({"a"}), clocked.context).errors[0]);
  }
}
