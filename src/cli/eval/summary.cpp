#include "cli/eval/summary.h"

#include "cli/table.h"
#include "thalweg/report.h"

namespace thalweg::cli {

namespace {

using calibration::Confusion;
using Rows = std::vector<std::vector<std::string>>;

double per_second(std::int64_t texts, Nanos elapsed) {
  return elapsed <= 0 ? 0 : static_cast<double>(texts) * static_cast<double>(kSecond) / static_cast<double>(elapsed);
}

// Texts whose raw scores were computed, not taken from before.
std::int64_t computed(const ScoringDone& done) {
  return static_cast<std::int64_t>(done.evaluation.decisions().rows()) + done.evaluation.errors() -
         static_cast<std::int64_t>(done.kept);
}

// The texts kept from before took no model: a rate with them would say nothing of it.
std::string rate_in_words(const ScoringDone& done) {
  if (computed(done) == 0) return "nothing computed anew";
  return fmt::format("{:.0f} texts/s{}", per_second(computed(done), done.elapsed),
                     done.kept == 0 ? "" : fmt::format(" of the {} computed anew", computed(done)));
}

double milliseconds(Nanos time) { return static_cast<double>(time) / static_cast<double>(kMillisecond); }

std::string three(const std::optional<double>& number) { return number ? fmt::format("{:.3f}", *number) : "-"; }
std::string share_of(const std::optional<double>& share) { return share ? percent(*share) : "-"; }
std::uint64_t right(const Confusion& of) { return of.true_positives + of.true_negatives; }
std::uint64_t expected(const Confusion& of) { return of.true_positives + of.false_negatives; }

void add_counts(std::string& out, std::string_view title, const std::map<std::string, Confusion, std::less<>>& counts) {
  if (counts.empty()) return;
  Rows rows{{std::string(title), "texts", "right", "accuracy"}};
  for (const auto& [name, one] : counts)
    rows.push_back(
        {name.empty() ? "(none)" : name, std::to_string(one.rows()), std::to_string(right(one)), share_of(one.accuracy())});
  out += '\n' + table(rows);
}

void add_labels(std::string& out, const scoring::Evaluation& evaluation) {
  Rows rows{{"label", "expected", "detected", "right", "precision", "recall", "F1", "AUC", "log-loss"}};
  for (std::size_t i = 0; i < evaluation.labels().size(); ++i) {
    const Confusion& one = evaluation.labels()[i];
    rows.push_back({evaluation.label_names()[i], std::to_string(expected(one)),
                    std::to_string(one.true_positives + one.false_positives), std::to_string(one.true_positives),
                    three(one.precision()), three(one.recall()), three(one.f1()), three(evaluation.calibrated()[i].roc_auc()),
                    three(evaluation.calibrated()[i].mean_log_loss())});
  }
  if (rows.size() > 1) out += '\n' + table(rows);
}

}  // namespace

Timestamp wall_time(const Clock& clock) {
  const Nanos wall = clock.wall();
  return {.seconds = wall / kSecond, .nanos = static_cast<std::int32_t>(wall % kSecond)};
}

Value with_fields(Value base, const Value& more) {
  for (const Entry& entry : more.entries()) base = std::move(base).set(entry.key, entry.value);
  return base;
}

Value summary_of(const ScoringDone& done, const EvalConfig& config, const std::string& data, Timestamp began) {
  const Value head =
      Value::map({{"run", done.run},
                  {"data", Value::map({{"path", data}, {"hash", done.data_hash}})},
                  {"configuration", Value::map({{"path", config.path}, {"hash", config.hash}, {"settings", config.settings}})},
                  {"model", Value::map({{"type", scoring::name(config.data.score.model.type)},
                                        {"name", done.model},
                                        {"identity", done.model_identity}})},
                  {"began", began},
                  {"elapsed_ms", milliseconds(done.elapsed)},
                  {"loading_ms", milliseconds(done.loading)},
                  {"throughput", computed(done) == 0 ? Value() : Value(per_second(computed(done), done.elapsed))},
                  {"kept", static_cast<std::int64_t>(done.kept)},
                  {"energy_joules", done.microjoules ? Value(static_cast<double>(*done.microjoules) / 1e6) : Value()}});
  return with_fields(head, done.evaluation.to_value());
}

std::string summary_text(const ScoringDone& done, const EvalConfig& config, const std::string& data, const std::string& folder,
                         bool verbose) {
  const scoring::Evaluation& evaluation = done.evaluation;
  const Confusion& decisions = evaluation.decisions();
  const std::int64_t texts = static_cast<std::int64_t>(decisions.rows()) + evaluation.errors();
  const std::string failed =
      evaluation.errors() == 0 ? "" : fmt::format(", {} failed; of the {} others", evaluation.errors(), decisions.rows());
  std::string out = fmt::format("data       {}: {} texts{}, {} to accept, {} to reject\n", data, texts, failed,
                                expected(decisions), decisions.rows() - expected(decisions));
  out +=
      fmt::format("model      {} ({}), configuration {}\n", done.model, scoring::name(config.data.score.model.type), config.path);
  out += fmt::format("decisions  accuracy {} ({} of {}); always the commoner one: {}\n", share_of(decisions.accuracy()),
                     right(decisions), decisions.rows(), share_of(decisions.majority()));
  out += fmt::format("           precision {}, recall {}, F1 {}, specificity {}, Matthews {}\n", three(decisions.precision()),
                     three(decisions.recall()), three(decisions.f1()), three(decisions.specificity()), three(decisions.mcc()));
  out += table({{"           expected", "accepted", "rejected"},
                {"           accept", std::to_string(decisions.true_positives), std::to_string(decisions.false_negatives)},
                {"           reject", std::to_string(decisions.false_positives), std::to_string(decisions.true_negatives)}});
  using Macro = scoring::Evaluation::Macro;
  const std::optional<Macro> macro = evaluation.macro();
  const auto mean = [&](double Macro::* figure) { return macro ? three((*macro).*figure) : "-"; };
  const Confusion micro = evaluation.micro();
  out += fmt::format("labels     F1 {} micro, {} macro; precision {}, recall {} (means of the labels that are expected)\n",
                     three(micro.f1()), mean(&Macro::f1), mean(&Macro::precision), mean(&Macro::recall));
  out += fmt::format("           mean AUC {}, mean log-loss {} nats a label\n", three(evaluation.mean_auc()),
                     three(evaluation.mean_log_loss()));
  if (evaluation.errors() > 0) {
    const bool recorded = config.data.score.model.type == scoring::ModelType::recorded;
    out += fmt::format("failed     {} texts; 'thalweg eval failures {}' tells why{}\n", evaluation.errors(), folder,
                       recorded ? "" : "; --retry tries those again whose model failed");
  }
  if (evaluation.dropped() > 0) {
    const scoring::ModelConfig& model = config.data.score.model;
    const bool own_scores = model.type == scoring::ModelType::recorded && model.scores.empty();  // 'validate' knows none of these
    out += fmt::format("left out   {} samples that are wrong; {}\n", evaluation.dropped(),
                       own_scores ? "the messages tell why" : "'thalweg eval validate' tells why");
  }
  if (done.kept > 0) out += fmt::format("kept       {} texts' raw scores from before\n", done.kept);
  out += fmt::format("time       {}, {}; the model loaded in {}\n", time_in_words(done.elapsed), rate_in_words(done),
                     time_in_words(done.loading));
  if (const Histogram& batches = evaluation.batch_ns(); batches.count() > 0) {
    const auto at = [&](double share) { return time_in_words(static_cast<Nanos>(batches.percentile(share))); };
    out += fmt::format("           a batch of {}: median {}, 99 % within {}\n", evaluation.batch_size(), at(0.5), at(0.99));
  }
  out += done.microjoules ? fmt::format("energy     {:.1f} J (the whole machine)\n", static_cast<double>(*done.microjoules) / 1e6)
                          : std::string("energy     unavailable\n");
  if (!verbose) return out;
  add_counts(out, "category", evaluation.categories());
  add_counts(out, "difficulty", evaluation.difficulties());
  add_labels(out, evaluation);
  return out;
}

}  // namespace thalweg::cli
