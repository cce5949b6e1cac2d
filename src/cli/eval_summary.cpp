#include "cli/eval_summary.h"

#include "cli/table.h"
#include "thalweg/report.h"

namespace thalweg::cli {

namespace {

using scoring::Confusion;
using Rows = std::vector<std::vector<std::string>>;

double per_second(std::int64_t texts, Nanos elapsed) {
  return elapsed <= 0 ? 0 : static_cast<double>(texts) * static_cast<double>(kSecond) / static_cast<double>(elapsed);
}

double milliseconds(Nanos time) { return static_cast<double>(time) / static_cast<double>(kMillisecond); }

std::string three(double number) { return fmt::format("{:.3f}", number); }

void add_counts(std::string& out, std::string_view title, const std::map<std::string, Confusion, std::less<>>& counts) {
  if (counts.empty()) return;
  Rows rows{{std::string(title), "texts", "right", "accuracy"}};
  for (const auto& [name, one] : counts)
    rows.push_back(
        {name.empty() ? "(none)" : name, std::to_string(one.total()), std::to_string(one.correct()), percent(one.accuracy())});
  out += '\n' + table(rows);
}

void add_labels(std::string& out, const scoring::Evaluation& evaluation) {
  Rows rows{{"label", "expected", "detected", "right", "precision", "recall", "F1"}};
  for (std::size_t i = 0; i < evaluation.labels().size(); ++i) {
    const Confusion& one = evaluation.labels()[i];
    rows.push_back({evaluation.label_names()[i], std::to_string(one.expected()), std::to_string(one.given()),
                    std::to_string(one.true_positive), three(one.precision()), three(one.recall()), three(one.f1())});
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
  const std::int64_t texts = done.evaluation.decisions().total() + done.evaluation.errors();
  const Value head =
      Value::map({{"data", Value::map({{"path", data}, {"hash", done.data_hash}})},
                  {"configuration", Value::map({{"path", config.path}, {"hash", config.hash}, {"settings", config.settings}})},
                  {"model", Value::map({{"type", scoring::name(config.data.score.model.type)},
                                        {"name", done.model},
                                        {"identity", done.model_identity}})},
                  {"began", began},
                  {"elapsed_ms", milliseconds(done.elapsed)},
                  {"loading_ms", milliseconds(done.loading)},
                  {"throughput", per_second(texts, done.elapsed)},
                  {"kept", static_cast<std::int64_t>(done.kept)},
                  {"energy_joules", done.microjoules ? Value(static_cast<double>(*done.microjoules) / 1e6) : Value()}});
  return with_fields(head, done.evaluation.to_value());
}

std::string summary_text(const ScoringDone& done, const EvalConfig& config, const std::string& data, bool verbose) {
  const scoring::Evaluation& evaluation = done.evaluation;
  const Confusion& decisions = evaluation.decisions();
  const std::int64_t texts = decisions.total() + evaluation.errors();
  std::string out = fmt::format("data       {}: {} texts, {} to accept, {} to reject\n", data, texts, decisions.expected(),
                                decisions.total() - decisions.expected());
  out +=
      fmt::format("model      {} ({}), configuration {}\n", done.model, scoring::name(config.data.score.model.type), config.path);
  out += fmt::format("decisions  accuracy {} ({} of {}); always the commoner one: {}\n", percent(decisions.accuracy()),
                     decisions.correct(), decisions.total(), percent(decisions.majority()));
  out +=
      fmt::format("           precision {}, recall {}, F1 {}, specificity {}, Matthews {}\n", three(decisions.precision()),
                  three(decisions.recall()), three(decisions.f1()), three(decisions.specificity()), three(decisions.matthews()));
  out += table({{"           expected", "accepted", "rejected"},
                {"           accept", std::to_string(decisions.true_positive), std::to_string(decisions.false_negative)},
                {"           reject", std::to_string(decisions.false_positive), std::to_string(decisions.true_negative)}});
  const auto macro = evaluation.macro();
  const Confusion micro = evaluation.micro();
  out += fmt::format("labels     F1 {} micro, {} macro; precision {}, recall {} (means of the labels that are expected)\n",
                     three(micro.f1()), three(macro.f1), three(macro.precision), three(macro.recall));
  if (evaluation.errors() > 0)
    out +=
        fmt::format("failed     {} texts: the model failed; 'thalweg eval run --retry' tries them again\n", evaluation.errors());
  if (evaluation.dropped() > 0)
    out += fmt::format("left out   {} samples that are wrong; 'thalweg eval validate' tells why\n", evaluation.dropped());
  if (done.kept > 0) out += fmt::format("kept       {} texts' raw scores from before\n", done.kept);
  out += fmt::format("time       {}, {:.0f} texts/s; the model loaded in {}\n", time_in_words(done.elapsed),
                     per_second(texts, done.elapsed), time_in_words(done.loading));
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
