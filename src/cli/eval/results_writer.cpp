#include "cli/eval/results_writer.h"

#include <filesystem>

#include "cli/render.h"

namespace thalweg::cli {

namespace fs = std::filesystem;

ResultsWriter::ResultsWriter(const std::string& folder, Output output)
    : path_((fs::path(folder) / "results.jsonl").string()),
      summary_path_((fs::path(folder) / "summary.json").string()),
      output_(std::move(output)),
      rows_(scoring::FileForm::lines, Value::map(), [this](std::string_view text) {
        hash_.add(text);
        return output_.write(text);
      }) {}

Result<std::unique_ptr<ResultsWriter>> ResultsWriter::open(const std::string& folder) {
  auto output = Output::growing((fs::path(folder) / "results.jsonl").string());
  if (!output && output.error().code() == Code::aborted)
    return fail(Code::aborted,
                "another run is writing its results into '{}' now; wait for its end, or name another folder with "
                "--output",
                folder);
  if (!output) return fail(output.error().code(), "{}; name another folder with --output", output.error().text());
  return std::unique_ptr<ResultsWriter>(new ResultsWriter(folder, std::move(*output)));
}

Result<Value> ResultsWriter::commit(Value summary) {
  TRY(rows_.finish());
  summary =
      std::move(summary).set("results", Value::map({{"rows", static_cast<std::int64_t>(rows_.rows())}, {"hash", hash_.text()}}));
  Output file = TRY(Output::file(summary_path_));
  TRY(print_json(file, summary));
  TRY(file.flush());
  // Rows never stand beside the summary of another run.
  std::error_code ignored;
  fs::remove(summary_path_, ignored);
  TRY(output_.commit());
  TRY(file.commit());
  return summary;
}

}  // namespace thalweg::cli
