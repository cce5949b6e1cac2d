// Questions about long conversations: LongMemEval (Wu et al. 2024) and LoCoMo (Maharana et al. 2024).
#include <algorithm>

#include "base/error.h"
#include "scoring/data/convert.h"

namespace thalweg::scoring {

namespace {
// A field's text; numbers as they are written (answers are texts or numbers).
std::string plain(const Value* value) {
  if (value == nullptr) return {};
  if (value->is_string()) return std::string(value->as_string());
  if (value->is_int()) return fmt::format("{}", value->as_int());
  return value->is_real() ? fmt::format("{}", value->as_real()) : std::string();
}

std::span<const Value> items(const Value* list) {
  return list != nullptr && list->is_list() ? list->items() : std::span<const Value>();
}

// "user: ..." a line, by the names of a turn's fields.
void add_turns(std::string& text, std::span<const Value> turns, std::string_view who, std::string_view what) {
  for (const Value& turn : turns)
    fmt::format_to(std::back_inserter(text), "{}: {}\n", plain(turn.find(who)), plain(turn.find(what)));
}

// What of `from` is there, under its names.
Value metadata_of(const Value& from, std::initializer_list<std::string_view> names) {
  Value metadata = Value::map();
  for (const std::string_view name : names) {
    if (const Value* value = from.find(name); value != nullptr && !value->is_null())
      metadata = std::move(metadata).set(name, *value);
  }
  return metadata;
}

// LoCoMo's numbers of categories, as its paper names them.
std::string_view locomo_type(const Value* category) {
  constexpr std::array<std::string_view, 6> kTypes{"", "multi-hop", "temporal", "open-domain", "single-hop", "adversarial"};
  const bool known = category != nullptr && category->is_int() && category->as_int() >= 1 && category->as_int() <= 5;
  return known ? kTypes[static_cast<std::size_t>(category->as_int())] : "";
}

// Session after session, each under its date.
std::string conversation_text(const Value& conversation) {
  std::string text;
  for (int session = 1;; ++session) {
    const Value* turns = conversation.find(fmt::format("session_{}", session));
    const Value* date = conversation.find(fmt::format("session_{}_date_time", session));
    if (turns == nullptr && date == nullptr) return text;  // some sessions have a date and no turns
    fmt::format_to(std::back_inserter(text), "[{}]\n", plain(date));
    add_turns(text, items(turns), "speaker", "text");
  }
}

template <class Row>
Result<> each_row(const std::string& path, Conversion& conversion, Row row) {
  ByteSource source = TRY(ByteSource::open(path, conversion.options.readable));
  RecordReader records = TRY(RecordReader::open(std::move(source), {.list = "data"}));
  while (const auto record = TRY(records.next())) {
    ++conversion.converted.rows;
    RowFields fields(records, *record, conversion.converted.problems);
    TRY(row(fields, *record));
  }
  return {};
}
}  // namespace

Result<> convert_longmemeval(const std::string& path, Conversion& conversion) {
  return each_row(path, conversion, [&](RowFields& fields, const Record& record) -> Result<> {
    Sample sample{.id = fields.text("question_id", true), .text = fields.text("question", true), .primary_category = "memory"};
    const std::string type = fields.text("question_type", true);
    const Value* sessions = fields.find("haystack_sessions", false);
    if (!fields.good()) return {};
    sample.expected_labels = {"memory_eval", type};
    if (sample.id.ends_with("_abs")) sample.expected_labels.emplace_back("abstention");  // there is no answer
    if (conversion.options.context) {
      const auto dates = items(fields.find("haystack_dates", false));
      for (std::size_t i = 0; i < items(sessions).size(); ++i) {
        fmt::format_to(std::back_inserter(sample.context), "[{}]\n", i < dates.size() ? plain(&dates[i]) : "");
        add_turns(sample.context, items(&items(sessions)[i]), "role", "content");
      }
    }
    sample.metadata = metadata_of(*record.value, {"question_type", "answer", "question_date", "answer_session_ids"});
    return conversion.add(std::move(sample));
  });
}

Result<> convert_locomo(const std::string& path, Conversion& conversion) {
  return each_row(path, conversion, [&](RowFields& fields, const Record&) -> Result<> {
    const std::string id = fields.text("sample_id", true);
    const Value *conversation = fields.find("conversation", true), *questions = fields.find("qa", true);
    if (!fields.good()) return {};
    const std::string context = conversion.options.context ? conversation_text(*conversation) : std::string();
    for (std::size_t i = 0; i < items(questions).size(); ++i) {
      const Value& asked = items(questions)[i];
      Sample sample{.id = fmt::format("{}-q{}", id, i + 1),
                    .text = plain(asked.find("question")),
                    .context = context,
                    .expected_labels = {"memory_eval"},
                    .primary_category = "memory"};
      if (sample.text.empty()) {
        fields.wrong(ProblemKind::broken, fmt::format("qa[{}] has no question", i));
        continue;
      }
      if (const auto type = locomo_type(asked.find("category")); !type.empty()) sample.expected_labels.emplace_back(type);
      sample.metadata = metadata_of(asked, {"answer", "adversarial_answer", "evidence", "category"});
      TRY(conversion.add(std::move(sample)));
    }
    return {};
  });
}

}  // namespace thalweg::scoring
