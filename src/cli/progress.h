#pragma once
// A line on the terminal that says how far a run is. Nothing at all where standard error is no terminal.

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "engine/executor.h"
#include "thalweg/clock.h"

namespace thalweg::cli {

/// "read [=====>     ]  24%  12/50 documents  3.1 documents/s  12 s left  write 1200 passages  310 passages/s": the stage whose
/// end is known, then those that work beside it. Drawn at most ten times a second, only when something is told. Thread-safe.
class Progress final : public Observer {
 public:
  explicit Progress(Clock& clock);
  ~Progress() override;
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void on_progress(std::string_view stage, std::int64_t done, std::int64_t total, std::string_view unit) override;
  /// So much of what comes next in `stage`, whose end is known, is done: moves the bar between two calls of on_progress().
  void add_part(std::string_view stage, double more);
  /// Takes the line away, so that something else can be printed.
  void clear();

 private:
  Clock& clock_;
  const bool shown_;
  std::mutex mutex_;
  struct Told {
    std::string stage;
    std::string unit;
    std::int64_t done = 0;
    std::int64_t total = 0;
    Nanos began = 0;
    double part = 0;  // of what comes after `done`
  };
  void draw(Nanos now);

  std::vector<Told> told_;  // by stage, in the order of their beginning
  Nanos drawn_ = 0;
  bool on_screen_ = false;
};

/// The line itself, without ends. `elapsed` since the first thing was done; `part` is what is done of those after `done`.
[[nodiscard]] std::string progress_line(std::string_view stage, std::int64_t done, std::int64_t total, std::string_view unit,
                                        Nanos elapsed, double part = 0);

/// "850 ms", "12 s", "3 min 20 s", "2 h 5 min".
[[nodiscard]] std::string rough_span(Nanos span);

}  // namespace thalweg::cli
