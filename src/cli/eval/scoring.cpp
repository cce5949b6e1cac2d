#include "cli/eval/scoring.h"

#include "base/machine.h"

namespace thalweg::cli {

namespace {

Result<std::unique_ptr<Ledger>> open_ledger(const Context& context, const ScoringRun& run, const LedgerStage& stage) {
  auto ledger = Ledger::open(context, "sqlite:" + run.ledger);
  if (!ledger) {
    return fail(ledger.error().code(), "cannot keep raw scores in {}: {}; name another place with --output", run.ledger,
                ledger.error().text());
  }
  if (run.resuming.retry) TRY((*ledger)->retry(context, stage));
  return ledger;
}

// A run that measured nothing is no result.
Error no_sample(const scoring::SampleReader& samples) {
  const std::string& name = samples.source().name();
  if (samples.dropped() == 0) return {Code::failed_precondition, fmt::format("{} has no samples", name)};
  const scoring::Problems problems = samples.problems();
  const auto& kept = problems.kept();
  const auto wrong = std::ranges::find_if(kept, [](const auto& problem) { return !scoring::is_warning(problem.kind); });
  return {Code::failed_precondition, fmt::format("no sample of {} could be scored, all {} are wrong{}", name, samples.dropped(),
                                                 wrong == kept.end() ? "" : "; the first: " + wrong->text())};
}

}  // namespace

void Resuming::declare(Options& options) {
  options.flag("--fresh", fresh, "compute all raw scores anew; those kept from before are taken otherwise");
  options.flag("--retry", retry, "try those texts again whose model failed");
  options.flag("--resume", resume, "go on where a run was stopped; this is done anyway");
}

Result<> Resuming::check() const {
  if (fresh && (resume || retry))
    return fail(Code::invalid_argument, "--fresh computes everything anew; leave out {}", resume ? "--resume" : "--retry");
  return {};
}

Result<ScoringDone> run_scoring(Program& program, Session& session, const EvalConfig& config, const ScoringRun& run) {
  const Context context = TRY(session.context({}));
  scoring::SampleReader& samples = run.samples;
  ScoringDone done{.evaluation = scoring::Evaluation(scoring::ScorePlan(config.data.score)),
                   .run = {},
                   .model = {},
                   .model_identity = {},
                   .data_hash = {}};
  // Before anything is opened or kept.
  const auto any = samples.any();
  done.interrupted = session.interrupt().requested();
  if (done.interrupted) return done;
  if (!any || !*any) {
    print_problems(samples.problems(), 5);
    return std::unexpected(any ? no_sample(samples) : any.error());
  }
  const Nanos begun = program.clock.now();
  const auto scorer = TRY(as_usage(scoring::TextScorer::open(config.data.score, session.model_source(), context)));
  const Nanos loaded = program.clock.now();

  const LedgerStage stage = scoring::ledger_stage(*scorer);
  std::unique_ptr<Ledger> ledger;
  done.loading = loaded - begun;
  done.model = scorer->model().name();
  done.model_identity = scorer->model().identity();
  if (config.data.score.model.type != scoring::ModelType::recorded) {
    ledger = TRY(open_ledger(context, run, stage));
    done.run = TRY(ledger->begin_run(context, stage,
                                     Value::map({{"data", run.data},
                                                 {"configuration", config.path},
                                                 {"configuration_hash", config.hash},
                                                 {"model", done.model}})))
                   .id;
  } else {
    done.run = TRY(new_run_id(program.clock.wall()));
  }

  const auto shown = std::make_shared<Progress>(program.clock);
  Progress& progress = *shown;
  std::size_t texts = 0;
  std::optional<Error> first_error;
  const EnergyMeter energy;
  scoring::EvaluateOptions options{
      .concurrency = config.data.concurrency,
      .batch_size = config.data.batch_size,
      .ledger = ledger.get(),
      .stage = stage,
      .fresh = run.resuming.fresh,
      .outcome = [&](const scoring::Outcome& outcome) -> Result<> {
        if (outcome.error != nullptr) {
          done.evaluation.add_error(*outcome.error);
          if (!first_error) first_error = outcome.error->at(outcome.sample.id);
        } else {
          done.evaluation.add(outcome.sample, outcome.verdict, outcome.calibrated);
        }
        if (outcome.kept) ++done.kept;
        TRY(run.outcome(outcome));
        show_progress(progress, "score", ++texts, samples.rows() - samples.dropped(), samples.source());
        return {};
      },
      .batch =
          [&](const scoring::BatchDone& batch) {
            done.evaluation.add_batch(batch.texts, batch.elapsed_ns, batch.inference_ns, batch.tokens);
          },
      .handed_over = run.handed_over};
  options.part_done = [of = std::weak_ptr(shown)](double share) {
    if (const auto still = of.lock()) still->add_part("score", share);
  };
  const auto next = [&] {
    auto sample = samples.next();
    if (sample && *sample && (*sample)->text.size() >= scoring::kLongText)  // it takes long until its outcome
      show_progress(progress, "score", texts, samples.rows() - samples.dropped(), samples.source());
    return sample;
  };
  const Result<> ended = scoring::evaluate(*scorer, next, context, options);
  progress.clear();
  done.elapsed = program.clock.now() - loaded;
  done.microjoules = energy.microjoules();
  done.interrupted = session.interrupt().requested();
  print_problems(samples.problems(), 5);
  if (!ended && !done.interrupted) return std::unexpected(ended.error());
  for (std::size_t i = 0; i < samples.dropped(); ++i) done.evaluation.add_dropped();
  done.data_hash = samples.source().hash();
  if (done.interrupted) return done;
  if (ledger) {
    // A note for people; results do not depend on it.
    const auto noted =
        ledger->end_run(Context(program.clock), done.run,
                        Value::map({{"texts", static_cast<std::int64_t>(texts)}, {"errors", done.evaluation.errors()}}));
    if (!noted) print_error(fmt::format("thalweg: warning: the end of the run is not noted: {}\n", noted.error().text()));
  }
  if (done.evaluation.decisions().rows() > 0) return done;
  return fail(Code::failed_precondition, "no sample of {} could be scored; of {} the first: {}", samples.source().name(),
              done.evaluation.errors(), first_error->text());
}

}  // namespace thalweg::cli
