#include "bench/scoring.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>

#include "base/cores.h"
#include "models/local_models.h"
#include "scoring/data/dataset_check.h"
#include "scoring/data/row_writer.h"
#include "scoring/evaluate.h"
#include "scoring/evaluation.h"
#include "tests/scratch.h"
#include "thalweg/json.h"

namespace thalweg::bench {

namespace {

using namespace scoring;

constexpr std::size_t kTexts = 448;  // of a data set that goes through the model
constexpr std::size_t kSets = 4;     // of them in turn: more texts than a model remembers
constexpr std::size_t kPairs = 12;

// A configuration of so many labels in six categories, calibrated.
ScoreConfig labels(std::size_t count, std::string_view model, std::string_view calibration = "platt, a: 1.3, b: -2.1") {
  std::array<std::string, 6> categories;
  for (std::size_t i = 0; i < count; ++i) {
    categories[i % 6] += fmt::format(
        "label_{0}: {{hypothesis: 'The message speaks of subject {0}.', weight: 0.{1}, threshold: 0.{2}, calibration: {{method: "
        "{3}}}}}, ",
        i, 5 + i % 5, 2 + i % 7, calibration);
  }
  std::string yaml;
  for (std::size_t i = 0; i < categories.size(); ++i)
    yaml += fmt::format("c{}: {{top_k: 2, labels: {{{}}}}}, ", i, categories[i]);
  config::Layers layers;
  layers
      .text("bench.yaml", fmt::format("{{layers: {{score: {{model: {{{}}}, categories: {{{}}}}}}}}}", model, yaml),
            config::Format::yaml)
      .value();
  config::Tree tree = std::move(layers).build();
  return read_config(tree).value().score;
}

std::string message(std::size_t number) {
  static constexpr std::array kWhat{"Remember to call Mom on her birthday next Tuesday",
                                    "I moved to the new flat in May",
                                    "See you later",
                                    "We decided to take the train instead of the car this summer",
                                    "My sister's dog is called Bruno",
                                    "The meeting with the bank is at ten, bring the papers"};
  return fmt::format("{} {}", kWhat[number % kWhat.size()], number);
}

void write_set(const std::string& path, std::size_t from, std::size_t count, std::size_t labels) {
  std::ofstream file(path);
  for (std::size_t i = from; i < from + count; ++i) {
    file << fmt::format(R"({{"id": "s{}", "text": "{}", "expected_decision": "accept", "expected_labels": ["label_{}"], )"
                        R"("primary_category": "c{}"}})",
                        i, message(i), i % labels, i % labels % 6)
         << '\n';
  }
}

// Raw scores of texts that there is no model for.
class Drawn final : public LabelModel {
 public:
  explicit Drawn(std::size_t width) : width_(width) {}
  void score(std::vector<Input> inputs, const Context&, Done done) override {
    RawScores scores;
    scores.values.reserve(inputs.size() * width_);
    for (std::size_t i = 0; i < inputs.size() * width_; ++i) scores.values.push_back(random_.uniform());
    done(std::move(scores));
  }
  [[nodiscard]] const std::string& name() const noexcept override { return name_; }
  [[nodiscard]] const std::string& identity() const noexcept override { return name_; }

