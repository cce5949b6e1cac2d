#include "engine/trace.h"

#include <algorithm>
#include <tuple>

#include "engine/run.h"

namespace thalweg {

namespace {

void add_string(std::string& text, std::string_view value) {
  text += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\') {
      text += '\\';
      text += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      text += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      text += c;
    }
  }
  text += '"';
}

}  // namespace

void Trace::add(Span span) {
  const std::lock_guard lock(mutex_);
  spans_.push_back(std::move(span));
}

std::string Trace::text() const {
  std::vector<Span> spans;
  {
    const std::lock_guard lock(mutex_);
    spans = spans_;
  }
  std::ranges::sort(spans, {}, [](const Span& span) { return std::tie(span.start, span.path, span.attempt); });
  // Rows are such that no two spans of one overlap unless one contains the other: viewers draw nothing else right.
  std::vector<Nanos> rows;
  std::string text = "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[";
  const Nanos begin = spans.empty() ? 0 : spans.front().start;
  for (std::size_t i = 0; i < spans.size(); ++i) {
    const Span& span = spans[i];
    auto row = std::ranges::find_if(rows, [&](Nanos busy_until) { return busy_until <= span.start; });
    if (row == rows.end()) row = rows.insert(rows.end(), 0);
    *row = std::max(span.end, span.start);
    text += i == 0 ? "\n{\"name\":" : ",\n{\"name\":";
    add_string(text, span.path);
    text += ",\"cat\":";
    add_string(text, span.uses);
    text += fmt::format(",\"ph\":\"X\",\"pid\":1,\"tid\":{},\"ts\":{}.{:03},\"dur\":{}.{:03},\"args\":{{\"attempt\":{}",
                        row - rows.begin() + 1, (span.start - begin) / 1000, (span.start - begin) % 1000,
                        (span.end - span.start) / 1000, (span.end - span.start) % 1000, span.attempt);
    if (!span.error.empty()) {
      text += ",\"error\":";
      add_string(text, span.error);
    }
    text += "}}";
  }
  return text + "\n]}\n";
}

void Run::trace_attempt(const Frame& frame, std::uint32_t stage, Nanos end, const Result<Value>& result) {
  std::string path = frame.plan().stages[stage].id;
  for (const Attempt* caller = frame.caller; caller != nullptr; caller = caller->frame->caller) {
    path = caller->frame->plan().stages[caller->stage].id + "/" + path;
  }
  const StageState& state = frame.states[stage];
  const StageExtra& extra = frame.extras[stage];
  const Nanos start = extra.attempt != nullptr ? extra.attempt->began : state.start;
  options.trace->add({std::move(path), frame.plan().stages[stage].kind->contract.name, state.attempts, start,
                      std::max(start, end), result ? "" : result.error().text()});
}

}  // namespace thalweg
