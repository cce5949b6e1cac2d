// thalweg eval threshold

#include "calibration/threshold.h"
#include "cli/eval_results.h"
#include "cli/eval_source.h"
#include "cli/render.h"

namespace thalweg::cli {

namespace {

using calibration::Threshold;

class EvalThreshold final : public Command {
 public:
  void declare(Options& options) override {
    options.position("RESULTS", folder_, "a folder that 'eval run' wrote", Completes::folder);
    options.value("--by", "WHAT", by_, "risk, f1 or cost (risk)");
    options.value("--alpha", "SHARE", alpha_, "risk: accepted texts are wrong at most this often (0.05)");
    options.value("--confidence", "SHARE", confidence_, "risk: with this confidence (0.95)");
    options.value("--false-accept", "COST", false_accept_, "cost: of accepting what should be rejected (1)");
    options.value("--false-reject", "COST", false_reject_, "cost: of rejecting what should be accepted (1)");
    options.value("-o,--output", "FILE", output_, "where the threshold goes, for 'eval apply'", Completes::file);
    options.flag("--json", json_, "print {threshold, accepted, wrong, missed, rows, ...}");
  }
  [[nodiscard]] std::string_view notes() const override {
    return "Chooses the threshold of the overall score, as texts of medium length have it; those of short and long texts move\n"
           "with it. Texts that a veto rejects stay rejected.\n"
           "\n"
           "By risk: the lowest threshold of which the data prove, with the confidence asked for, that at most that share of\n"
           "what is accepted should have been rejected. The promise holds although the same data choose the threshold\n"
           "(Learn-then-Test), for texts drawn as these were; so not on texts that the model or calibration was fitted on.\n"
           "For 5 % and 95 % it takes at least 59 accepted texts, all of them right.\n";
  }
  [[nodiscard]] std::string_view examples() const override {
    return "  thalweg eval threshold messages.eval\n"
           "  thalweg eval threshold messages.eval --alpha 0.1 --confidence 0.9 -o threshold.json\n"
           "  thalweg eval threshold messages.eval --by cost --false-accept 5\n"
           "  thalweg eval apply gate.yaml threshold.json -o bounded.yaml\n";
  }
  [[nodiscard]] Result<int> run(Program& program) override {
    const double alpha = TRY(share("--alpha", alpha_));
    const double confidence = TRY(share("--confidence", confidence_));
    if (by_ != "risk" && by_ != "f1" && by_ != "cost")
      return fail(Code::invalid_argument, "--by '{}': known are risk, f1 and cost", by_);
    const calibration::Costs costs{.false_accept = TRY(cost("--false-accept", false_accept_)),
                                   .false_reject = TRY(cost("--false-reject", false_reject_))};
    const auto interrupt = TRY(Interrupt::watch());
    const Results results = TRY(open_results(folder_));
    std::vector<double> scores;
    std::vector<std::uint8_t> good;
    std::size_t vetoed = 0;
    std::size_t vetoed_good = 0;
    TRY(results.read(*interrupt, [&](const ResultRow& row) -> Result<> {
      if (row.failed) return {};
      if (row.vetoed) {
        ++vetoed;
        vetoed_good += row.expected ? 1 : 0;
        return {};
      }
      // As if it were of medium length.
      scores.push_back(std::clamp(row.score - (row.threshold - results.threshold), 0.0, 1.0));
      good.push_back(row.expected ? 1 : 0);
      return {};
    }));
    const Threshold found =
        TRY(by_ == "f1"     ? calibration::threshold_by_f1(scores, good)
            : by_ == "cost" ? calibration::threshold_by_cost(scores, good, costs)
                            : calibration::threshold_by_risk(scores, good, {.alpha = alpha, .delta = 1 - confidence}));
    const Value told = value_of(found, vetoed, vetoed_good, alpha, confidence);
    if (!output_.empty()) {
      Output file = TRY(Output::file(output_));
      TRY(print_json(file, told));
      TRY(file.commit());
    }
    if (json_) {
      TRY(print_json(program.out, told));
      return kExitOk;
    }
    TRY(program.out.write(
        fmt::format("threshold {:.4f}: accepts {} of {} texts, {} of them wrongly; misses {} that should be accepted\n",
                    found.value, found.accepted, found.rows + vetoed, found.wrong, found.missed + vetoed_good)));
    if (by_ == "risk")
      TRY(program.out.write(
          fmt::format("with {} confidence at most {} of what is accepted is wrong (seen: {}, bound: {})\n", percent(confidence),
                      percent(alpha),
                      percent(found.accepted == 0 ? 0 : static_cast<double>(found.wrong) / static_cast<double>(found.accepted)),
                      percent(found.objective))));
    return kExitOk;
  }

 private:
  static Result<double> number(std::string_view option, const std::string& text) {
    const auto value = parse_json(text);
    if (!value || !value->is_number()) return fail(Code::invalid_argument, "{} '{}' is no number", option, text);
    return value->as_number();
  }
  static Result<double> share(std::string_view option, const std::string& text) {
    const double value = TRY(number(option, text));
    if (!(value > 0 && value < 1))
      return fail(Code::invalid_argument, "{} must be between 0 and 1, such as 0.05, not {}", option, text);
    return value;
  }
  static Result<double> cost(std::string_view option, const std::string& text) {
    const double value = TRY(number(option, text));
    if (!(value >= 0)) return fail(Code::invalid_argument, "{} must not be negative", option);
    return value;
  }

  [[nodiscard]] Value value_of(const Threshold& found, std::size_t vetoed, std::size_t vetoed_good, double alpha,
                               double confidence) const {
    const auto count = [](std::size_t n) { return Value(static_cast<std::int64_t>(n)); };
    std::vector<Entry> out{{"threshold", found.value},
                           {"by", by_},
                           {"rows", count(found.rows + vetoed)},
                           {"accepted", count(found.accepted)},
                           {"wrong", count(found.wrong)},
                           {"missed", count(found.missed + vetoed_good)},
                           {"vetoed", count(vetoed)}};
    if (by_ == "f1") out.push_back({"f1", found.objective});
    if (by_ == "cost") out.push_back({"mean_cost", found.objective});
    if (by_ == "risk") {
      out.push_back({"alpha", alpha});
      out.push_back({"confidence", confidence});
      out.push_back({"bound", found.objective});
    }
    return Value::map(std::move(out));
  }

  std::string folder_;
  std::string by_ = "risk";
  std::string alpha_ = "0.05";
  std::string confidence_ = "0.95";
  std::string false_accept_ = "1";
  std::string false_reject_ = "1";
  std::string output_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_eval_threshold() { return std::make_unique<EvalThreshold>(); }

}  // namespace thalweg::cli
