#include "bench/scoring_models.h"

#include "base/cores.h"
#include "bench/models.h"
#include "bench/scoring_job.h"
#include "models/catalogue.h"
#include "models/local_models.h"
#include "scoring/evaluate.h"
#include "tests/scratch.h"

namespace thalweg::bench {

namespace {

using namespace scoring;

// Short runs, so that many of them are compared within a minute: the machine's slow spells last longer than one.
constexpr std::size_t kTexts = 192;  // of a run: three batches
constexpr std::size_t kSets = 8;     // of them in turn: more texts than a scorer remembers
constexpr std::size_t kLeastRounds = 20;
constexpr Nanos kRunsFor = 45 * kSecond;
constexpr Nanos kTextsFor = 8 * kSecond;
constexpr std::size_t kAlone = 16;  // texts by one of two encoders before the other's turn

constexpr std::string_view kJudge =
    "Here is a message.\n\nMessage: {text}\n\nIs this true of the message? {hypothesis}\nAnswer with one word, yes or no.";
constexpr std::size_t kJudgeLabels = 6;
constexpr std::size_t kJudged = 2;  // texts of a batch
constexpr std::size_t kLeastJudgeRounds = 7;
constexpr Nanos kJudgesFor = 15 * kSecond;

// What two ways of doing the same took, round by round.
struct Compared {
  std::vector<double> wall;
  std::vector<double> processor;
  void add(const Cost& over, const Cost& under) {
    wall.push_back(over.wall / under.wall);
    processor.push_back(over.processor / under.processor);
  }
  void report(Report& to, const std::string& name) && {
    to.add_ratio(name, std::move(wall));
    to.add_ratio(name + ".processor", std::move(processor));
  }
};

// Raw, run, run, raw: a machine that gets slower or faster meanwhile favours neither.
void a_run(Report& report, models::Encoder& encoder, const TextScorer& scorer, const Context& context) {
  const Scratch place;
  const auto ledger = Ledger::open(context, "sqlite:" + place.path("ledger")).value();
  std::vector<std::string> sets;
  for (std::size_t i = 0; i < kSets; ++i) {
    sets.push_back(place.path(fmt::format("set{}.jsonl", i)));
    write_scoring_set(sets.back(), i * kTexts, kTexts, 26);
  }
  const auto raw = [&](std::size_t set) {
    std::vector<models::Text> texts;
    for (std::size_t i = 0; i < kTexts; ++i) texts.push_back({.text = scoring_message(set * kTexts + i)});
    return report.cost([&] { keep(encoder.encode(std::move(texts), context).value().values.size()); });
  };
  const auto run = [&](std::size_t set) {
    ledger->forget(context, ledger_stage(scorer)).value();  // another run's scores are taken else
    return report.cost([&] { keep(run_scoring_set(sets[set], scorer, context, ledger.get())); });
  };
  raw(0);
  run(0);
  Compared compared;
  const Nanos begun = report.clock().now();
  for (std::size_t round = 0; round < kLeastRounds || report.clock().now() - begun < kRunsFor; ++round) {
    const std::size_t one = (2 * round + 1) % kSets, other = (2 * round + 2) % kSets;
    Cost bare = raw(one);
    Cost whole = run(one);
    whole += run(other);
    bare += raw(other);
    compared.add(bare, whole);
  }
  std::move(compared).report(report, "scoring.raw_encoder/run");
}

// One text after the other: a new one scored, and the same one through the bare encoder.
void a_text(Report& report, models::Encoder& encoder, const TextScorer& scorer, const Context& context) {
  Compared compared;
  std::vector<double> raw, scored;
  const Nanos begun = report.clock().now();
  for (std::size_t number = 1'000'000; report.clock().now() - begun < kTextsFor; ++number) {
    const std::string text = scoring_message(number);
    const auto encode = [&] {
      return report.cost([&] { keep(encoder.encode({{.text = text}}, context).value().values.size()); });
    };
    const auto score = [&] {
      return report.cost([&] {
        const BatchScores scores = scorer.score({{.text = text}}, context);
        keep(scorer.result(scores, 0).value().score);
      });
    };
    const bool first = number % 2 == 0;
    Cost bare = first ? encode() : Cost{};
    const Cost whole = score();
    if (!first) bare = encode();
    compared.add(whole, bare);
    raw.push_back(bare.wall);
    scored.push_back(whole.wall);
  }
  report.add("scoring.classify.raw_text", "ns", std::move(raw));
  report.add("scoring.classify.new_text", "ns", std::move(scored));
  std::move(compared).report(report, "scoring.classify.new_text/raw_text");
  report.time("scoring.classify.equal_text", [&] {
    const BatchScores scores = scorer.score({{.text = scoring_message(1)}}, context);
    keep(scorer.result(scores, 0).value().score);
  });
}

// New texts one after the other, some by the encoder in f32, some by the same in bf16, in turns: each finds its weights in the
// caches as far as they fit, as in a process of its own.
void a_text_in_bf16(Report& report, const TextScorer& f32, const Context& context) {
  const auto catalogue = models::Catalogue::read(models::default_model_folder()).value();
  const std::string path = catalogue.find(models::kDefaultEncoder)->path;
  const auto models =
      std::make_shared<models::LocalModels>(models::LocalModelsOptions{.encoder = {.precision = models::Precision::bf16}});
  const auto bf16 = TextScorer::open(scoring_labels(26, fmt::format("type: sentence_embeddings, model: {}", path)),
                                     {.models = models, .folder = {}}, context);
  if (!bf16) return report.pass_over("scoring.classify.new_text.bf16", bf16.error().text());
  Compared compared;
  std::vector<double> half;
  const Nanos begun = report.clock().now();
  for (std::size_t number = 3'000'000; report.clock().now() - begun < kTextsFor; ++number) {
    const auto score = [&](const TextScorer& scorer) {
      const auto one = [&](std::size_t i) {
        keep(scorer.score({{.text = scoring_message(kAlone * number + i)}}, context).verdicts.size());
      };
      one(0);
      Cost all = report.cost([&] {
        for (std::size_t i = 1; i < kAlone; ++i) one(i);
      });
      all.wall /= kAlone - 1;
      all.processor /= kAlone - 1;
      return all;
    };
    const bool first = number % 2 == 0;
    Cost whole = first ? score(f32) : Cost{};
    const Cost short_one = score(**bf16);
    if (!first) whole = score(f32);
    compared.add(whole, short_one);
    half.push_back(short_one.wall);
  }
  report.add("scoring.classify.new_text.bf16", "ns", std::move(half));
  std::move(compared).report(report, "scoring.classify.new_text/bf16");
}

void with_the_encoder(Report& report, const std::shared_ptr<models::LocalModels>& models) {
  const auto encoder = models->encoder(models::kDefaultEncoder);
  if (!encoder) {
    for (const char* figure : {"scoring.raw_encoder/run", "scoring.classify"})
      report.pass_over(figure, missing_model(encoder.error()));
    return;
  }
  CoreBudget cores(usable_cores());
  const Context context = Context(report.clock()).with_cores(cores);
  const auto scorer =
      TextScorer::open(scoring_labels(26, "type: sentence_embeddings"), {.models = models, .folder = {}}, context).value();
  a_run(report, **encoder, *scorer, context);
  a_text(report, **encoder, *scorer, context);
  a_text_in_bf16(report, *scorer, context);
}

std::string judge_prompt(const std::string& text, const std::string& hypothesis) {
  std::string prompt(kJudge);
  prompt.replace(prompt.find("{hypothesis}"), 12, hypothesis);
  return prompt.replace(prompt.find("{text}"), 6, text);
}

// What the judge asks, asked of the bare model: one word each. `apart`: each prompt differs from its start on, so that the model
// reads all of it, as it would without the order in which the judge asks.
void ask(models::LanguageModel& model, const ScorePlan& plan, std::size_t from, bool apart, const Context& context) {
  for (std::size_t i = 0; i < kJudged; ++i) {
    for (std::size_t label = 0; label < plan.hypotheses().size(); ++label) {
      std::string prompt = judge_prompt(scoring_message(from + i), plan.hypotheses()[label]);
      if (apart) prompt = fmt::format("{}.{} {}", from + i, label, prompt);
      models::GenerateRequest request;
      request.messages.push_back({.role = "user", .content = std::move(prompt)});
      request.max_tokens = 1;
      keep(model.generate(std::move(request), context, [](std::string_view) { return true; }).value().prompt_tokens);
    }
  }
}

void with_the_judge(Report& report, const std::shared_ptr<models::LocalModels>& models) {
  const auto model = models->language_model(models::kDefaultLanguageModel);
  if (!model) return report.pass_over("scoring.judge", missing_model(model.error()));
  CoreBudget cores(usable_cores());
  const Context context = Context(report.clock()).with_cores(cores);
  const ScoreConfig config =
      scoring_labels(kJudgeLabels, fmt::format("type: text_generation, prompt: {}", to_json(Value(kJudge)).value()));
  const auto scorer = TextScorer::open(config, {.models = models, .folder = {}}, context).value();
  std::size_t number = 2'000'000;
  const auto judge = [&] {
    return report.cost([&] {
      std::vector<Input> inputs;
      for (std::size_t i = 0; i < kJudged; ++i) inputs.push_back({.text = scoring_message(number + i)});
      keep(scorer->score(std::move(inputs), context).verdicts.size());
    });
  };
  const auto bare = [&](bool apart) { return report.cost([&] { ask(**model, scorer->plan(), number, apart, context); }); };
  judge();
  std::vector<double> rates;
  Compared same, apart;
  const Nanos begun = report.clock().now();
  for (std::size_t round = 0; round < kLeastJudgeRounds || report.clock().now() - begun < kJudgesFor; ++round) {
    // New texts for each, and those of the round before are forgotten by then.
    const auto next = [&](auto&& work) {
      number += kJudged;
      return work();
    };
    Cost asked = next([&] { return bare(false); });
    Cost judged = next(judge);
    const Cost whole = next([&] { return bare(true); });
    judged += next(judge);
    asked += next([&] { return bare(false); });
    rates.push_back(2.0 * kJudged * kJudgeLabels / judged.wall * 1e9);
    same.add(asked, judged);
    apart.add({.wall = 2 * whole.wall, .processor = 2 * whole.processor}, judged);
  }
  report.add("scoring.judge", "pairs/s", std::move(rates));
  std::move(same).report(report, "scoring.raw_model/judge");
  std::move(apart).report(report, "scoring.whole_prompts/judge");
}

}  // namespace

void bench_scoring_models(Report& report) {
  const auto models = std::make_shared<models::LocalModels>();
  with_the_encoder(report, models);
  with_the_judge(report, models);
}

}  // namespace thalweg::bench
