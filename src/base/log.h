#pragma once
// What the program has to say while it runs: one event, one line.

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <mutex>
#include <string_view>

#include "thalweg/context.h"

namespace thalweg {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

/// A named fact of an event.
struct LogField {
  std::string_view name;
  Value value;
};

/// Writes events as lines, for people or as JSON, to standard error or where `sink` leads. Handed on by reference or in the
/// Context. Thread-safe.
///
///     logger.log(LogLevel::warning, "the index is locked; trying again", {{"index", "docs"}, {"attempt", 2}});
///     2026-01-02T03:04:05.5Z warning the index is locked; trying again index="docs" attempt=2
///     {"time":"2026-01-02T03:04:05.5Z","level":"warning","message":"the index is locked; trying
///     again","index":"docs","attempt":2}
class Logger {
 public:
  enum class Form : std::uint8_t { text, json };
  /// Gets a line with its end; called by one thread at a time.
  using Sink = std::move_only_function<void(std::string_view line)>;

  explicit Logger(Clock& clock, LogLevel least = LogLevel::info, Form form = Form::text, Sink sink = standard_error());

  [[nodiscard]] bool enabled(LogLevel level) const noexcept { return level >= least_; }
  void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});
  /// An error in the same words that the client gets, with its code.
  void log(LogLevel level, const Error& error);

  /// One write per line, so that lines of several processes do not mix.
  static Sink standard_error();

 private:
  Clock* clock_;
  LogLevel least_;
  Form form_;
  std::mutex mutex_;
  Sink sink_;
};

}  // namespace thalweg
