#pragma once
// A data set through a scorer, with its ledger and progress: what `eval run` and `eval score` have in common.

#include <functional>
#include <memory>
#include <string>

#include "cli/eval/samples.h"
#include "engine/ledger.h"
#include "scoring/evaluation.h"

namespace thalweg::cli {

struct ScoringRun {
  std::string data;                                            ///< path of the data set
  std::string folder;                                          ///< of results
  bool resume = false;                                         ///< take raw scores that are kept from before
  bool retry = false;                                          ///< and try those again that failed
  std::function<Result<>(const scoring::Outcome&)> outcome{};  ///< in the data set's order
};

/// What a run came to.
struct ScoringDone {
  scoring::Evaluation evaluation;
  Nanos elapsed = 0;  ///< of scoring, without loading the model
  Nanos loading = 0;
  std::optional<std::int64_t> microjoules{};
  std::string model;
  std::string model_identity;
  std::string data_hash;
  std::size_t kept = 0;  ///< texts whose raw scores were kept from before
  scoring::Problems problems;
  bool interrupted = false;
};

/// Raw scores are kept in "raw-scores.ledger" in the folder of results as they come, so that a run that is killed goes on with
/// `resume`. Recorded scores are there already and are not kept.
[[nodiscard]] Result<ScoringDone> run_scoring(Program& program, Session& session, const EvalConfig& config,
                                              const ScoringRun& run);

}  // namespace thalweg::cli
