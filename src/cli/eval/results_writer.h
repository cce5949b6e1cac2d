#pragma once
// What `thalweg eval run` leaves in a folder: rows as they come, and a summary that belongs to them.

#include <memory>
#include <string>

#include "cli/output.h"
#include "scoring/data/row_writer.h"
#include "scoring/digest.h"
#include "thalweg/value.h"

namespace thalweg::cli {

/// results.jsonl and summary.json. Rows can be read in results.jsonl.part while they come; the results of the run before stay
/// until the new ones are whole.
class ResultsWriter {
 public:
  /// Errors: Output::growing()'s; aborted, naming the folder, while another run writes there.
  [[nodiscard]] static Result<std::unique_ptr<ResultsWriter>> open(const std::string& folder);

  Result<> write(const Value& row) { return rows_.write(row); }
  Result<> flush() { return output_.flush(); }
  /// `summary`, a map, gets `results` {rows, hash}, by which open_results() sees that both belong together. To be called once,
  /// last; the summary as it was written.
  Result<Value> commit(Value summary);

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  ResultsWriter(const std::string& folder, Output output);
  std::string path_;
  std::string summary_path_;
  Output output_;
  scoring::ContentHash hash_;
  scoring::RowWriter rows_;
};

}  // namespace thalweg::cli
