// Dialogues, an utterance a sample: Multi-Session Chat (Xu et al. 2021) and DailyDialog (Li et al. 2017).
#include <algorithm>
#include <charconv>
#include <filesystem>

#include "base/error.h"
#include "scoring/data/convert.h"

namespace thalweg::scoring {

namespace {
namespace fs = std::filesystem;

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos ? std::string_view() : text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string_view text_of(const Value* value) {
  return value != nullptr && value->is_string() ? trimmed(value->as_string()) : std::string_view();
}

// DailyDialog's numbers, in its own order; the labels are the earlier system's.
constexpr std::array<std::string_view, 7> kEmotions{"", "anger", "disgust", "fear", "joy", "sad", "surprise"};
constexpr std::array<std::string_view, 5> kActs{"", "inform", "question", "directive", "commissive"};

struct Dialogue {
  std::vector<std::string> utterances;
  std::vector<std::int64_t> acts, emotions;
};

// What keeps it from being a dialogue; nothing when it is one.
std::string complaint(const Dialogue& dialogue) {
  const std::size_t count = dialogue.utterances.size();
  if (count == 0) return "there is no utterance";
  if (dialogue.acts.size() != count || dialogue.emotions.size() != count) {
    return fmt::format("there are {} utterances, but {} acts and {} emotions", count, dialogue.acts.size(),
                       dialogue.emotions.size());
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (dialogue.acts[i] < 1 || dialogue.acts[i] > 4) return fmt::format("an act is 1 to 4, not {}", dialogue.acts[i]);
    if (dialogue.emotions[i] < 0 || dialogue.emotions[i] > 6)
      return fmt::format("an emotion is 0 to 6, not {}", dialogue.emotions[i]);
  }
  return {};
}

std::string_view category_of(std::int64_t emotion, std::int64_t act) {
  if (emotion != 0) return "emotional";
  return act == 3 ? "task" : act == 4 ? "decision" : "factual";
}

Result<> add_dialogue(const Dialogue& dialogue, Conversion& conversion) {
  for (std::size_t i = 0; i < dialogue.utterances.size(); ++i) {
    const std::int64_t act = dialogue.acts[i], emotion = dialogue.emotions[i];
    Sample sample{.id = fmt::format("dailydialog-{}-{}", conversion.converted.rows, i + 1),
                  .text = dialogue.utterances[i],
                  .context = i > 0 ? dialogue.utterances[i - 1] : "",
                  .primary_category = std::string(category_of(emotion, act))};
    if (sample.text.empty()) continue;
    if (emotion != 0) sample.expected_labels.emplace_back(kEmotions[static_cast<std::size_t>(emotion)]);
    if (emotion >= 1 && emotion <= 5) sample.expected_labels.emplace_back(emotion == 4 ? "positive" : "negative");
    sample.expected_labels.emplace_back(kActs[static_cast<std::size_t>(act)]);
    TRY(conversion.add(std::move(sample)));
  }
  return {};
}

std::vector<std::int64_t> numbers(std::string_view line) {
  std::vector<std::int64_t> all;
  while (!(line = trimmed(line)).empty()) {
    const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
    std::int64_t number = -1;
    const auto [at, error] = std::from_chars(line.data(), line.data() + end, number);
    all.push_back(error == std::errc() && at == line.data() + end ? number : -1);
    line.remove_prefix(end);
  }
  return all;
}

std::vector<std::int64_t> numbers(const Value* list) {
  std::vector<std::int64_t> all;
  if (list == nullptr || !list->is_list()) return all;
  for (const Value& item : list->items()) all.push_back(item.is_int() ? item.as_int() : -1);
  return all;
}

// The next line of a plain text file; nothing at the end.
Result<std::optional<std::string>> next_line(ByteSource& source) {
  std::size_t end = 0;
  while ((end = source.rest().find('\n', end)) == std::string_view::npos) {
    end = source.rest().size();
    if (end > kLongestRow)
      return fail(Code::resource_exhausted, "{}:{}: the line is too long", source.name(), source.place().line);
    if (TRY(source.more())) continue;
    if (source.rest().empty()) return std::nullopt;
    break;
  }
  std::string line(source.rest().substr(0, end));
  source.take(std::min(end + 1, source.rest().size()));
  return line;
}

// "dialogues_text.txt" to "dialogues_act.txt", "dialogues_train.txt" to "dialogues_act_train.txt".
std::string beside(const std::string& path, std::string_view what) {
  const fs::path file(path);
  std::string name = file.filename().string();
  constexpr std::string_view kText = "dialogues_text", kAny = "dialogues_";
  if (name.starts_with(kText)) {
    name.replace(0, kText.size(), fmt::format("dialogues_{}", what));
  } else {
    name.replace(0, kAny.size(), fmt::format("dialogues_{}_", what));
  }
  return (file.parent_path() / name).string();
}

Result<> convert_text_files(const std::string& path, Conversion& conversion) {
  if (!fs::path(path).filename().string().starts_with("dialogues_")) {
    return fail(Code::invalid_argument,
                "'{}' is to be called dialogues_text.txt, dialogues_train.txt or the like, with the files of acts and "
                "emotions beside it",
                path);
  }
  ByteSource texts = TRY(ByteSource::open(path, conversion.options.readable));
  ByteSource acts = TRY(ByteSource::open(beside(path, "act"), conversion.options.readable));
  ByteSource emotions = TRY(ByteSource::open(beside(path, "emotion"), conversion.options.readable));
  for (std::size_t row = 0;; ++row) {
    const std::size_t line = texts.place().line;
    const auto text = TRY(next_line(texts)), act = TRY(next_line(acts)), emotion = TRY(next_line(emotions));
    if (!text) return {};
    if (trimmed(*text).empty()) continue;
    Dialogue dialogue{
        .utterances = {}, .acts = numbers(act ? *act : std::string()), .emotions = numbers(emotion ? *emotion : std::string())};
    constexpr std::string_view kEnd = "__eou__";
    for (std::string_view left = *text; left.contains(kEnd);) {
      const std::size_t end = left.find(kEnd);
      dialogue.utterances.emplace_back(trimmed(left.substr(0, end)));
      left.remove_prefix(end + kEnd.size());
    }
    ++conversion.converted.rows;
    if (const std::string wrong = complaint(dialogue); !wrong.empty()) {
      conversion.converted.problems.add(
          {.place = fmt::format("{}:{}", path, line), .row = row, .line = line, .id = {}, .message = wrong});
      continue;
    }
    TRY(add_dialogue(dialogue, conversion));
  }
}

// What was said before, a line an utterance; the published files do not say by whom.
std::string earlier_sessions(const Value* sessions) {
  std::string text;
  if (sessions == nullptr || !sessions->is_list()) return text;
  for (const Value& session : sessions->items()) {
    const Value* turns = session.find("dialog");
    if (turns == nullptr || !turns->is_list()) continue;
    for (const Value& turn : turns->items()) fmt::format_to(std::back_inserter(text), "{}\n", text_of(turn.find("text")));
    text += '\n';
  }
  return text;
}
}  // namespace

Result<> convert_dailydialog(const std::string& path, Conversion& conversion) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return convert_text_files((fs::path(path) / "dialogues_text.txt").string(), conversion);
  if (path.ends_with(".txt") || path.ends_with(".txt.gz")) return convert_text_files(path, conversion);
  ByteSource source = TRY(ByteSource::open(path, conversion.options.readable));
  RecordReader records = TRY(RecordReader::open(std::move(source), {.list = "data"}));
  while (const auto record = TRY(records.next())) {
    ++conversion.converted.rows;
    RowFields fields(records, *record, conversion.converted.problems);
    Dialogue dialogue;
    if (const Value* utterances = fields.find("dialog", true); utterances != nullptr && utterances->is_list()) {
      for (const Value& utterance : utterances->items()) dialogue.utterances.emplace_back(text_of(&utterance));
    }
    dialogue.acts = numbers(fields.find("act", true));
    dialogue.emotions = numbers(fields.find("emotion", true));
    if (!fields.good()) continue;
    if (const std::string wrong = complaint(dialogue); !wrong.empty()) {
      fields.wrong(ProblemKind::broken, wrong);
      continue;
    }
    TRY(add_dialogue(dialogue, conversion));
  }
  return {};
}

