// thalweg eval compare

#include <unordered_map>
#include <unordered_set>

#include "calibration/logit.h"
#include "cli/eval/results.h"
#include "cli/eval/source.h"
#include "cli/render.h"
#include "cli/table.h"
#include "scoring/comparison.h"

namespace thalweg::cli {

namespace {

using scoring::ComparedFigure;
using scoring::ComparedLabel;
using scoring::Comparison;
using scoring::Decided;

Value count(std::uint64_t n) { return Value(static_cast<std::int64_t>(n)); }
Value number(const std::optional<double>& figure) { return figure && !std::isnan(*figure) ? Value(*figure) : Value(); }

std::vector<std::string> labels_of(const Results& results) {
  std::vector<std::string> names;
  const Value* const labels = results.summary.find("per_label");
  if (labels == nullptr || !labels->is_map()) return names;
  for (const Entry& entry : labels->entries()) names.emplace_back(entry.key.as_string());
  std::ranges::sort(names);
  return names;
}

bool has(const std::vector<std::string>& names, std::string_view name) { return std::ranges::find(names, name) != names.end(); }

class EvalCompare final : public Command {
 public:
  void declare(Options& options) override {
    options.position("BEFORE", before_, "a folder that 'eval run' wrote", Completes::folder);
    options.position("AFTER", after_, "another one, of the same data", Completes::folder);
    options.value("--seed", "N", seed_, "of the resamples (1)");
    options.flag("--in-sample", in_sample_,
                 "compare also texts that one of the configurations was fitted on; then nothing is proven");
    options.flag("--changes", changes_, "also list the texts that are decided otherwise");
    options.flag("--json", json_, "print {texts, left_out, fitted_on, figures, decisions, labels, changes}");
  }
  [[nodiscard]] std::string_view notes() const override {
    return "Compares text by text, by id: the same texts stand on both sides, so that small differences show. Intervals are of\n"
           "10,000 resamples of the texts (paired bootstrap), 95 %. p tells how likely a split so uneven between texts that\n"
           "turned right and texts that turned wrong is by chance (McNemar's test, exact). Texts that only one run has, or that\n"
           "failed in one, are left out and counted, and so are copies of a text behind the first, which prove nothing more;\n"
           "labels that only one run has are left out and named.\n"
           "\n"
           "A configuration does better on texts that it was fitted on than on others, so these are left out, too. With\n"
           "--in-sample they are compared, without intervals and p. The exit code is 1 when there are no others.\n";
  }
  [[nodiscard]] std::string_view examples() const override {
    return "  thalweg eval compare before.eval after.eval\n"
           "  thalweg eval compare before.eval after.eval --changes --json\n";
  }
  [[nodiscard]] Result<int> run(Program& program) override {
    const auto interrupt = TRY(Interrupt::watch());
    const Results before = TRY(open_results(before_));
    const Results after = TRY(open_results(after_));
    std::ranges::set_intersection(labels_of(before), labels_of(after), std::back_inserter(labels_));
    std::ranges::set_symmetric_difference(labels_of(before), labels_of(after), std::back_inserter(other_labels_));
    Comparison comparison(labels_.size(), static_cast<std::uint64_t>(seed_));
    Progress progress(program.clock);
    std::int64_t read = 0;
    const auto show = [&] { progress.on_progress("compare", ++read, 2 * rows_of(before), "texts"); };
    struct Known {
      std::optional<Decided> decided;  // nothing where the model failed
      std::string text;                // its hash
      bool fitted_on;
    };
    std::unordered_map<std::string, Known> known;
    std::unordered_set<std::string> texts;  // a copy is decided as its text is, and proves nothing more
    TRY(before.read(*interrupt, [&](const ResultRow& row) -> Result<> {
      show();
      Known one{std::nullopt, row.text_hash, row.fitted_on};
      if (!row.failed) one.decided = TRY(decided(row));
      known.emplace(row.id, std::move(one));
      return {};
    }));
    TRY(after.read(*interrupt, [&](const ResultRow& row) -> Result<> {
      show();
      const auto found = known.find(row.id);
      if (row.failed || found == known.end() || !found->second.decided) {
        ++left_out_;
        if (found != known.end()) known.erase(found);
        return {};
      }
      if (found->second.text != row.text_hash)
        return fail(Code::invalid_argument, "'{}' is another text in {} than in {}; these runs are of different data", row.id,
                    after_, before_);
      const Decided now = TRY(decided(row));
      if (take(found->second.fitted_on, row.fitted_on)) {
        if (texts.insert(row.text_hash).second)
          add(comparison, *found->second.decided, now, row);
        else
          ++copies_;
      }
      known.erase(found);
      return {};
    }));
    left_out_ += known.size();
    progress.clear();
    if (comparison.texts() == 0 && seen_.any > 0) {
      return fail(Code::failed_precondition,
                  "{}, which prove nothing about others; run both on new texts, or take what 'eval train --held-out FOLDER' "
                  "decided of each text by fits without it (--in-sample compares them all the same, and proves nothing)",
                  seen_by());
    }
    if (comparison.texts() == 0) return fail(Code::invalid_argument, "{} and {} have no text in common", before_, after_);
    return json_ ? tell_json(program, comparison) : tell(program, comparison);
  }

