#include <cstdio>
#include <filesystem>

#include "base/error.h"
#include "library/configured.h"
#include "library/metrics.h"
#include "scoring/data/row_writer.h"
#include "scoring/data/scores_file.h"
#include "scoring/evaluate.h"
#include "scoring/evaluation.h"
#include "scoring/score_config.h"
#include "scoring/scores_export.h"
#include "thalweg/scoring/run.h"

namespace thalweg::scoring::detail {

namespace {

using More = std::function<Result<>(const Outcome&)>;

/// A run's own context: the caller's, or the scorer's, or one on a clock of its own.
struct Clocked {
  explicit Clocked(const AnyScorer& scorer, const RunOptions& options) : given(options.context) {
    if (!given) given = scorer.context();
    if (given) return;
    clock = make_system_clock();
    given.emplace(*clock);
  }
  std::unique_ptr<Clock> clock;
  std::optional<thalweg::Context> given;
};

Result<> check(std::string_view what, const std::optional<std::size_t>& given, std::size_t most) {
  if (!given || (*given >= 1 && *given <= most)) return {};
  return fail(Code::invalid_argument, "{} must be from 1 to {}, not {}", what, most, *given);
}

/// Drives the data through the scorer; `more` sees every outcome.
Result<Metrics> drive(AnyScorer& scorer, Dataset& data, const RunOptions& options, const std::stop_token& stop,
                      const More& more) {
  TRY(check("concurrency", options.concurrency, kMostConcurrency));
  TRY(check("batch_size", options.batch_size, kMostBatch));
  const Clocked clocked(scorer, options);
  std::stop_source either;
  const auto ask = [&either] { either.request_stop(); };
  const std::stop_callback by_task(stop, ask);
  const std::stop_callback by_context(clocked.given->stop(), ask);
  const thalweg::Context context = clocked.given->with_stop(either.get_token());

  const TextScorer* const text_scorer = scorer.text_scorer();
  Evaluation evaluation = text_scorer != nullptr ? Evaluation(text_scorer->plan()) : Evaluation();
  const TextsSeen seen = TRY(scorer.texts_seen());
  std::size_t fitted_on = 0;
  std::size_t done = 0;
  const auto outcome = [&](const Outcome& one) -> Result<> {
    if (one.error != nullptr) {
      evaluation.add_error(*one.error);
    } else if (one.own != nullptr) {
      evaluation.add(one.sample, one.own->score);
    } else {
      evaluation.add(one.sample, one.verdict, one.calibrated);
    }
    fitted_on += one.sample.fitted_on || seen.contains(one.sample.text) ? 1 : 0;
    if (more) TRY(more(one));
    ++done;
    if (options.progress) {
      options.progress({.current = done,
                        .total = data.size(),
                        .id = one.sample.id,
                        .correct = one.error == nullptr && one.verdict.decision == one.sample.expected_decision});
    }
    return {};
  };
  const Nanos began = context.now();
  TRY(evaluate(
      scorer, [&data] { return data.next(); }, context,
      {.concurrency = options.concurrency.value_or(scorer.concurrency()),
       .batch_size = std::max<std::size_t>(1, options.batch_size.value_or(scorer.batch_size())),
       .outcome = outcome,
       .batch = [&](const BatchDone& one) { evaluation.add_batch(one.texts, one.elapsed_ns, one.inference_ns, one.tokens); }}));
  for (std::size_t i = 0; i < data.dropped(); ++i) evaluation.add_dropped();
  Metrics metrics = metrics_of(evaluation);
  metrics.fitted_on = fitted_on;
  metrics.details = std::move(metrics.details).set("fitted_on", Value(static_cast<std::int64_t>(fitted_on)));
  metrics.elapsed_ns = context.now() - began;
  metrics.problems = data.problems();
  return metrics;
}

PipelineResult result_of(const Outcome& outcome, const TextScorer* scorer) {
  if (outcome.own != nullptr && outcome.own->whole) return *outcome.own->whole;
  const auto texts = static_cast<std::int64_t>(outcome.batch.texts);
  Value meta = Value::map({{"elapsed_ns", outcome.batch.elapsed_ns}, {"batch_size", texts}});
  if (scorer != nullptr) meta = scorer->meta(outcome.batch.texts, outcome.batch.elapsed_ns, outcome.batch.inference_ns);
  if (outcome.error != nullptr) return whole(std::unexpected(*outcome.error), std::move(meta));
  if (outcome.own != nullptr) return whole(outcome.own->score, std::move(meta));
  return whole(scorer->plan().result(outcome.raw, outcome.characters), std::move(meta));
}

/// A file that takes its place when it is whole.
class PartFile {
 public:
  static Result<std::unique_ptr<PartFile>> open(std::string path) {
    auto file = std::make_unique<PartFile>();
    file->path_ = std::move(path);
    file->part_ = file->path_ + ".part";
    file->file_ = std::fopen(file->part_.c_str(), "we");
    if (file->file_ == nullptr) return std::unexpected(system_error(errno, fmt::format("write '{}'", file->part_)));
    return file;
  }
  PartFile() = default;
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;
  ~PartFile() {
    if (file_ == nullptr) return;
    (void)std::fclose(file_);
    std::error_code ignored;
    std::filesystem::remove(part_, ignored);
  }
  Result<> write(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), file_) == text.size()) return {};
    return std::unexpected(system_error(errno, fmt::format("write '{}'", part_)));
  }
  Result<> commit() {
    if (std::fclose(std::exchange(file_, nullptr)) != 0) {
      return std::unexpected(system_error(errno, fmt::format("write '{}'", part_)));
    }
    std::error_code error;
    std::filesystem::rename(part_, path_, error);
    if (error) return std::unexpected(system_error(error.value(), fmt::format("write '{}'", path_)));
    return {};
  }

 private:
  std::string path_;
  std::string part_;
  std::FILE* file_ = nullptr;
};