Result<> convert_msc(const std::string& path, Conversion& conversion) {
  // The published files are JSONL, whatever they are called.
  const bool by_name = path.ends_with(".json") || path.ends_with(".json.gz");
  ByteSource source = TRY(ByteSource::open(path, conversion.options.readable));
  const auto form = by_name ? std::nullopt : std::optional(FileForm::lines);
  RecordReader records = TRY(RecordReader::open(std::move(source), {.list = "data", .form = form}));
  while (const auto record = TRY(records.next())) {
    ++conversion.converted.rows;
    RowFields fields(records, *record, conversion.converted.problems);
    const Value* turns = fields.find("dialog", true);
    if (!fields.good()) continue;
    if (!turns->is_list()) {
      fields.wrong(ProblemKind::broken, "\"dialog\" is a list of turns");
      continue;
    }
    std::string before, all;
    std::size_t number = 0;
    for (const Value& turn : turns->items()) {
      const std::string_view text = text_of(turn.find("text"));
      ++number;
      if (text.empty()) continue;
      const std::string_view who = text_of(turn.find("id"));
      fmt::format_to(std::back_inserter(all), "{}: {}\n", who, text);
      TRY(conversion.add({.id = fmt::format("msc-{}-{}", conversion.converted.rows, number),
                          .text = std::string(text),
                          .context = std::exchange(before, text),
                          .expected_labels = {"multi_session"},
                          .primary_category = "conversational",
                          .metadata = who.empty() ? Value() : Value::map({{"speaker", Value(who)}})}));
    }
    const Value* made = fields.find("self_instruct", false);
    if (const std::string_view question = text_of(made == nullptr ? nullptr : made->find("B")); !question.empty()) {
      const Value* answer = made->find("A");
      TRY(conversion.add({.id = fmt::format("msc-{}-question", conversion.converted.rows),
                          .text = std::string(question),
                          .context = earlier_sessions(fields.find("previous_dialogs", false)) + all,
                          .expected_labels = {"memory_eval", "multi_session"},
                          .primary_category = "memory",
                          .metadata = answer == nullptr ? Value() : Value::map({{"answer", *answer}})}));
    }
  }
  return {};
}

}  // namespace thalweg::scoring
