#pragma once
// A data set through a scorer: read, scored in batches, kept, handed over in order.

#include <cstddef>
#include <functional>
#include <optional>
#include <span>

#include "engine/ledger.h"
#include "scoring/data/dataset.h"
#include "scoring/text_scorer.h"
#include "thalweg/scoring/any_scorer.h"

namespace thalweg::scoring {

/// A batch as it went through the model.
struct BatchDone {
  std::size_t texts;
  std::int64_t elapsed_ns;
  std::int64_t inference_ns;
  std::int64_t tokens;
};

/// What became of one sample. Valid while it is handed over.
struct Outcome {
  const Sample& sample;
  std::span<const double> raw;         ///< by column; empty when the model failed
  std::span<const double> calibrated;  ///< by column; empty when the model failed
  const Verdict& verdict;              ///< says nothing when the model failed
  std::size_t characters;
  const Error* error;                   ///< why the model failed, or null pointer
  bool kept;                            ///< the raw scores came from the ledger
  const BatchDone& batch;               ///< that it was scored in; says nothing when it was kept
  const detail::Scored* own = nullptr;  ///< of a scorer of the caller's own, which gives this in place of raw scores and verdicts
};

struct EvaluateOptions {
  std::size_t concurrency = 4;  ///< batches in flight
  std::size_t batch_size = 8;   ///< texts asked of the model at once, and kept in one transaction
  Ledger* ledger = nullptr;     ///< keeps raw scores, and gives those that are there; null: none are kept
  LedgerStage stage{};          ///< under which they are kept: ledger_stage()
  bool fresh = false;           ///< asks the model for every text, whatever the ledger has, and keeps what it says now
  /// Gets every sample's outcome, in the order of the data set, on the caller's thread. An error ends it.
  std::function<Result<>(const Outcome&)> outcome;
  /// Shares of long texts as they are done, before their outcomes: what is added for a text is taken back right before its
  /// outcome is told. From any thread, and after a stop once more when evaluate() has ended; must not wait. May be empty.
  std::function<void(double share)> part_done{};
  std::function<void(const BatchDone&)> batch;  ///< may be empty
  /// After the last outcome of a batch. May be empty. An error ends it.
  std::function<Result<>()> handed_over{};
};

/// From so many bytes on a text is long: EvaluateOptions::part_done.
inline constexpr std::size_t kLongText = 16'384;

/// Samples one by one; nothing at the end.
using NextSample = std::function<Result<std::optional<Sample>>()>;

/// Raw scores depend on the model, the labels and the text alone: weights, thresholds and calibrations can be changed without
/// computing them again.
[[nodiscard]] LedgerStage ledger_stage(const TextScorer& scorer);

/// Scores all samples that `next` gives. Waits; not on the engine's threads. Holds concurrency * batch_size samples. A text whose
/// model fails is an outcome with an error, and a failed row of the ledger. Errors: next's, outcome's, the ledger's, a stop
/// (cancelled; what was begun is kept).
Result<> evaluate(const TextScorer& scorer, const NextSample& next, const Context& context, const EvaluateOptions& options);
/// The same of a scorer of the caller's own: a pipeline, a function. Nothing is kept: `ledger` is null.
Result<> evaluate(detail::AnyScorer& scorer, const NextSample& next, const Context& context, const EvaluateOptions& options);

}  // namespace thalweg::scoring
