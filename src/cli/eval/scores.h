#pragma once
// What `thalweg eval retrieval` found, as a table and as a value.

#include <optional>
#include <string>
#include <vector>

#include "cli/eval/questions.h"
#include "thalweg/value.h"

namespace thalweg::cli {

/// How one mode of retrieval did.
struct ModeScores {
  std::string mode;
  std::string unavailable;  ///< why it was not measured; empty: it was
  /// Of each question with an answer: the rank of the first passage that shows it, from 1.
  std::vector<std::optional<std::size_t>> ranks;
  std::vector<std::string> first;  ///< of each: what was found first, "document, section"
};

/// How the pipeline `answer` did, question by question.
struct Answered {
  bool given = false;   ///< an answer, not "not in the documents"
  bool quoted = false;  ///< one of its sources shows what answers
};

struct EvalScores {
  std::vector<const Asked*> questions;  ///< with an answer
  std::vector<const Asked*> without;    ///< the others
  std::vector<std::size_t> depths;      ///< the k of recall@k, ascending
  std::vector<ModeScores> modes;
  std::vector<Answered> answers;          ///< of `questions`; empty when they were not asked for
  std::vector<Answered> answers_without;  ///< of `without`

  /// A table of the modes with 95 % intervals, and of the differences between them, question by question; with `by`, one for each
  /// mode by the values of that field; the answers. With `misses`, what was not found, and which answers are wrong to be there or
  /// not to be there.
  [[nodiscard]] std::string to_text(const std::string& by, bool misses) const;
  [[nodiscard]] Value to_value(const std::string& by) const;
};

}  // namespace thalweg::cli
