#include "scoring/data/convert.h"

#include <algorithm>

#include "base/error.h"

namespace thalweg::scoring {

namespace {
constexpr std::array<std::string_view, 4> kNames{"longmemeval", "locomo", "msc", "dailydialog"};
constexpr std::array kConverters{convert_longmemeval, convert_locomo, convert_msc, convert_dailydialog};
constexpr std::array<std::string_view, 4> kLayouts{
    "a list of {question_id, question_type, question, answer, haystack_sessions, ...}",
    "a list of {sample_id, conversation: {speaker_a, session_1: [...], ...}, qa: [{question, answer, category, ...}]}",
    "a line each {personas, dialog: [{id, text}, ...], previous_dialogs, ...}",
    "dialogues_text.txt with __eou__ behind each utterance beside dialogues_act.txt and dialogues_emotion.txt, or a line each "
    "{dialog, "
    "act, emotion}"};

std::size_t words(std::string_view text) {
  std::size_t count = 0;
  bool inside = false;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!space && !inside) ++count;
    inside = !space;
  }
  return count;
}
}  // namespace

std::span<const std::string_view> published_names() noexcept { return kNames; }

std::string_view name(Published kind) noexcept { return kNames[static_cast<std::size_t>(kind)]; }

Result<Published> published_named(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found != kNames.end()) return static_cast<Published>(found - kNames.begin());
  const std::string near = nearest(name, kNames);
  return fail(Code::invalid_argument, "no data set '{}' is known{}; there are {}", name,
              near.empty() ? "" : fmt::format(" (did you mean '{}'?)", near), fmt::join(kNames, ", "));
}

Result<> Conversion::add(Sample sample) {
  const std::size_t length = words(sample.text);
  sample.expected_decision = Decision::accept;
  sample.difficulty = length < 5 ? Difficulty::easy : length < 15 ? Difficulty::medium : Difficulty::hard;
  if (!options.context) sample.context.clear();
  ++converted.samples;
  return write(std::move(sample));
}

Result<Converted> convert(Published kind, std::span<const std::string> paths, const ConvertOptions& options,
                          const SampleSink& write) {
  Conversion conversion{.options = options, .write = write};
  for (const std::string& path : paths) TRY(kConverters[static_cast<std::size_t>(kind)](path, conversion));
  const Problems& problems = conversion.converted.problems;
  if (conversion.converted.samples == 0) {
    const Error error(Code::invalid_argument, fmt::format("nothing there has the layout of {}: {}", name(kind),
                                                          kLayouts[static_cast<std::size_t>(kind)]));
    return std::unexpected(problems.empty() ? error : error.because(problems.kept().front().error()));
  }
  return std::move(conversion.converted);
}

}  // namespace thalweg::scoring
