// thalweg eval fit

#include "calibration/fit.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <span>

#include "cli/eval/source.h"
#include "cli/eval/threshold_options.h"
#include "cli/render.h"
#include "scoring/config_file.h"
#include "scoring/data/sample_reader.h"
#include "scoring/origin.h"
#include "scoring/shipped.h"

namespace thalweg::cli {

// Defined in eval.cpp.
std::span<const CommandInfo> eval_commands();

namespace {

namespace fs = std::filesystem;

// As one types it in a shell.
std::string typed(const std::string& argument) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./,:@%";
  if (!argument.empty() && argument.find_first_not_of(kPlain) == std::string::npos) return argument;
  std::string out = "'";
  for (const char c : argument) c == '\'' ? out += "'\\''" : out += c;
  return out + "'";
}

class EvalFit final : public Command {
 public:
  void declare(Options& options) override {
    options.position("DATA", data_, "a data set with expected decisions: JSON, JSONL or CSV, also gzipped", Completes::file);
    options.value("-o,--output", "FOLDER", output_, "where everything goes; config.yaml in it is the result", Completes::folder);
    options.value("-c,--config", "FILE", config_,
                  "the configuration to begin with (FOLDER/gate.yaml, drafted from the data when it is not there)",
                  Completes::file);
    options.value("-m,--method", "NAME", method_, "of the calibrations: beta, platt, isotonic, temperature or legacy (beta)");
    threshold_.declare(options);
    options.value("--folds", "N", folds_, "cuts of the data, each held out once; 0 leaves out one text at a time (10)");
    options.value("--seed", "N", seed_, "of the cuts (1)");
    options.flag("--replace", replace_, "also where FOLDER/config.yaml is there already, which is removed first");
    session_.declare(options);
    options.flag("--json", json_, "print {configuration, report, decisions, threshold, labels} and nothing of the steps");
  }
  [[nodiscard]] std::string_view notes() const override {
    return "From a data set to a configuration that is calibrated and bounded, with a report: the steps below, each printed as "
           "the\n"
           "command that does it. All figures are of texts held out.\n"
           "\n"
           "  init       gate.yaml       categories, labels and drafts of hypotheses; kept when it is there, so that you can\n"
           "                             write better ones and do this again\n"
           "  train      probe.json      probes on sentence vectors, where the model gives vectors and there is no probe yet;\n"
           "  or score   scores.json     with other models their raw scores\n"
           "  train      params.json     calibrations and a combiner; held-out/: what is decided of each text without it\n"
           "  threshold  labels.json     from which probability on labels are detected, by F1\n"
           "  threshold  threshold.json  by risk, and refused where so few texts cannot bear out what is asked\n"
           "  report     report.html     what the decisions held out are worth by these thresholds\n"
           "  apply      config.yaml     all of it on top of the configuration\n";
  }
  [[nodiscard]] std::string_view examples() const override {
    return "  thalweg eval fit messages.json -o gate\n"
           "  thalweg eval fit messages.json -o gate --alpha 0.1 --confidence 0.9\n"
           "  thalweg eval fit messages.json -o judged -c judge.yaml\n"
           "  thalweg eval classify -c gate/config.yaml 'Remember to call Mom on her birthday next Tuesday'\n";
  }
  [[nodiscard]] Result<int> run(Program& program) override {
    if (output_.empty()) return fail(Code::invalid_argument, "name a folder for the results with --output");
    if (data_ == "-") return fail(Code::invalid_argument, "the data set is read several times; write it into a file");
    TRY(check_options());
    TRY(check_data());
    const Output alone = TRY(take_folder());
    TRY(clear_folder());
    Output nowhere = TRY(Output::file("/dev/null"));
    Program steps{program.clock, json_ ? nowhere : program.out};
    const int exit = TRY(fit(steps));
    if (exit != kExitOk || !json_) return exit;
    const Value params = TRY(told("params.json"));
    const Value threshold = TRY(told("threshold.json"));
    const Value labels = TRY(told("labels.json"));
    const Value* const about = params.find("metadata");
    const Value* const decisions = about == nullptr ? nullptr : about->find("decisions");
    TRY(print_json(program.out, Value::map({{"configuration", in_folder("config.yaml")},
                                            {"report", in_folder("report.html")},
                                            {"decisions", decisions == nullptr ? Value() : *decisions},
                                            {"threshold", threshold},
                                            {"labels", labels}})));
    return kExitOk;
  }

