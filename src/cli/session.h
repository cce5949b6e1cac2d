#pragma once
// What commands that run pipelines share: stages, pipelines, Ctrl-C, cores and the executor.

#include <memory>

#include "base/cores.h"
#include "base/log.h"
#include "cli/catalog.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/pipelines.h"
#include "engine/executor.h"
#include "engine/stored_results.h"
#include "models/catalogue.h"
#include "models/local_models.h"
#include "scoring/models/label_model.h"

namespace thalweg::cli {

/// What commands that open a session let the user choose.
struct SessionOptions {
  std::int64_t threads = 0;
  std::string model_memory;
  std::int64_t context_size = 0;

  void declare(Options& options);
  /// Only what counts when a model is loaded by itself: threads and the window.
  void declare_for_one_model(Options& options);
  /// Errors: invalid_argument, naming the option.
  [[nodiscard]] Result<models::LocalModelsOptions> models() const;
};

class Session {
 public:
  /// Listens for Ctrl-C from here on. Errors: invalid_argument for options out of their ranges.
  [[nodiscard]] static Result<std::unique_ptr<Session>> open(Program& program, const SessionOptions& options);
  ~Session() { models_->finish(); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  /// Opens the database that keeps results of stages with `cache`. Errors: those of open_store().
  Result<> keep_results(const Context& context, const std::string& url);

  [[nodiscard]] Pipelines& pipelines() noexcept { return pipelines_; }
  [[nodiscard]] Interrupt& interrupt() noexcept { return *interrupt_; }
  [[nodiscard]] Executor& executor() noexcept { return executor_; }
  /// Null pointer when none are kept.
  [[nodiscard]] ResultStore* results() noexcept { return results_.get(); }
  [[nodiscard]] const std::shared_ptr<models::LocalModels>& models() noexcept { return models_; }
  [[nodiscard]] scoring::ModelSource model_source() const {
    return {.models = models_, .folder = models::default_model_folder()};
  }
  [[nodiscard]] std::size_t threads() const noexcept { return threads_; }
  [[nodiscard]] CoreBudget& cores() noexcept { return cores_; }
  /// A context that stops at Ctrl-C, draws random numbers that no other run draws and, when `timeout` is not empty ("30s"), that
  /// long from now.
  [[nodiscard]] Result<Context> context(std::string_view timeout);
  /// The same on another clock, without a time limit; its random numbers follow from `seed`.
  [[nodiscard]] Context context_on(Clock& clock, std::uint64_t seed);

 private:
  Session(Program& program, std::unique_ptr<Interrupt> interrupt, std::size_t threads, models::LocalModelsOptions models);
  Clock& clock_;
  std::unique_ptr<Interrupt> interrupt_;
  std::size_t threads_;
  Logger log_;
  CoreBudget cores_;
  std::shared_ptr<models::LocalModels> models_;
  Catalog catalog_;
  Pipelines pipelines_;
  std::unique_ptr<StoredResults> results_;  // before the executor, whose last threads may still put results
  Executor executor_;
};

}  // namespace thalweg::cli
