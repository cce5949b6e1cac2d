#include "cli/eval/scoring.h"

#include <filesystem>

#include "base/machine.h"

namespace thalweg::cli {

namespace {

constexpr std::string_view kLedger = "raw-scores.ledger";

Result<std::unique_ptr<Ledger>> open_ledger(const Context& context, const ScoringRun& run, const LedgerStage& stage) {
  const std::string path = (std::filesystem::path(run.folder) / kLedger).string();
  auto ledger = Ledger::open(context, "sqlite:" + path);
  if (!ledger) {
    return fail(ledger.error().code(), "cannot keep raw scores in {}: {}; name another folder with --output", path,
                ledger.error().text());
  }
  if (!run.resume && !run.retry) TRY((*ledger)->forget(context, stage));
  if (run.retry) TRY((*ledger)->retry(context, stage));
  return ledger;
}

}  // namespace

Result<ScoringDone> run_scoring(Program& program, Session& session, const EvalConfig& config, const ScoringRun& run) {
  const Context context = TRY(session.context({}));
  const auto samples = TRY(EvalSamples::open(run.data, config, session.interrupt()));
  const Nanos begun = program.clock.now();
  const auto scorer = TRY(scoring::TextScorer::open(config.data.score, session.models(), context));
  const Nanos loaded = program.clock.now();

  const LedgerStage stage = scoring::ledger_stage(*scorer);
  std::unique_ptr<Ledger> ledger;
  std::optional<LedgerRun> noted;
  if (config.data.score.model.type != scoring::ModelType::recorded) {
    ledger = TRY(open_ledger(context, run, stage));
    noted = TRY(ledger->begin_run(
        context, stage, Value::map({{"data", run.data}, {"configuration", config.path}, {"configuration_hash", config.hash}})));
  }

  ScoringDone done{.evaluation = scoring::Evaluation(scorer->plan()),
                   .loading = loaded - begun,
                   .model = scorer->model().name(),
                   .model_identity = scorer->model().identity(),
                   .data_hash = {},
                   .problems = {}};
  Progress progress(program.clock);
  std::size_t texts = 0;
  const EnergyMeter energy;
  const scoring::EvaluateOptions options{.concurrency = config.data.concurrency,
                                         .batch_size = config.data.batch_size,
                                         .ledger = ledger.get(),
                                         .stage = stage,
                                         .outcome = [&](const scoring::Outcome& outcome) -> Result<> {
                                           if (outcome.error != nullptr)
                                             done.evaluation.add_error(*outcome.error);
                                           else
                                             done.evaluation.add(outcome.sample, outcome.verdict, outcome.calibrated);
                                           if (outcome.kept) ++done.kept;
                                           TRY(run.outcome(outcome));
                                           show_progress(progress, "score", ++texts, samples->source());
                                           return {};
                                         },
                                         .batch =
                                             [&](const scoring::BatchDone& batch) {
                                               done.evaluation.add_batch(batch.texts, batch.elapsed_ns, batch.inference_ns,
                                                                         batch.tokens);
                                             }};
  const Result<> ended = scoring::evaluate(*scorer, [&samples] { return samples->next(); }, context, options);
  progress.clear();
  done.elapsed = program.clock.now() - loaded;
  done.microjoules = energy.microjoules();
  done.interrupted = session.interrupt().requested();
  if (!ended && !done.interrupted) return std::unexpected(ended.error());
  for (std::size_t i = 0; i < samples->dropped(); ++i) done.evaluation.add_dropped();
  done.problems = samples->problems();
  done.data_hash = samples->source().hash();
  if (ledger && !done.interrupted)
    TRY(ledger->end_run(Context(program.clock), noted->id,
                        Value::map({{"texts", static_cast<std::int64_t>(texts)}, {"errors", done.evaluation.errors()}})));
  return done;
}

}  // namespace thalweg::cli
