#include "cli/eval/questions.h"

#include <set>

#include "cli/input.h"
#include "thalweg/json.h"

namespace thalweg::cli {

namespace {

using documents::Place;

// The text under `name`; "" when there is none.
Result<std::string> text(const Value& row, std::string_view name) {
  const Value* found = row.find(name);
  if (found == nullptr) return std::string{};
  if (!found->is_string() || found->as_string().find_first_not_of(" \t\r\n") == std::string_view::npos)
    return fail(Code::invalid_argument, "'{}' must be a text", name);
  return std::string(found->as_string());
}

Result<Place> place(const Value& row) {
  Place place{TRY(text(row, "document")), TRY(text(row, "passage"))};
  if (place.passage.empty()) return fail(Code::invalid_argument, "what stands in 'also' needs a 'passage'");
  return place;
}

Result<Asked> asked(Value row, std::size_t line) {
  if (!row.is_map()) return fail(Code::invalid_argument, "a question is an object {{\"question\", \"passage\", ...}}");
  std::string question = TRY(text(row, "question"));
  if (question.empty()) return fail(Code::invalid_argument, "'question' is missing");
  std::vector<Place> places;
  const Value* also = row.find("also");
  if (row.find("passage") != nullptr) {
    TRY(text(row, "passage"));
    places.push_back(TRY(place(row)));
  } else if (also != nullptr) {
    return fail(Code::invalid_argument, "'also' stands beside 'passage', which is missing");
  }
  if (also != nullptr && !also->is_list()) return fail(Code::invalid_argument, "'also' must be a list of {{document, passage}}");
  if (also != nullptr) {
    for (const Value& other : also->items()) places.push_back(TRY(place(other)));
  }
  Asked asked{std::to_string(line), std::move(question), documents::Evidence(std::move(places)), std::move(row)};
  if (asked.row.find("id") != nullptr) asked.id = asked.field("id");
  return asked;
}

}  // namespace

std::string Asked::field(std::string_view name) const {
  const Value* found = row.find(name);
  if (found == nullptr) return "-";
  if (found->is_string()) return std::string(found->as_string());
  const auto json = to_json(*found);
  return json ? *json : "-";
}

Result<std::vector<Asked>> read_questions(const std::string& path, const Interrupt& interrupt) {
  InputReader reader = TRY(InputReader::open(path, &interrupt));
  TRY(reader.lines());
  std::vector<Asked> all;
  std::set<std::string> ids;
  while (auto item = TRY(reader.next())) {
    const auto at_line = [&](const Error& error) { return error.at(fmt::format("{}:{}", reader.name(), item->line)); };
    if (!item->value) {
      const Error& error = item->value.error();
      return std::unexpected(error.path().starts_with(reader.name()) ? error : at_line(error));
    }
    auto one = asked(std::move(*item->value), item->line);
    if (!one) return std::unexpected(at_line(one.error()));
    if (!ids.insert(one->id).second)
      return std::unexpected(at_line({Code::invalid_argument, fmt::format("the id '{}' again", one->id)}));
    all.push_back(std::move(*one));
  }
  if (all.empty()) return fail(Code::invalid_argument, "{} holds no questions: one JSON object a line", reader.name());
  return all;
}

}  // namespace thalweg::cli
