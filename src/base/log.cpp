#include "base/log.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

#include "base/printable.h"
#include "base/time_text.h"
#include "base/utf8.h"
#include "thalweg/json.h"

namespace thalweg {

namespace {

constexpr std::array<std::string_view, 4> kLevels{"debug", "info", "warning", "error"};

// What JSON cannot hold is told as what is wrong with it: a log line is never lost.
void append_value(std::string& out, const Value& value) {
  const auto done = append_json(out, value);
  if (!done) append_json(out, Value(done.error().text())).value();
}

}  // namespace

Logger::Logger(Clock& clock, LogLevel least, Form form, Sink sink)
    : clock_(&clock), least_(least), form_(form), sink_(std::move(sink)) {}

void Logger::log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  if (!enabled(level)) return;
  const Nanos wall = clock_->wall();
  const Timestamp time{.seconds = wall / kSecond, .nanos = static_cast<std::int32_t>(wall % kSecond)};
  const std::string_view name = kLevels[static_cast<std::size_t>(level)];
  std::string line;
  if (form_ == Form::json) {
    line += "{\"time\":\"";
    append_text(line, time);
    line += fmt::format("\",\"level\":\"{}\",\"message\":", name);
    append_value(line, Value(utf8::well_formed(message)));
    for (const LogField& field : fields) {
      line.push_back(',');
      append_value(line, Value(field.name));
      line.push_back(':');
      append_value(line, field.value);
    }
    line += "}\n";
  } else {
    append_text(line, time);
    line += fmt::format(" {} ", name);
    line += printable_line(message);  // an event stays one line, whatever its message quotes
    for (const LogField& field : fields) {
      line += fmt::format(" {}=", field.name);
      append_value(line, field.value);
    }
    line.push_back('\n');
  }
  const std::lock_guard lock(mutex_);
  sink_(line);
}

void Logger::log(LogLevel level, const Error& error) { log(level, error.text(), {{"code", info(error.code()).name}}); }

Logger::Sink Logger::standard_error() {
  return [](std::string_view line) {
    while (!line.empty()) {
      const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
      if (written < 0 && errno != EINTR) return;  // nobody can be told
      line.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
    }
  };
}

}  // namespace thalweg
