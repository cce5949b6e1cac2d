#pragma once
// A data set through a scorer, with its ledger and progress: what `eval run` and `eval score` have in common.

#include <functional>
#include <memory>
#include <string>

#include "cli/eval/samples.h"
#include "engine/ledger.h"
#include "scoring/evaluate.h"
#include "scoring/evaluation.h"

namespace thalweg::cli {

/// The file in a folder of results in which raw scores are kept as they come.
inline constexpr std::string_view kRawScores = "raw-scores.ledger";

/// What becomes of raw scores that are kept from before: they are taken, unless --fresh is given.
struct Resuming {
  bool fresh = false;   ///< computed anew
  bool resume = false;  ///< the name of what is done anyway
  bool retry = false;   ///< taken, and those that failed are tried again

  void declare(Options& options);
  /// Errors: invalid_argument for options that contradict each other.
  [[nodiscard]] Result<> check() const;
};

struct ScoringRun {
  scoring::SampleReader& samples;
  std::string data;    ///< path of the data set
  std::string ledger;  ///< path of the file that keeps raw scores
  Resuming resuming;
  std::function<Result<>(const scoring::Outcome&)> outcome;  ///< in the data set's order
  std::function<Result<>()> handed_over;                     ///< after those of a batch
};

/// What a run came to.
struct ScoringDone {
  scoring::Evaluation evaluation;
  std::string run;    ///< its id
  Nanos elapsed = 0;  ///< of scoring, without loading the model
  Nanos loading = 0;
  std::optional<std::int64_t> microjoules{};
  std::string model;
  std::string model_identity;
  std::string data_hash;
  std::size_t kept = 0;  ///< texts whose raw scores were kept from before
  bool interrupted = false;
};

/// Keeps raw scores as they come, so that a run that is killed goes on where it was. Recorded scores are there already and are
/// not kept. What is wrong with samples goes to standard error. Errors also: invalid_argument when there is no sample;
/// failed_precondition, with the first reason, when none could be scored.
[[nodiscard]] Result<ScoringDone> run_scoring(Program& program, Session& session, const EvalConfig& config,
                                              const ScoringRun& run);

}  // namespace thalweg::cli