Result<Metrics> drive_to_file(AnyScorer& scorer, Dataset& data, const std::string& path, const RunOptions& options,
                              const std::stop_token& stop) {
  const ScoresExport exporting = TRY(scorer.scores_export());
  const auto file = TRY(PartFile::open(path));
  RowWriter rows(form_to_write(path), Value::map(), [&](std::string_view text) { return file->write(text); });
  auto metrics = TRY(drive(scorer, data, options, stop, [&](const Outcome& outcome) -> Result<> {
    const Value row = TRY(scoring::to_value(exporting.row(outcome)));
    return rows.write(row);
  }));
  TRY(rows.finish());
  TRY(file->commit());
  return metrics;
}

}  // namespace

Task<Metrics> run(std::shared_ptr<AnyScorer> scorer, Dataset data, RunOptions options) {
  return Task<Metrics>::begin([scorer = std::move(scorer), data = std::move(data), options = std::move(options)](
                                  const std::stop_token& stop) mutable { return drive(*scorer, data, options, stop, {}); });
}

Task<ResultsRun> run_with_results(std::shared_ptr<AnyScorer> scorer, Dataset data, RunOptions options) {
  return Task<ResultsRun>::begin([scorer = std::move(scorer), data = std::move(data),
                                  options = std::move(options)](const std::stop_token& stop) mutable -> Result<ResultsRun> {
    ResultsRun all;
    all.metrics = TRY(drive(*scorer, data, options, stop, [&](const Outcome& outcome) -> Result<> {
      all.results.push_back({.sample = outcome.sample, .result = result_of(outcome, scorer->text_scorer())});
      return {};
    }));
    return all;
  });
}

Task<ScoresRun> run_with_scores(std::shared_ptr<AnyScorer> scorer, Dataset data, RunOptions options) {
  return Task<ScoresRun>::begin([scorer = std::move(scorer), data = std::move(data),
                                 options = std::move(options)](const std::stop_token& stop) mutable -> Result<ScoresRun> {
    const ScoresExport exporting = TRY(scorer->scores_export());
    ScoresRun all;
    all.metrics = TRY(drive(*scorer, data, options, stop, [&](const Outcome& outcome) -> Result<> {
      all.samples.push_back(exporting.row(outcome));
      return {};
    }));
    return all;
  });
}

Task<Metrics> run_to_file(std::shared_ptr<AnyScorer> scorer, Dataset data, std::string path, RunOptions options) {
  return Task<Metrics>::begin([scorer = std::move(scorer), data = std::move(data), path = std::move(path),
                               options = std::move(options)](const std::stop_token& stop) mutable {
    return drive_to_file(*scorer, data, path, options, stop);
  });
}

}  // namespace thalweg::scoring::detail
