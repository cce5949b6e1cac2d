// Decisions from raw scores (37 labels, Platt, thresholds, the best labels of each category) beside numpy, SciPy and
// scikit-learn: the same numbers in, the same decisions out, one core, in turns.
//
//     build/decide_peer FOLDER     where tools/peers put the packages
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "bench/harness.h"
#include "bench/scoring_job.h"
#include "tests/scratch.h"
#include "thalweg/json.h"
#include "thalweg/random.h"

using namespace thalweg;

namespace {

constexpr std::size_t kLabels = 37, kTexts = 1024;
constexpr std::size_t kPairs = 60;

/// bench/decide_peer.py, at the other end of two pipes.
class Peer {
 public:
  Peer(const std::string& packages, const std::string& folder) {
    int to[2], from[2];
    if (::pipe(to) != 0 || ::pipe(from) != 0) return;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, from[1], STDOUT_FILENO);
    for (const int end : {to[0], to[1], from[0], from[1]}) posix_spawn_file_actions_addclose(&actions, end);
    ::setenv("PYTHONPATH", packages.c_str(), 1);
    std::vector<std::string> arguments{"/usr/bin/python3", THALWEG_DECIDE_PEER, folder};
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    const bool begun = posix_spawn(&child_, argv[0], &actions, nullptr, argv.data(), environ) == 0;
    posix_spawn_file_actions_destroy(&actions);
    ::close(to[0]);
    ::close(from[1]);
    to_ = ::fdopen(to[1], "w");
    from_ = ::fdopen(from[0], "r");
    if (begun) about_ = line();
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer() {
    if (to_ != nullptr) std::fclose(to_);  // the end of its input
    if (from_ != nullptr) std::fclose(from_);
    if (child_ > 0) ::waitpid(child_, nullptr, 0);
  }

  /// What runs there; empty when nothing does.
  [[nodiscard]] const std::string& about() const { return about_; }
  /// Seconds that the work takes, done so often.
  double seconds(const std::string& form, std::size_t times) {
    std::fprintf(to_, "%s %zu\n", form.c_str(), times);
    std::fflush(to_);
    return std::strtod(line().c_str(), nullptr);
  }

 private:
  std::string line() {
    std::string text;
    for (int c = std::fgetc(from_); c != EOF && c != '\n'; c = std::fgetc(from_)) text += static_cast<char>(c);
    return text;
  }
  pid_t child_ = 0;
  std::FILE* to_ = nullptr;
  std::FILE* from_ = nullptr;
  std::string about_;
};

// The configuration as arrays: labels by name, categories as places of labels.
Value plan_of(const scoring::ScoreConfig& config) {
  std::vector<Value> columns, categories, top_k;
  const auto labels = config.labels();
  for (const scoring::LabelConfig* label : labels) {
    const Value calibration = label->calibrator.to_value();
    columns.push_back(Value::map({{"a", *calibration.find("a")},
                                  {"b", *calibration.find("b")},
                                  {"weight", label->weight},
                                  {"threshold", label->threshold}}));
  }
  for (const scoring::CategoryConfig& category : config.categories) {
    std::vector<Value> places;
    for (const scoring::LabelConfig& label : category.labels) {
      const auto place = std::ranges::find(labels, label.name, &scoring::LabelConfig::name) - labels.begin();
      places.emplace_back(static_cast<std::int64_t>(place));
    }
    categories.push_back(Value::list(std::move(places)));
    top_k.emplace_back(static_cast<std::int64_t>(std::min(category.top_k, category.labels.size())));
  }
  return Value::map({{"columns", Value::list(std::move(columns))},
                     {"categories", Value::list(std::move(categories))},
                     {"top_k", Value::list(std::move(top_k))},
                     {"threshold", config.threshold},
                     {"short_text_delta", config.modifiers.short_text_delta},
                     {"long_text_delta", config.modifiers.long_text_delta},
                     {"short_text_limit", static_cast<std::int64_t>(config.modifiers.short_text_limit)},
                     {"long_text_limit", static_cast<std::int64_t>(config.modifiers.long_text_limit)}});
}

template <class T>
void write(const std::string& path, const std::vector<T>& numbers) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(numbers.data()), static_cast<std::streamsize>(numbers.size() * sizeof(T)));
}