 private:
  Result<int> fit(Program& program) {
    const std::string config = first_config();
    std::error_code ignored;
    if (config_.empty() && !fs::exists(config, ignored)) {
      if (const int exit = TRY(step(program, {"init", data_, "-o", config})); exit != kExitOk) return exit;
    }
    for (const std::vector<std::string>& each : steps(config, TRY(read_config(config)).score.model)) {
      const auto exit = step(program, each);
      if (!exit && exit.error().code() == Code::failed_precondition &&
          std::ranges::find(each, in_folder("threshold.json")) != each.end()) {
        return fail(Code::failed_precondition,
                    "{}; label more texts, ask for less (--alpha, --confidence), or take --by f1, which promises nothing; "
                    "'thalweg eval report {}' shows the risk of every threshold",
                    exit.error().text(), typed(in_folder("held-out")));
      }
      if (!exit || *exit != kExitOk) return exit;
    }
    TRY(program.out.write(fmt::format("{} decides, for example: thalweg eval classify -c {} 'a text'\n", in_folder("config.yaml"),
                                      typed(in_folder("config.yaml")))));
    return kExitOk;
  }

  // What comes after the first configuration, as arguments of `thalweg eval`.
  [[nodiscard]] std::vector<std::vector<std::string>> steps(const std::string& config, const scoring::ModelConfig& model) const {
    const std::string scores = in_folder("scores.json"), params = in_folder("params.json"), held_out = in_folder("held-out"),
                      labels = in_folder("labels.json"), threshold = in_folder("threshold.json");
    const std::vector<std::string> target{"--alpha", threshold_.alpha, "--confidence", threshold_.confidence};
    std::vector<std::vector<std::string>> all;
    std::vector<std::string> apply{"apply", config};
    if (model.type == scoring::ModelType::sentence_embeddings && model.probe.empty()) {
      apply.push_back(in_folder("probe.json"));
      all.push_back(
          with_folds(with_session({"train", data_, "-c", config, "--method", "probe", "-o", apply.back(), "--scores", scores})));
    } else {
      all.push_back(with_session({"score", data_, "-c", config, "-o", scores}));
    }
    all.push_back(
        with_folds({"train", scores, "-c", config, "--method", method_, "--combiner", "-o", params, "--held-out", held_out}));
    all.push_back({"threshold", held_out, "--labels", "-o", labels});
    all.push_back(with({"threshold", held_out, "--by", threshold_.by, "-o", threshold},
                       threshold_.by == "risk" ? target : std::vector<std::string>()));
    all.push_back(
        with({"report", held_out, "--threshold", threshold, "--threshold", labels, "-o", in_folder("report.html")}, target));
    all.push_back(with(std::move(apply), {params, labels, threshold, "-o", in_folder("config.yaml")}));
    return all;
  }

  // Alone in the folder for as long as the result lives: two at once would read and remove each other's files.
  [[nodiscard]] Result<Output> take_folder() const {
    std::error_code problem;
    fs::create_directories(output_, problem);
    if (problem) return std::unexpected(system_error(problem.value(), fmt::format("make the folder '{}'", output_)));
    auto alone = Output::growing(in_folder("config.yaml"));
    if (alone || alone.error().code() != Code::aborted) return alone;
    return fail(Code::aborted,
                "another 'thalweg eval fit' works in '{}' now; wait for its end, or name another folder with --output", output_);
  }

  // A configuration may be in use, and what an earlier call came to is not taken for this one's.
  [[nodiscard]] Result<> clear_folder() const {
    std::error_code problem;
    if (const std::string there = in_folder("config.yaml"); !replace_ && fs::exists(there, problem)) {
      return fail(Code::already_exists, "'{}' is there already, and may be in use; name another folder, or --replace it", there);
    }
    constexpr std::array kMade{"config.yaml", "threshold.json", "labels.json", "report.html"};
    for (const char* const name : kMade) TRY(keep_inputs(in_folder(name), {data_, config_}));
    for (const char* const name : kMade) {
      fs::remove(in_folder(name), problem);
      if (problem) return std::unexpected(system_error(problem.value(), fmt::format("remove '{}'", in_folder(name))));
    }
    return {};
  }

  // What a step would find wrong only after others had worked, and before anything is removed.
  [[nodiscard]] Result<> check_options() {
    if (folds_ < 0 || folds_ == 1) return fail(Code::invalid_argument, "--folds must be 0, or 2 or more");
    const auto method = TRY(calibration::method_named(method_));
    if (method == calibration::Method::none) return fail(Code::invalid_argument, "--method none fits nothing");
    if (const auto threshold = threshold_.read(); !threshold) return std::unexpected(threshold.error());
    if (const auto models = session_.models(); !models) return std::unexpected(models.error());
    return {};
  }

