#pragma once
// Whatever scores texts, behind one interface: what the runners drive. Part of run.h.

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "thalweg/context.h"
#include "thalweg/error.h"
#include "thalweg/scoring/pipeline_result.h"
#include "thalweg/scoring/score_result.h"
#include "thalweg/scoring/text_context.h"

namespace thalweg {
class Stage;
}

namespace thalweg::scoring {

class ScoresExport;
class TextScorer;
class TextsSeen;

namespace detail {

/// What was said of a text.
struct Scored {
  ScoreResult score;
  std::optional<PipelineResult> whole{};  ///< where there is more than the score
};

class AnyScorer {
 public:
  using Done = std::move_only_function<void(std::vector<Result<Scored>>)>;
  AnyScorer() = default;
  AnyScorer(const AnyScorer&) = delete;
  AnyScorer& operator=(const AnyScorer&) = delete;
  virtual ~AnyScorer();

  /// Begins a batch; `done` gets a result for each text, once, from any thread, perhaps before this returns.
  virtual void start(std::vector<TextContext> texts, const thalweg::Context& context, Done done) = 0;
  /// Texts for one start().
  [[nodiscard]] virtual std::size_t batch_size() const = 0;
  /// Batches under way at once, unless the caller says otherwise.
  [[nodiscard]] virtual std::size_t concurrency() const { return 4; }
  /// A context of its own; nothing: any will do.
  [[nodiscard]] virtual std::optional<thalweg::Context> context() const { return std::nullopt; }
  /// The scorer of a configuration, which is driven without start(); null pointer of all others.
  [[nodiscard]] virtual const TextScorer* text_scorer() const { return nullptr; }
  /// Calls `visit` with its stages, where it is a pipeline.
  virtual void each_stage(const std::function<void(const Stage&)>& visit) const;
  /// Texts that its decisions were fitted on, and whose its raw scores are: by its configuration, or those of a pipeline's stages
  /// `score`; nothing is known of all others. Errors: those of the files that tell.
  [[nodiscard]] virtual Result<TextsSeen> texts_seen() const;
  [[nodiscard]] virtual Result<ScoresExport> scores_export() const;
};

/// Waits for the results of single texts, which come from several threads.
class Gather {
 public:
  Gather(std::size_t texts, AnyScorer::Done done);
  Gather(const Gather&) = delete;
  Gather& operator=(const Gather&) = delete;
  ~Gather();
  void set(std::size_t text, Result<Scored> result);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Threads for scorers that do not return before they are done.
class Workers {
 public:
  explicit Workers(std::size_t most);
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers();  ///< waits for all that was posted
  void post(std::move_only_function<void()> work);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The score in a pipeline's result. Errors: those of the layer "score"; not_found when there is none.
[[nodiscard]] Result<Scored> scored(PipelineResult whole);
inline Result<Scored> scored(ScoreResult score) { return Scored{std::move(score)}; }
template <class T>
Result<Scored> scored(Result<T> result) {
  if (!result) return std::unexpected(std::move(result).error());
  return detail::scored(std::move(*result));
}
/// Of what a function threw, to be called where that is caught.
[[nodiscard]] Error thrown();

}  // namespace detail
}  // namespace thalweg::scoring
