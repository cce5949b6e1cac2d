#pragma once
// Data sets: texts with what is expected of them.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scoring/data/problem.h"
#include "scoring/data/records.h"
#include "thalweg/scoring/sample.h"

namespace thalweg::scoring {

/// Raw scores that samples bring.
enum class ScoresRead : std::uint8_t {
  ignored,   ///< whatever they are
  if_there,  ///< a row whose scores are wrong is wrong
  needed,    ///< and so is a row without
};

struct ReadOptions {
  bool strict = true;  ///< a row that cannot be read ends reading; else it is passed over, and kept among problems()
  std::optional<FileForm> form = std::nullopt;
  Readable readable{};  ///< for standard input: see byte_source.h
  std::size_t longest = kLongestRow;
  ScoresRead scores = ScoresRead::ignored;  ///< not of a table, which has none
};

/// Reads a data set sample by sample, in the memory of one. Three forms, told by the name or the content, each also as .gz:
/// {"version": ..., "created": ..., "samples": [...]}, JSONL, and CSV whose first row names the columns. A sample has `id`,
/// `text`, `expected_decision` (accept or reject), `expected_labels` (in CSV separated by | or ;), `primary_category`, and may
/// have `context`, `difficulty` (easy, medium, hard), `notes`, `metadata`, and raw `scores` by label, with `fitted_on`. Other
/// columns of a table become metadata; other keys of JSON are warnings.
///
///     DatasetReader reader = TRY(DatasetReader::open("set.jsonl"));
///     while (auto sample = TRY(reader.next())) score(sample->text);
class DatasetReader {
 public:
  /// "-" is standard input. Errors: not_found, permission_denied, invalid_argument (no table of samples).
  [[nodiscard]] static Result<DatasetReader> open(std::string path, ReadOptions options = {});
  [[nodiscard]] static Result<DatasetReader> open(ByteSource source, ReadOptions options = {});

  /// Nothing at the end. Errors: the file cannot be read or is none of these; when strict, a row is wrong: invalid_argument with
  /// its place, resource_exhausted for one that is too long.
  [[nodiscard]] Result<std::optional<Sample>> next();

  /// Rows passed over, and warnings.
  [[nodiscard]] const Problems& problems() const noexcept { return problems_; }
  /// How many rows were passed over; one may have several problems.
  [[nodiscard]] std::size_t passed_over() const noexcept { return passed_over_; }
  /// version, created, source, description: what stands beside the samples. Whole at the end.
  [[nodiscard]] const Value& header() const noexcept { return records_.header(); }
  [[nodiscard]] const ByteSource& source() const noexcept {
    return records_.source();
  }  ///< progress, and the hash of what was read
  [[nodiscard]] FileForm form() const noexcept { return records_.form(); }
  [[nodiscard]] std::string place(const Sample& sample) const { return records_.place(sample.row, sample.line); }

 private:
  DatasetReader(RecordReader records, bool strict, ScoresRead scores)
      : records_(std::move(records)), strict_(strict), scores_(scores) {}
  RecordReader records_;
  bool strict_;
  ScoresRead scores_;
  Problems problems_;
  std::size_t passed_over_ = 0;
  std::set<std::string, std::less<>> unknown_keys_;
};

/// A raw score is a number from 0 to 1, and so no NaN.
[[nodiscard]] constexpr bool is_raw_score(double score) noexcept { return score >= 0 && score <= 1; }
/// Why a table cannot be read for its raw scores.
[[nodiscard]] Error table_of_scores(const RecordReader& records);

/// What the fields of one row are read with: names the row's place in problems and keeps the first error.
class RowFields {
 public:
  RowFields(const RecordReader& records, const Record& record, Problems& problems);

  /// Null when the field is missing or null. `required`: then that is an error.
  [[nodiscard]] const Value* find(std::string_view name, bool required);
  /// "" when it is missing or null.
  std::string text(std::string_view name, bool required);
  std::optional<Decision> decision(std::string_view name, bool required);
  std::optional<Difficulty> difficulty(std::string_view name);
  std::vector<std::string> labels(std::string_view name, bool required);
  /// Of labels, each a number from 0 to 1.
  std::vector<std::pair<std::string, double>> scores(std::string_view name, bool required);
  bool flag(std::string_view name);  ///< false when it is missing
  /// Warns of keys that are none of `known`, each once in `met`.
  void only(std::span<const std::string_view> known, std::set<std::string, std::less<>>& met);
  void wrong(ProblemKind kind, std::string message);
  [[nodiscard]] bool good() const noexcept { return !error_; }
  [[nodiscard]] const std::optional<Error>& error() const noexcept { return error_; }

 private:
  const RecordReader& records_;
  const Record& record_;
  Problems& problems_;
  std::string id_;
  std::optional<Error> error_;
};

}  // namespace thalweg::scoring
