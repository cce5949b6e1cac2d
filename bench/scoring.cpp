#include "bench/scoring.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "bench/scoring_job.h"
#include "bench/scoring_models.h"
#include "tests/scratch.h"

namespace thalweg::bench {

namespace {

using namespace scoring;

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
    const ScorePlan plan(scoring_labels(kLabels, "type: recorded", calibration));
    report.rate(fmt::format("scoring.decide37.{}", name), "texts/s", kBatch, [&] {
      plan.decide(raw, characters, verdicts);
      keep(verdicts.data());
    });
  }
  const ScorePlan plan(scoring_labels(kLabels, "type: recorded"));
  std::size_t at = 0;
  report.rate("scoring.result37", "texts/s", 1, [&] {
    at = (at + 1) % kBatch;
    keep(plan.result(std::span(raw).subspan(at * kLabels, kLabels), characters[at]).score);
  });
}

struct Ended {
  double milliseconds = 0;
  double cpu_milliseconds = 0;
};

// `thalweg eval classify TEXT`, all of it; nothing where it fails.
std::optional<Ended> classify_from_cold(Clock& clock, const std::string& program) {
  std::vector<std::string> arguments{program, "eval", "classify", "Remember to call Mom on her birthday next Tuesday"};
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  std::optional<Ended> ended;
  const Nanos begun = clock.now();
  pid_t child = 0;
  if (posix_spawn(&child, program.c_str(), &actions, nullptr, argv.data(), environ) == 0) {
    int status = 0;
    rusage used{};
    ::wait4(child, &status, 0, &used);
    const auto ms = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
    };
    if (status == 0) ended = Ended{static_cast<double>(clock.now() - begun) / 1e6, ms(used.ru_utime) + ms(used.ru_stime)};
  }
  posix_spawn_file_actions_destroy(&actions);
  return ended;
}

// Resident memory at the most while a data set of so many rows is evaluated in a child, in MB.
double peak_of(const std::string& path) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto clock = make_system_clock();
    const TextScorer scorer(scoring_labels(2, "type: recorded"), std::make_shared<Drawn>(2));
    keep(run_scoring_set(path, scorer, Context(*clock), nullptr));
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
    write_scoring_set(path, 0, rows, 2);
    peaks.push_back(peak_of(path));
    report.add(fmt::format("scoring.memory.{}", rows), "MB", {peaks.back()});
  }
  report.add("scoring.memory.1000000/100000", "x", {peaks[1] / peaks[0]});
  decisions(report);
  const TextScorer drawn(scoring_labels(2, "type: recorded"), std::make_shared<Drawn>(2));
  const std::string rows = place.path("some.jsonl");
  write_scoring_set(rows, 0, 5'000, 2);
  const Context context(report.clock());
  report.rate("scoring.rows", "texts/s", 5'000, [&] { keep(run_scoring_set(rows, drawn, context, nullptr)); });
  bench_scoring_models(report);
  const std::string program = (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "thalweg").string();
  if (!std::filesystem::exists(program))
    return report.pass_over("scoring.classify.cold", fmt::format("there is no {}; 'make build' makes it", program));
  std::vector<double> wall, cpu;
  for (int i = 0; i < 21; ++i) {
    const auto ended = classify_from_cold(report.clock(), program);
    if (!ended) return report.pass_over("scoring.classify.cold", "'thalweg eval classify' fails; what it says tells why");
    if (i == 0) continue;  // files come from the disk
    wall.push_back(ended->milliseconds);
    cpu.push_back(ended->cpu_milliseconds);
  }
  report.add("scoring.classify.cold.least", "ms", {std::ranges::min(wall)});
  report.add("scoring.classify.cold", "ms", std::move(wall));
  report.add("scoring.classify.cold.processor", "ms", std::move(cpu));
}

}  // namespace thalweg::bench
