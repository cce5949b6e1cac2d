#include "store/parameters.h"

#include <algorithm>
#include <cmath>

namespace thalweg {

namespace {
// The length of the well-formed UTF-8 sequence at the start of `text`, or 0 (Unicode 15, table 3-7).
std::size_t sequence(std::string_view text) noexcept {
  const auto byte = [text](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xC2 && first <= 0xDF   ? 2
                             : first >= 0xE0 && first <= 0xEF ? 3
                             : first >= 0xF0 && first <= 0xF4 ? 4
                                                              : 0;
  const unsigned lowest = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned highest = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (length == 0 || byte(1) < lowest || byte(1) > highest) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if (byte(i) < 0x80 || byte(i) > 0xBF) return 0;
  }
  return length;
}

// How many bytes from `sql`'s start belong to a string, a quoted name or a comment.
std::size_t quoted(std::string_view sql) noexcept {
  const auto until = [sql](std::string_view end, std::size_t from) {
    const std::size_t found = sql.find(end, from);
    return found == std::string_view::npos ? sql.size() : found + end.size();
  };
  if (sql.starts_with('\'')) return until("'", 1);
  if (sql.starts_with('"')) return until("\"", 1);
  if (sql.starts_with("--")) return until("\n", 2);
  if (sql.starts_with("/*")) return until("*/", 2);
  return 0;
}

// The highest n of the parameters $n.
std::size_t highest_parameter(std::string_view sql) noexcept {
  std::size_t highest = 0;
  for (std::size_t i = 0; i < sql.size();) {
    if (const std::size_t skipped = quoted(sql.substr(i)); skipped != 0) {
      i += skipped;
    } else if (sql[i++] == '$') {
      std::size_t number = 0;
      for (; i < sql.size() && sql[i] >= '0' && sql[i] <= '9' && number < 100'000; ++i) {
        number = number * 10 + static_cast<std::size_t>(sql[i] - '0');
      }
      highest = std::max(highest, number);
    }
  }
  return highest;
}

Result<> check_text(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = sequence(text.substr(i));
    if (length == 0) return fail(Code::invalid_argument, "it is not UTF-8 at byte {}; pass bytes instead of a string", i);
    if (text[i] == '\0') return fail(Code::invalid_argument, "it has a zero byte at byte {}; pass bytes instead of a string", i);
    i += length;
  }
  return {};
}

Result<> check(const Value& value) {
  switch (value.kind()) {
    case Kind::null:
    case Kind::boolean:
    case Kind::integer:
    case Kind::bytes:
      return {};
    case Kind::real:
      if (std::isnan(value.as_real())) return fail(Code::invalid_argument, "NaN cannot be stored; pass null");
      return {};
    case Kind::string:
      return check_text(value.as_string());
    default:
      return fail(Code::invalid_argument, "a {} cannot be stored; pass null, bool, int, double, string or bytes",
                  type_name(value.kind()));
  }
}
}  // namespace

Result<> check_parameters(const Statement& statement) {
  if (const std::size_t wanted = highest_parameter(statement.sql); wanted != statement.parameters.size()) {
    return fail(Code::invalid_argument, "\"{}\" has {} parameters and got {}", excerpt(statement.sql), wanted,
                statement.parameters.size());
  }
  for (std::size_t i = 0; i < statement.parameters.size(); ++i) {
    if (auto good = check(statement.parameters[i]); !good) {
      return fail(Code::invalid_argument, "parameter ${} of \"{}\": {}", i + 1, excerpt(statement.sql), good.error().message());
    }
  }
  return {};
}

Result<> check_channel(std::string_view channel) {
  const bool good = std::ranges::all_of(channel, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  });
  if (good && !channel.empty() && channel.size() <= 63) return {};
  return fail(Code::invalid_argument, "\"{}\" is no name for a channel: 1 to 63 letters, digits, '_', '-' or '.'",
              excerpt(channel));
}

Result<> check_notification(const Notification& notification) {
  TRY(check_channel(notification.channel));
  if (notification.payload.size() > 7'999) {
    return fail(Code::invalid_argument, "the notification on {} has {} bytes, more than 7999; store it and send its key",
                notification.channel, notification.payload.size());
  }
  if (auto good = check_text(notification.payload); !good) {
    return fail(Code::invalid_argument, "the notification on {}: {}", notification.channel, good.error().message());
  }
  return {};
}

std::string excerpt(std::string_view sql) {
  constexpr std::size_t kLongest = 120;
  if (sql.size() <= kLongest) return std::string(sql);
  std::size_t end = kLongest;
  while (end > 0 && (static_cast<unsigned char>(sql[end]) & 0xC0U) == 0x80U) --end;
  return std::string(sql.substr(0, end)) + "...";
}

Failure nothing_changed(const Statement& statement) {
  return {Trouble::statement,
          Error(Code::failed_precondition, fmt::format("\"{}\" had to change a row and changed none", excerpt(statement.sql)))};
}

Failure writes(const Statement& statement) {
  return {Trouble::statement,
          Error(Code::invalid_argument, fmt::format("\"{}\" writes; use commit() for it, not read()", excerpt(statement.sql)))};
}

}  // namespace thalweg
