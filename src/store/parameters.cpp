#include "store/parameters.h"

#include <algorithm>
#include <cmath>

#include "base/utf8.h"

namespace thalweg {

namespace {
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
  if (const std::size_t at = utf8::invalid_at(text); at != std::string_view::npos) {
    return fail(Code::invalid_argument, "it is not UTF-8 at byte {}; pass bytes instead of a string", at);
  }
  if (const std::size_t at = text.find('\0'); at != std::string_view::npos) {
    return fail(Code::invalid_argument, "it has a zero byte at byte {}; pass bytes instead of a string", at);
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
