#include "lang/source.h"

#include <algorithm>

namespace thalweg::lang {

namespace {
bool starts_code_point(char byte) noexcept { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }
}  // namespace

Place place_of(std::string_view source, std::size_t offset) noexcept {
  Place place;
  const std::string_view before = source.substr(0, std::min(offset, source.size()));
  const std::size_t line_start = before.rfind('\n');
  place.line += static_cast<std::size_t>(std::ranges::count(before, '\n'));
  const std::string_view line = line_start == std::string_view::npos ? before : before.substr(line_start + 1);
  place.column += static_cast<std::size_t>(std::ranges::count_if(line, starts_code_point));
  return place;
}

std::string place_text(std::string_view source, std::size_t offset) {
  const Place place = place_of(source, offset);
  if (source.find('\n') == std::string_view::npos) return fmt::format("column {}", place.column);
  return fmt::format("line {}, column {}", place.line, place.column);
}

Error source_error(std::string_view source, const std::vector<SourceError>& problems) {
  std::string text;
  const bool lines = source.find('\n') != std::string_view::npos;
  for (const SourceError& problem : problems) {
    if (!text.empty()) text += "\n";
    text +=
        lines ? fmt::format("line {}, column {}: ", problem.line, problem.column) : fmt::format("column {}: ", problem.column);
    text += problem.message;
  }
  if (!problems.empty() && source.size() <= 200 && !lines) {
    text += fmt::format("\n  {}\n  {:>{}}", source, '^', problems.front().column);
  }
  return Error(Code::invalid_argument, std::move(text));
}

void Problems::add_text(std::size_t offset, std::string message) {
  const Place place = place_of(source_, offset);
  found_.push_back({place.line, place.column, std::move(message)});
}

std::string suggestion(const std::string& name) {
  return name.empty() ? std::string() : fmt::format("; did you mean '{}'?", name);
}

}  // namespace thalweg::lang
