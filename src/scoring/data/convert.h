#pragma once
// Data sets of others, in the files they are published as, made into ours.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "scoring/data/dataset.h"
#include "scoring/data/problem.h"
#include "thalweg/error.h"

namespace thalweg::scoring {

enum class Published : std::uint8_t {
  longmemeval,  ///< longmemeval_s.json and its like: a list of questions, each with its haystack of sessions
  locomo,       ///< locomo10.json: a list of conversations, each with questions
  msc,          ///< Multi-Session Chat: a dialogue a line (session_2/train.txt, ...), also with a self-instruct question
  dailydialog,  ///< dialogues_text.txt beside dialogues_act.txt and dialogues_emotion.txt (or dialogues_train.txt, ...), a folder
                ///< of these, or JSONL with dialog, act and emotion
};
[[nodiscard]] std::span<const std::string_view> published_names() noexcept;
[[nodiscard]] std::string_view name(Published kind) noexcept;  ///< "longmemeval"
/// Errors: invalid_argument naming the nearest.
[[nodiscard]] Result<Published> published_named(std::string_view name);

struct ConvertOptions {
  bool context = true;  ///< haystacks, conversations and the turn before go into the sample's context
  Readable readable{};
};

struct Converted {
  std::size_t rows = 0;     ///< questions, conversations, dialogues of all files; their numbers go into the ids of utterances
  std::size_t samples = 0;  ///< made of them
  Problems problems;        ///< rows that are none were passed over
};

using SampleSink = std::function<Result<>(Sample)>;

/// Gives `write` the samples of the files, in their order, in the memory of one row. All of them expect acceptance, as these data
/// sets hold nothing to reject:
///
/// - longmemeval, locomo: a sample a question; category memory; labels memory_eval and the question's type (multi-session, ...);
/// the
///   haystack or conversation is the context; answer and evidence are metadata.
/// - msc: a sample an utterance; category conversational; label multi_session. A self-instruct question is as one of longmemeval.
/// - dailydialog: a sample an utterance; labels are the emotion (anger, disgust, fear, joy, sad, surprise; also negative or
///   positive) and the act (inform, question, directive, commissive); category emotional where there is an emotion, else by the
///   act: factual (inform, question), task (directive), decision (commissive).
///
/// Difficulty: fewer than 5 words easy, fewer than 15 medium, else hard.
/// Errors: those of the files and of `write`; invalid_argument when no row has the layout.
[[nodiscard]] Result<Converted> convert(Published kind, std::span<const std::string> paths, const ConvertOptions& options,
                                        const SampleSink& write);

/// One kind each, for convert(): see there.
struct Conversion {
  const ConvertOptions& options;
  const SampleSink& write;
  Converted converted{};

  /// Fills in what all samples have alike.
  Result<> add(Sample sample);
};
[[nodiscard]] Result<> convert_longmemeval(const std::string& path, Conversion& conversion);
[[nodiscard]] Result<> convert_locomo(const std::string& path, Conversion& conversion);
[[nodiscard]] Result<> convert_msc(const std::string& path, Conversion& conversion);
[[nodiscard]] Result<> convert_dailydialog(const std::string& path, Conversion& conversion);

}  // namespace thalweg::scoring