 private:
  static std::int64_t rows_of(const Results& results) {
    const Value* const of = results.summary.find("results");
    const Value* const rows = of == nullptr ? nullptr : of->find("rows");
    return rows != nullptr && rows->is_int() ? rows->as_int() : 0;
  }

  [[nodiscard]] Result<Decided> decided(const ResultRow& row) const {
    Decided decided{.expected = row.expected, .accepted = row.accepted, .present = {}, .detected = {}};
    for (const std::string& label : labels_) {
      const Value* const score = row.labels.find(label);
      if (score == nullptr || !score->is_number())
        return fail(Code::invalid_argument, "'{}' has no score of the label '{}', although the summary has it", row.id, label);
      decided.present.push_back(has(row.expected_labels, label));
      decided.detected.push_back(has(row.detected_labels, label));
      decided.label_loss += calibration::log_loss(decided.present.back(), score->as_number());
    }
    if (!labels_.empty()) decided.label_loss /= static_cast<double>(labels_.size());
    return decided;
  }

  void add(Comparison& comparison, const Decided& before, const Decided& after, const ResultRow& row) {
    if (before.expected != after.expected || before.present != after.present) ++relabelled_;
    comparison.add(before, after);
    if (before.accepted == after.accepted) return;
    changed_.push_back(Value::map({{"id", row.id},
                                   {"text", row.text},
                                   {"expected", row.expected ? "accept" : "reject"},
                                   {"now", row.accepted ? "accept" : "reject"},
                                   {"correct", row.accepted == row.expected},
                                   {"reason", row.reason}}));
  }

  // Whether a text counts that the configurations were fitted on so.
  bool take(bool before, bool after) {
    seen_.before += before ? 1 : 0;
    seen_.after += after ? 1 : 0;
    if (!before && !after) return true;
    ++seen_.any;
    return in_sample_;
  }
  // Intervals and p tell of new texts.
  [[nodiscard]] bool proven() const noexcept { return seen_.any == 0 || !in_sample_; }

  [[nodiscard]] std::string seen_by() const {
    if (seen_.after == 0) return fmt::format("the configuration of {} was fitted on {} of these texts", before_, seen_.before);
    if (seen_.before == 0) return fmt::format("the configuration of {} was fitted on {} of these texts", after_, seen_.after);
    return fmt::format("the configuration of {} was fitted on {} of these texts, that of {} on {}", before_, seen_.before, after_,
                       seen_.after);
  }

  [[nodiscard]] std::string p_of(const scoring::Turned& turned) const {
    return proven() ? fmt::format("{:.2g}", turned.p_value()) : "-";
  }

  [[nodiscard]] Value to_value(const scoring::Turned& turned) const {
    return Value::map({{"now_right", count(turned.to_right)},
                       {"now_wrong", count(turned.to_wrong)},
                       {"p", proven() ? Value(turned.p_value()) : Value()}});
  }

  Result<int> tell_json(Program& program, const Comparison& comparison) const {
    std::vector<Entry> figures, labels;
    for (const ComparedFigure& figure : comparison.figures()) {
      figures.push_back({figure.name, Value::map({{"before", number(figure.before)},
                                                  {"after", number(figure.after)},
                                                  {"difference", number(figure.after - figure.before)},
                                                  {"low", proven() ? number(figure.difference.low) : Value()},
                                                  {"high", proven() ? number(figure.difference.high) : Value()}})});
    }
    for (std::size_t i = 0; i < labels_.size(); ++i) {
      const ComparedLabel& label = comparison.labels()[i];
      labels.push_back({labels_[i], Value::map({{"f1_before", number(label.before.f1())},
                                                {"f1_after", number(label.after.f1())},
                                                {"turned", to_value(label.turned)}})});
    }
    TRY(print_json(program.out,
                   Value::map({{"texts", count(comparison.texts())},
                               {"left_out", Value::map({{"texts", count(left_out_)},
                                                        {"copies", count(copies_)},
                                                        {"labels", Value::list({other_labels_.begin(), other_labels_.end()})}})},
                               {"fitted_on", Value::map({{"before", count(seen_.before)},
                                                         {"after", count(seen_.after)},
                                                         {"left_out", count(in_sample_ ? 0 : seen_.any)}})},
                               {"expected_otherwise", count(relabelled_)},
                               {"figures", Value::map(std::move(figures))},
                               {"decisions", to_value(comparison.decisions())},
                               {"labels", Value::map(std::move(labels))},
                               {"changes", Value::list(changed_)}})));
    return kExitOk;
  }