 private:
  std::size_t width_;
  Random random_{3};
  std::string name_ = "drawn";
};

// A data set as `eval run` works on it: read, checked, scored, kept, counted, a row written for each.
std::size_t run_set(const std::string& path, const TextScorer& scorer, const Context& context, Ledger* ledger) {
  DatasetReader reader = DatasetReader::open(path).value();
  DatasetCheck check(nullptr);
  Problems problems;
  Evaluation evaluation(scorer.plan());
  std::size_t bytes = 0;
  RowWriter rows(FileForm::lines, Value::map(), [&bytes](std::string_view text) -> Result<> {
    bytes += text.size();
    return {};
  });
  const LedgerStage stage = ledger_stage(scorer);
  if (ledger != nullptr) ledger->forget(context, stage).value();
  EvaluateOptions options;
  options.batch_size = 64;  // as the shipped configuration has it
  options.ledger = ledger;
  options.stage = stage;
  options.outcome = [&](const Outcome& outcome) -> Result<> {
    evaluation.add(outcome.sample, outcome.verdict, outcome.calibrated);
    return rows.write(scorer.plan().result(outcome.raw, outcome.characters).to_value());
  };
  const NextSample next = [&]() -> Result<std::optional<Sample>> {
    auto sample = TRY(reader.next());
    if (sample) check.add(*sample, path, problems);
    return sample;
  };
  evaluate(scorer, next, context, options).value();
  return rows.rows() + bytes;
}

// Decisions from raw scores, in contiguous arrays on one core.
void decisions(Report& report) {
  constexpr std::size_t kLabels = 37, kBatch = 1024;
  Random random(5);
  std::vector<double> raw(kBatch * kLabels);
  for (double& one : raw) one = random.uniform();
  std::vector<std::size_t> characters(kBatch);
  for (std::size_t& one : characters) one = random.below(300);
  std::vector<Verdict> verdicts(kBatch);
  for (const auto& [name, calibration] : std::to_array<std::pair<const char*, const char*>>(
           {{"platt", "platt, a: 1.3, b: -2.1"}, {"beta", "beta, a: 0.9, b: 1.1, c: -1.5"}, {"none", "none"}})) {
    const ScorePlan plan(labels(kLabels, "type: recorded", calibration));
    report.rate(fmt::format("scoring.decide37.{}", name), "texts/s", kBatch, [&] {
      plan.decide(raw, characters, verdicts);
      keep(verdicts.data());
    });
  }
  const ScorePlan plan(labels(kLabels, "type: recorded"));
  std::size_t at = 0;
  report.rate("scoring.result37", "texts/s", 1, [&] {
    at = (at + 1) % kBatch;
    keep(plan.result(std::span(raw).subspan(at * kLabels, kLabels), characters[at]).score);
  });
}

// What `eval run` adds to the model, and one text.
void through_the_model(Report& report, const Scratch& place) {
  const auto models = std::make_shared<models::LocalModels>();
  const auto encoder = models->encoder("minilm");
  if (!encoder) return;
  CoreBudget cores(usable_cores());
  const Context context = Context(report.clock()).with_cores(cores);
  const auto scorer = TextScorer::open(labels(26, "type: sentence_embeddings"), models, context).value();
  const auto ledger = Ledger::open(context, "sqlite:" + place.path("ledger")).value();
  std::vector<std::string> sets;
  for (std::size_t i = 0; i < kSets; ++i) {
    sets.push_back(place.path(fmt::format("set{}.jsonl", i)));
    write_set(sets.back(), i * kTexts, kTexts, 26);
  }
  std::size_t ours = 0, theirs = 0;
  report.ratio(
      "scoring.raw_encoder/run",
      [&] {
        std::vector<models::Text> texts;
        for (std::size_t i = 0; i < kTexts; ++i) texts.push_back({.text = message(theirs * kTexts + i)});
        keep((*encoder)->encode(std::move(texts), context).value().values.size());
        theirs = (theirs + 1) % kSets;
      },
      [&] {
        keep(run_set(sets[ours], *scorer, context, ledger.get()));
        ours = (ours + 1) % kSets;
      },
      kPairs);
  std::size_t number = 1'000'000;
  report.time("scoring.classify.new_text", [&] {
    const BatchScores scores = scorer->score({{.text = message(number++)}}, context);
    keep(scorer->result(scores, 0).value().score);
  });
  report.time("scoring.classify.equal_text", [&] {
    const BatchScores scores = scorer->score({{.text = message(1)}}, context);
    keep(scorer->result(scores, 0).value().score);
  });
}

struct Ended {
  double milliseconds = 0;
  double cpu_milliseconds = 0;
};

// `thalweg eval classify TEXT`, all of it.
Ended classify_from_cold(Clock& clock, const std::string& program) {
  std::vector<std::string> arguments{program, "eval", "classify", "Remember to call Mom on her birthday next Tuesday"};
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  Ended ended;
  const Nanos begun = clock.now();
  pid_t child = 0;
  if (posix_spawn(&child, program.c_str(), &actions, nullptr, argv.data(), environ) == 0) {
    int status = 0;
    rusage used{};
    ::wait4(child, &status, 0, &used);
    const auto ms = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
    };
    ended = {static_cast<double>(clock.now() - begun) / 1e6, ms(used.ru_utime) + ms(used.ru_stime)};
  }
  posix_spawn_file_actions_destroy(&actions);
  return ended;
}

// Resident memory at the most while a data set of so many rows is evaluated in a child, in MB.
double peak_of(const std::string& path) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto clock = make_system_clock();
    const TextScorer scorer(labels(2, "type: recorded"), std::make_shared<Drawn>(2));
    keep(run_set(path, scorer, Context(*clock), nullptr));
    ::_exit(0);
  }
  int status = 0;
  rusage used{};
  ::wait4(child, &status, 0, &used);
  return static_cast<double>(used.ru_maxrss) / 1e3;
}

}  // namespace

void bench_scoring(Report& report) {
  const Scratch place;
  // First, while there is no other thread: children are forked.
  std::vector<double> peaks;
  for (const std::size_t rows : {100'000, 1'000'000}) {
    const std::string path = place.fresh("rows.jsonl");
    write_set(path, 0, rows, 2);
    peaks.push_back(peak_of(path));
    report.add(fmt::format("scoring.memory.{}", rows), "MB", {peaks.back()});
  }
  report.add("scoring.memory.1000000/100000", "x", {peaks[1] / peaks[0]});
  decisions(report);
  const TextScorer drawn(labels(2, "type: recorded"), std::make_shared<Drawn>(2));
  const std::string rows = place.path("some.jsonl");
  write_set(rows, 0, 5'000, 2);
  const Context context(report.clock());
  report.rate("scoring.rows", "texts/s", 5'000, [&] { keep(run_set(rows, drawn, context, nullptr)); });
  through_the_model(report, place);
  const std::string program = (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "thalweg").string();
  if (!std::filesystem::exists(program)) return;
  std::vector<double> wall, cpu;
  for (int i = 0; i < 21; ++i) {
    const Ended ended = classify_from_cold(report.clock(), program);
    if (i == 0) continue;  // files come from the disk
    wall.push_back(ended.milliseconds);
    cpu.push_back(ended.cpu_milliseconds);
  }
  report.add("scoring.classify.cold.least", "ms", {std::ranges::min(wall)});
  report.add("scoring.classify.cold", "ms", std::move(wall));
  report.add("scoring.classify.cold.processor", "ms", std::move(cpu));
}

}  // namespace thalweg::bench