// Whether decision, category, label, score and threshold of every text are ours.
bool same(const std::string& path, const std::vector<scoring::Verdict>& ours) {
  std::vector<double> theirs(ours.size() * 5);
  std::ifstream file(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(theirs.data()), static_cast<std::streamsize>(theirs.size() * sizeof(double)));
  if (!file) return false;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const scoring::Verdict& verdict = ours[i];
    const double* const their = theirs.data() + i * 5;
    const double label = verdict.label == scoring::Verdict::kNone ? -1 : verdict.label;
    if ((verdict.decision == scoring::Decision::accept) != (their[0] != 0) || verdict.category != their[1] || label != their[2] ||
        std::abs(verdict.score - their[3]) > 1e-12 || std::abs(verdict.threshold - their[4]) > 1e-12) {
      std::fprintf(stderr, "text %zu is decided otherwise\n", i);
      return false;
    }
  }
  return true;
}

int run(const std::string& packages) {
  const Scratch place;
  const scoring::ScoreConfig config = bench::scoring_labels(kLabels, "type: recorded");
  const scoring::ScorePlan plan(config);
  Random random(5);
  std::vector<double> raw(kTexts * kLabels);
  for (double& one : raw) one = random.uniform();
  std::vector<std::size_t> characters(kTexts);
  for (std::size_t& one : characters) one = random.below(300);
  std::vector<scoring::Verdict> verdicts(kTexts);
  place.write("plan.json", to_json(plan_of(config)).value());
  write(place.path("raw"), raw);
  write(place.path("characters"), characters);
  Peer peer(packages, place.path());
  if (peer.about().empty()) {
    std::fprintf(stderr, "decide_peer: Python does not run with the packages in %s; tools/peers puts them there\n",
                 packages.c_str());
    return EXIT_FAILURE;
  }
  const auto clock = make_system_clock();
  bench::Report report(*clock);
  constexpr std::size_t kTimes = 40;  // ours
  const auto ours = [&] {
    return report.cost([&] {
      for (std::size_t i = 0; i < kTimes; ++i) {
        plan.decide(raw, characters, verdicts);
        bench::keep(verdicts.data());
      }
    });
  };
  ours();
  std::vector<double> rates;
  for (const std::string form : {"numpy", "sklearn"}) {
    const std::size_t times = form == "numpy" ? 16 : 8;  // about as long
    peer.seconds(form, times);
    if (!same(place.path("verdicts"), verdicts)) return EXIT_FAILURE;
    std::vector<double> ratios, their_rates;
    for (std::size_t pair = 0; pair < kPairs; ++pair) {
      // Theirs, ours, ours, theirs.
      double their = peer.seconds(form, times);
      double our = ours().wall;
      our += ours().wall;
      their += peer.seconds(form, times);
      rates.push_back(2.0 * kTimes * kTexts / our * 1e9);
      their_rates.push_back(2.0 * static_cast<double>(times) * kTexts / their);
      ratios.push_back(rates.back() / their_rates.back());
    }
    report.add("decide37." + form, "texts/s", their_rates);
    report.add_ratio("decide37/decide37." + form, ratios);
  }
  report.add("decide37", "texts/s", rates);
  std::printf("%s\n%s", peer.about().c_str(), bench::to_text(report.results()).c_str());
  return EXIT_SUCCESS;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fputs("usage: decide_peer FOLDER (where tools/peers put the packages)\n", stderr);
    return EXIT_FAILURE;
  }
  return run(arguments[1]);
}