  [[nodiscard]] std::vector<std::string> row_of(const ComparedFigure& figure) const {
    const bool share = figure.name == "accuracy" || figure.name == "accepted";
    const auto shown = [&](double value, bool sign) {
      if (std::isnan(value)) return std::string("-");
      const double of = share ? value * 100 : value;
      return sign ? fmt::format("{:+.{}f}", of, share ? 1 : 4) : fmt::format("{:.{}f}{}", of, share ? 1 : 4, share ? " %" : "");
    };
    return {std::string(figure.name), shown(figure.before, false), shown(figure.after, false),
            shown(figure.after - figure.before, true),
            proven() ? fmt::format("{} to {}", shown(figure.difference.low, true), shown(figure.difference.high, true)) : "-"};
  }

  Result<int> tell(Program& program, const Comparison& comparison) const {
    std::vector<std::vector<std::string>> rows{{"", "before", "after", "difference", "95 % interval"}};
    for (const ComparedFigure& figure : comparison.figures()) rows.push_back(row_of(figure));
    std::string out =
        fmt::format("{} texts in both{}\n", comparison.texts(), left_out_ > 0 ? fmt::format(", {} left out", left_out_) : "");
    if (seen_.any > 0) out += fmt::format("{}: {}\n", seen_by(), in_sample_ ? "nothing is proven" : "these are left out, too");
    if (copies_ > 0) out += fmt::format("{} more texts are copies of these and are left out: they prove nothing more\n", copies_);
    out += fmt::format("\n{}\n", table(rows));
    const scoring::Turned& turned = comparison.decisions();
    out += fmt::format("{} texts are decided otherwise: {} are right now, {} wrong{}\n", changed_.size(), turned.to_right,
                       turned.to_wrong, proven() ? fmt::format(" (p = {})", p_of(turned)) : "");
    if (relabelled_ > 0)
      out += fmt::format("{} texts are expected otherwise in the two runs; each is measured by its own\n", relabelled_);
    if (!other_labels_.empty())
      out +=
          one_line(fmt::format("left out, because only one run has them: the labels {}", fmt::join(other_labels_, ", ")), 1000) +
          '\n';
    rows = {{"label", "F1 before", "after", "now right", "now wrong", "p"}};
    const auto three = [](const std::optional<double>& figure) { return figure ? fmt::format("{:.3f}", *figure) : "-"; };
    for (std::size_t i = 0; i < labels_.size(); ++i) {
      const ComparedLabel& label = comparison.labels()[i];
      if (label.turned.to_right + label.turned.to_wrong == 0) continue;
      rows.push_back({labels_[i], three(label.before.f1()), three(label.after.f1()), std::to_string(label.turned.to_right),
                      std::to_string(label.turned.to_wrong), p_of(label.turned)});
    }
    if (rows.size() > 1) out += '\n' + table(rows);
    if (changes_) {
      for (const Value& change : changed_) {
        out += fmt::format("  {} {}: '{}' {}\n", change.find("correct")->as_bool() ? "right" : "wrong",
                           one_line(change.find("id")->as_string(), 80), one_line(change.find("text")->as_string(), 50),
                           one_line(change.find("reason")->as_string(), 500));
      }
    }
    TRY(program.out.write(out));
    return kExitOk;
  }

  std::string before_;
  std::string after_;
  std::int64_t seed_ = 1;
  bool in_sample_ = false;
  bool changes_ = false;
  bool json_ = false;
  std::vector<std::string> labels_;        // of both runs
  std::vector<std::string> other_labels_;  // of one
  std::size_t left_out_ = 0;
  std::size_t copies_ = 0;
  std::size_t relabelled_ = 0;
  // Texts in both that a configuration was fitted on.
  struct {
    std::size_t before = 0, after = 0, any = 0;
  } seen_;
  std::vector<Value> changed_;
};

}  // namespace

std::unique_ptr<Command> make_eval_compare() { return std::make_unique<EvalCompare>(); }

}  // namespace thalweg::cli
