#include "cli/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "cli/output.h"

namespace thalweg::cli {

namespace {
constexpr Nanos kBetween = 100 * kMillisecond;
constexpr int kWidth = 24;

std::string rate_text(double rate) {
  return rate >= 1000 ? fmt::format("{:.1f}k", rate / 1000)
         : rate >= 10 ? fmt::format("{:.0f}", rate)
                      : fmt::format("{:.1f}", rate);
}

// Not where the terminal says that it has no escape sequences, or says nothing.
bool can_clear_lines() {
  const char* const terminal = std::getenv("TERM");
  return terminal != nullptr && std::string_view(terminal) != "dumb";
}
}  // namespace

std::string rough_span(Nanos span) {
  const std::int64_t seconds = span / kSecond;
  if (seconds < 1) return fmt::format("{} ms", span / kMillisecond);
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3600) return fmt::format("{} min {} s", seconds / 60, seconds % 60);
  return fmt::format("{} h {} min", seconds / 3600, seconds % 3600 / 60);
}

std::string progress_line(std::string_view stage, std::int64_t done, std::int64_t total, std::string_view unit, Nanos elapsed,
                          double part) {
  std::string out;
  const double all = static_cast<double>(done) + std::max(part, 0.0);
  if (total > 0) {
    const double share = std::min(1.0, all / static_cast<double>(total));
    const int full = static_cast<int>(share * kWidth);
    out = fmt::format("{} [{:=<{}}{}{:<{}}] {:3.0f}%  {}/{} {}", stage, "", full, full < kWidth ? ">" : "", "",
                      full < kWidth ? kWidth - full - 1 : 0, share * 100, done, total, unit);
  } else {
    out = fmt::format("{} {} {}", stage, done, unit);
  }
  if (elapsed < kBetween || all <= 0) return out;
  const double rate = all / (static_cast<double>(elapsed) / kSecond);
  if (done > 0) out += fmt::format("  {} {}/s", rate_text(rate), unit);
  if (total > done)
    out += fmt::format("  {} left", rough_span(static_cast<Nanos>((static_cast<double>(total) - all) / rate * kSecond)));
  return out;
}

Progress::Progress(Clock& clock) : clock_(clock), shown_(::isatty(STDERR_FILENO) == 1 && can_clear_lines()) {}

Progress::~Progress() { clear(); }

void Progress::on_progress(std::string_view stage, std::int64_t done, std::int64_t total, std::string_view unit) {
  if (!shown_) return;
  const std::lock_guard lock(mutex_);
  const Nanos now = clock_.now();
  auto known = std::ranges::find(told_, stage, &Told::stage);
  if (known == told_.end()) known = told_.insert(told_.end(), {std::string(stage), std::string(unit), 0, 0, now});
  known->done = done;
  known->total = total;
  if (drawn_ != 0 && now - drawn_ < kBetween && done != total) return;
  draw(now);
}

void Progress::add_part(std::string_view stage, double more) {
  if (!shown_) return;
  const std::lock_guard lock(mutex_);
  const auto known = std::ranges::find(told_, stage, &Told::stage);
  if (known == told_.end()) return;
  known->part += more;
  if (const Nanos now = clock_.now(); more > 0 && now - drawn_ >= kBetween) draw(now);
}

void Progress::draw(Nanos now) {
  drawn_ = now;
  on_screen_ = true;
  std::string line;
  for (const bool with_end : {true, false}) {
    for (const Told& one : told_) {
      if ((one.total > 0) != with_end) continue;
      line += (line.empty() ? "" : "  ") + progress_line(one.stage, one.done, one.total, one.unit, now - one.began, one.part);
    }
  }
  print_error_raw("\r\x1b[K" + line);
}

void Progress::clear() {
  const std::lock_guard lock(mutex_);
  if (on_screen_) print_error_raw("\r\x1b[K");
  on_screen_ = false;
}

}  // namespace thalweg::cli
