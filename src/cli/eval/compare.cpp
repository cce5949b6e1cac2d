// thalweg eval compare

#include <unordered_map>

#include "calibration/bootstrap.h"
#include "calibration/logit.h"
#include "cli/eval/results.h"
#include "cli/eval/source.h"
#include "cli/render.h"
#include "cli/table.h"

namespace thalweg::cli {

namespace {

// What of a text counts.
struct Marks {
  double correct = 0;
  double accepted = 0;
  double label_loss = 0;  // mean log-loss over the labels, in nats
};

Marks marks_of(const ResultRow& row) {
  Marks marks{.correct = row.accepted == row.expected ? 1.0 : 0.0, .accepted = row.accepted ? 1.0 : 0.0, .label_loss = 0};
  double labels = 0;
  for (const Entry& entry : row.labels.entries()) {
    const bool present = std::ranges::find(row.expected_labels, entry.key.as_string()) != row.expected_labels.end();
    marks.label_loss += calibration::log_loss(present, entry.value.as_number());
    ++labels;
  }
  if (labels > 0) marks.label_loss /= labels;
  return marks;
}

class EvalCompare final : public Command {
 public:
  void declare(Options& options) override {
    options.position("BEFORE", before_, "a folder that 'eval run' wrote", Completes::folder);
    options.position("AFTER", after_, "another one, of the same data", Completes::folder);
    options.value("--seed", "N", seed_, "of the resamples (1)");
    options.flag("--changes", changes_, "also list the texts that are decided otherwise");
    options.flag("--json", json_, "print {texts, figures, changes}");
  }
  [[nodiscard]] std::string_view notes() const override {
    return "Compares text by text, by id: the same texts stand on both sides, so that small differences show. Intervals are of\n"
           "10,000 resamples of the texts (paired bootstrap), 95 %. Texts that only one run has, or that failed in one, are\n"
           "left out and counted.\n";
  }
  [[nodiscard]] std::string_view examples() const override {
    return "  thalweg eval compare before.eval after.eval\n"
           "  thalweg eval compare before.eval after.eval --changes --json\n";
  }
  [[nodiscard]] Result<int> run(Program& program) override {
    const auto interrupt = TRY(Interrupt::watch());
    const Results before = TRY(open_results(before_));
    const Results after = TRY(open_results(after_));
    std::unordered_map<std::string, std::pair<Marks, std::size_t>> known;  // with the hash of the text
    std::size_t left_out = 0;
    TRY(before.read(*interrupt, [&](const ResultRow& row) -> Result<> {
      if (row.failed)
        ++left_out;
      else
        known.emplace(row.id, std::pair(marks_of(row), std::hash<std::string>()(row.text)));
      return {};
    }));
    TRY(after.read(*interrupt, [&](const ResultRow& row) -> Result<> {
      const auto found = known.find(row.id);
      if (row.failed || found == known.end()) {
        ++left_out;
        return {};
      }
      if (found->second.second != std::hash<std::string>()(row.text))
        return fail(Code::invalid_argument, "'{}' is another text in {} than in {}; these runs are of different data", row.id,
                    after_, before_);
      add(found->second.first, marks_of(row), row);
      known.erase(found);
      return {};
    }));
    left_out += known.size();
    if (correct_[0].empty()) return fail(Code::failed_precondition, "{} and {} have no text in common", before_, after_);
    return tell(program, left_out);
  }

 private:
  void add(const Marks& before, const Marks& after, const ResultRow& row) {
    const std::array both{before, after};
    for (std::size_t i = 0; i < 2; ++i) {
      correct_[i].push_back(both[i].correct);
      accepted_[i].push_back(both[i].accepted);
      loss_[i].push_back(both[i].label_loss);
    }
    if (before.accepted == after.accepted) return;
    changed_.push_back(Value::map({{"id", row.id},
                                   {"text", row.text},
                                   {"expected", row.expected ? "accept" : "reject"},
                                   {"now", row.accepted ? "accept" : "reject"},
                                   {"correct", row.accepted == row.expected},
                                   {"reason", row.reason}}));
  }

  Result<int> tell(Program& program, std::size_t left_out) {
    struct Figure {
      std::string_view name;
      const std::array<std::vector<double>, 2>& columns;
      bool share;
    };
    const std::array<Figure, 3> figures{Figure{"accuracy", correct_, true}, Figure{"accepted", accepted_, true},
                                        Figure{"label log-loss", loss_, false}};
    std::vector<std::vector<std::string>> rows{{"", "before", "after", "difference", "95 % interval"}};
    std::vector<Entry> values;
    for (const Figure& figure : figures) {
      const auto mean = [&](std::size_t side) {
        double sum = 0;
        for (const double one : figure.columns[side]) sum += one;
        return sum / static_cast<double>(figure.columns[side].size());
      };
      const auto difference = calibration::paired_difference(figure.columns[1], figure.columns[0],
                                                             {.resamples = 10'000, .seed = static_cast<std::uint64_t>(seed_)});
      const auto shown = [&](double number, bool sign) {
        const double of = figure.share ? number * 100 : number;
        return sign ? fmt::format("{:+.{}f}", of, figure.share ? 1 : 4)
                    : fmt::format("{:.{}f}{}", of, figure.share ? 1 : 4, figure.share ? " %" : "");
      };
      rows.push_back({std::string(figure.name), shown(mean(0), false), shown(mean(1), false), shown(difference.mean, true),
                      fmt::format("{} to {}", shown(difference.interval.low, true), shown(difference.interval.high, true))});
      values.push_back({figure.name, Value::map({{"before", mean(0)},
                                                 {"after", mean(1)},
                                                 {"difference", difference.mean},
                                                 {"low", difference.interval.low},
                                                 {"high", difference.interval.high}})});
    }
    const auto texts = static_cast<std::int64_t>(correct_[0].size());
    if (json_) {
      TRY(print_json(program.out, Value::map({{"texts", texts},
                                              {"left_out", static_cast<std::int64_t>(left_out)},
                                              {"figures", Value::map(std::move(values))},
                                              {"changes", Value::list(changed_)}})));
      return kExitOk;
    }
    std::size_t better = 0;
    for (const Value& change : changed_) better += change.find("correct")->as_bool() ? 1 : 0;
    std::string out =
        fmt::format("{} texts in both{}\n\n{}\n", texts, left_out > 0 ? fmt::format(", {} left out", left_out) : "", table(rows));
    out += fmt::format("{} texts are decided otherwise: {} are right now, {} wrong\n", changed_.size(), better,
                       changed_.size() - better);
    if (changes_) {
      for (const Value& change : changed_)
        out += fmt::format("  {} {}: '{}' {}\n", change.find("correct")->as_bool() ? "right" : "wrong",
                           change.find("id")->as_string(), one_line(change.find("text")->as_string(), 50),
                           change.find("reason")->as_string());
    }
    TRY(program.out.write(out));
    return kExitOk;
  }

  std::string before_;
  std::string after_;
  std::int64_t seed_ = 1;
  bool changes_ = false;
  bool json_ = false;
  std::array<std::vector<double>, 2> correct_;
  std::array<std::vector<double>, 2> accepted_;
  std::array<std::vector<double>, 2> loss_;
  std::vector<Value> changed_;
};

}  // namespace

std::unique_ptr<Command> make_eval_compare() { return std::make_unique<EvalCompare>(); }

}  // namespace thalweg::cli