  // The same of the data set, beside the configuration to begin with where there is one.
  [[nodiscard]] Result<> check_data() const {
    const std::string config = first_config();
    scoring::SampleRules rules{.read = {.strict = false}};
    scoring::TextsSeen seen;
    std::string by;
    std::error_code ignored;
    const bool there = !config_.empty() || fs::exists(config, ignored);
    if (there) {
      const scoring::ConfigData begun = TRY(read_config(config));
      rules = scoring::sample_rules(begun.score, begun.strict);
      seen = TRY(as_usage(scoring::TextsSeen::by_scores(begun.score)));
      by = begun.score.model.probe;
    }
    const auto samples = TRY(as_usage(scoring::SampleReader::open(data_, std::move(rules))));
    std::size_t good = 0, fitted_on = 0;
    while (const auto sample = TRY(samples->next())) {
      ++good;
      fitted_on += sample->fitted_on || seen.contains(sample->text) ? 1 : 0;
    }
    if (fitted_on > 0 && !by.empty()) {
      return fail(
          Code::invalid_argument,
          "the probe {} of {} was fitted on {} of these {} texts, so that its scores of them say nothing of others; begin "
          "with a configuration without a probe ('eval fit' fits one, held out too; without -c it drafts all), or take "
          "texts that the probe has not seen",
          by, config, fitted_on, good);
    }
    if (fitted_on > 0) {
      return fail(
          Code::invalid_argument,
          "{} of these {} texts are marked as fitted on by what gave their recorded scores, which so say nothing of others; "
          "leave them out, or take the scores that 'eval train --method probe --scores FILE' gives them",
          fitted_on, good);
    }
    if (good > 0) return {};
    print_problems(samples->problems(), 5);
    if (samples->readable() == 0) return fail(Code::invalid_argument, "{} has no sample that can be read", data_);
    return fail(Code::invalid_argument, "no sample of '{}' {}", data_,
                there ? fmt::format("fits the configuration '{}'", config) : "is right");
  }

  // One command of `thalweg eval`, as if it had been typed.
  static Result<int> step(Program& program, const std::vector<std::string>& arguments) {
    std::string line = "$ thalweg eval";
    for (const std::string& argument : arguments) line += " " + typed(argument);
    TRY(program.out.write(line + "\n"));
    TRY(program.out.flush());
    const auto commands = eval_commands();
    const auto command = std::ranges::find(commands, arguments.front(), &CommandInfo::name)->make();
    Options options;
    command->declare(options);
    bool help = false;
    TRY(options.parse(std::span(arguments).subspan(1), help));
    const int exit = TRY(command->run(program));
    TRY(program.out.write("\n"));
    return exit;
  }

  static std::vector<std::string> with(std::vector<std::string> arguments, const std::vector<std::string>& more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  [[nodiscard]] std::vector<std::string> with_session(std::vector<std::string> arguments) const {
    if (session_.threads != 0) arguments = with(std::move(arguments), {"--threads", std::to_string(session_.threads)});
    if (session_.context_size != 0)
      arguments = with(std::move(arguments), {"--context-size", std::to_string(session_.context_size)});
    if (!session_.model_memory.empty()) arguments = with(std::move(arguments), {"--model-memory", session_.model_memory});
    return arguments;
  }

  [[nodiscard]] std::vector<std::string> with_folds(std::vector<std::string> arguments) const {
    return with(std::move(arguments), {"--folds", std::to_string(folds_), "--seed", std::to_string(seed_)});
  }

  static Result<scoring::ConfigData> read_config(const std::string& config) {
    config::Tree tree = TRY(as_usage(scoring::config_layers(config))).build();
    return scoring::read_config(tree);
  }
  // The configuration to begin with.
  [[nodiscard]] std::string first_config() const { return config_.empty() ? in_folder("gate.yaml") : config_; }

  [[nodiscard]] Result<Value> told(const char* name) const {
    const std::string text = TRY(scoring::read_named_file(in_folder(name)));
    return parse_json(text);
  }

  [[nodiscard]] std::string in_folder(const char* name) const { return (fs::path(output_) / name).string(); }

  std::string data_;
  std::string output_;
  std::string config_;
  std::string method_ = "beta";
  ThresholdOptions threshold_;
  std::int64_t folds_ = 10;
  std::int64_t seed_ = 1;
  bool replace_ = false;
  bool json_ = false;
  SessionOptions session_;
};

}  // namespace

std::unique_ptr<Command> make_eval_fit() { return std::make_unique<EvalFit>(); }

}  // namespace thalweg::cli
