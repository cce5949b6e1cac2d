// thalweg eval failures

#include <filesystem>
#include <unordered_set>

#include "base/time_text.h"
#include "cli/eval/scoring.h"
#include "cli/render.h"
#include "scoring/data/records.h"

namespace thalweg::cli {

namespace {

namespace fs = std::filesystem;

struct Failure {
  std::string id;
  std::string code;
  std::string message;
  std::int64_t attempts = 1;
  std::optional<Nanos> at;  // when it failed last
  std::string model;        // identity, of one that the latest run did not use

  [[nodiscard]] Value to_value() const {
    std::vector<Entry> out{{"id", id}, {"code", code}, {"message", message}, {"attempts", attempts}};
    if (at) out.push_back({"at", time_of(*at)});
    if (!model.empty()) out.push_back({"model", model});
    return Value::map(std::move(out));
  }
  [[nodiscard]] static Value time_of(Nanos wall) { return Value(Timestamp{wall / kSecond, 0}); }
};

Value to_value(const LedgerRun& run) {
  return Value::map({{"id", run.id},
                     {"given", run.given},
                     {"began", Failure::time_of(run.began)},
                     {"ended", run.ended ? Failure::time_of(*run.ended) : Value()},
                     {"totals", run.totals}});
}

std::string text_at(const Value& map, std::string_view key) {
  const Value* const found = map.find(key);
  return found != nullptr && found->is_string() ? std::string(found->as_string()) : "";
}

class EvalFailures final : public Command {
 public:
  void declare(Options& options) override {
    options.position("FOLDER", folder_, "a folder that 'eval run' wrote, or a .ledger file in which raw scores are kept",
                     Completes::folder);
    options.flag("--all", all_, "also failures of other models, labels or hypotheses than those of the latest run");
    options.flag("--json", json_, "print {runs, scored, failures: [{id, code, message, attempts, at}]}");
  }
  [[nodiscard]] std::string_view notes() const override {
    return "A text on which the model failed keeps its error and the number of attempts. 'thalweg eval run --retry' tries these\n"
           "texts again, and no others.\n";
  }
  [[nodiscard]] std::string_view examples() const override {
    return "  thalweg eval failures messages.eval\n"
           "  thalweg eval failures messages.eval --json\n"
           "  thalweg eval failures scores.json.ledger\n";
  }
  [[nodiscard]] Result<int> run(Program& program) override {
    const auto interrupt = TRY(Interrupt::watch());
    std::error_code ignored;
    if (!fs::exists(folder_, ignored)) return fail(Code::invalid_argument, "there is no folder or file '{}'", folder_);
    const bool is_folder = fs::is_directory(folder_, ignored);
    const std::string ledger = is_folder ? (fs::path(folder_) / kRawScores).string() : folder_;
    const Context context = Context(program.clock).with_stop(interrupt->token());
    if (fs::exists(ledger, ignored)) TRY(as_usage(read_ledger(context, ledger)));
    if (is_folder) TRY(read_rows(*interrupt));
    return tell(program);
  }

 private:
  Result<> read_ledger(const Context& context, const std::string& path) {
    const auto ledger = TRY(Ledger::open(context, "sqlite:" + path));
    runs_ = TRY(ledger->runs(context));
    std::vector<LedgerStage> stages;
    for (const LedgerRun& run : runs_) {
      if (std::ranges::find(stages, run.stage) == stages.end()) stages.push_back(run.stage);
    }
    if (!stages.empty()) scored_ = TRY(ledger->count(context, stages.front())).done;
    for (const LedgerStage& stage : stages) {
      const bool latest = &stage == &stages.front();
      if (!latest && !all_) {
        others_ += TRY(ledger->count(context, stage)).failed;
        continue;
      }
      LedgerReader reader = ledger->read(stage, {.only = ItemState::failed});
      while (const auto row = TRY(reader.next(context))) {
        const Error& error = row->result.error();
        if (latest) known_.insert(row->label);
        failures_.push_back({.id = row->label,
                             .code = std::string(info(error.code()).name),
                             .message = error.text(),
                             .attempts = row->attempts,
                             .at = row->at,
                             .model = latest ? "" : stage.model});
      }
    }
    return {};
  }

  // What no ledger keeps: texts without recorded scores, and those that are too long.
  Result<> read_rows(const Interrupt& interrupt) {
    std::error_code ignored;
    fs::path path = fs::path(folder_) / "results.jsonl.part";
    if (!fs::exists(path, ignored)) path = fs::path(folder_) / "results.jsonl";
    if (!fs::exists(path, ignored)) {
      if (!runs_.empty()) return {};
      return fail(Code::invalid_argument, "'{}' holds no results; name a folder that 'thalweg eval run' wrote", folder_);
    }
    auto source = TRY(scoring::ByteSource::open(path.string(), [&](int descriptor) { return interrupt.readable(descriptor); }));
    auto reader = TRY(scoring::RecordReader::open(std::move(source), {.form = scoring::FileForm::lines}));
    std::int64_t scored = 0;
    while (const auto record = TRY(reader.next())) {
      if (!record->value || !record->value->is_map()) continue;  // the last row of a run that was killed
      const Value* const error = record->value->find("error");
      if (error == nullptr) {
        ++scored;
        continue;
      }
      Failure failure{.id = text_at(*record->value, "id"),
                      .code = text_at(*error, "code"),
                      .message = text_at(*error, "message"),
                      .attempts = 1,
                      .at = std::nullopt,
                      .model = {}};
      if (known_.insert(failure.id).second) failures_.push_back(std::move(failure));
    }
    scored_ = std::max(scored_, scored);
    return {};
  }

  Result<int> tell(Program& program) const {
    if (json_) {
      std::vector<Value> runs, failures;
      for (const LedgerRun& run : runs_) runs.push_back(to_value(run));
      for (const Failure& failure : failures_) failures.push_back(failure.to_value());
      TRY(print_json(program.out, Value::map({{"runs", Value::list(std::move(runs))},
                                              {"scored", scored_},
                                              {"failures", Value::list(std::move(failures))},
                                              {"failures_of_others", others_}})));
      return kExitOk;
    }
    std::string out;
    for (const Failure& failure : failures_) {
      out += fmt::format("{}: {} ({}{})\n", one_line(failure.id, 80), one_line(failure.message, 500),
                         failure.attempts == 1 ? "1 attempt" : fmt::format("{} attempts", failure.attempts),
                         failure.model.empty() ? "" : ", of another model");
    }
    out += fmt::format("{}: {} texts failed, {} are scored\n", folder_, failures_.size(), scored_);
    if (!runs_.empty() && !runs_.front().ended) {
      out += fmt::format("the latest run ({}, of {}) has no end: it goes on, or was stopped; run it again to go on\n",
                         runs_.front().id, one_line(text_at(runs_.front().given, "data"), 200));
    }
    if (others_ > 0)
      out += fmt::format("{} more failures are of other models, labels or hypotheses; --all lists them\n", others_);
    TRY(program.out.write(out));
    return kExitOk;
  }

  std::string folder_;
  bool all_ = false;
  bool json_ = false;
  std::vector<LedgerRun> runs_;
  std::vector<Failure> failures_;
  std::unordered_set<std::string> known_;  // ids of failures of the latest run's model
  std::int64_t scored_ = 0;
  std::int64_t others_ = 0;
};

}  // namespace

std::unique_ptr<Command> make_eval_failures() { return std::make_unique<EvalFailures>(); }

}  // namespace thalweg::cli
