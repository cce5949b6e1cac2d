#pragma once
// What happened when, for chrome://tracing, Perfetto and speedscope.

#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "thalweg/clock.h"

namespace thalweg {

/// Collects the attempts of runs; thread-safe. Give it to RunOptions::trace, then write text() into a file: it is the JSON of the
/// Trace Event Format, one complete event ("ph": "X") an attempt, a row for each stage path.
class Trace {
 public:
  struct Span {
    std::string path;  ///< "outer/inner"
    std::string uses;
    std::uint32_t attempt = 1;
    Nanos start = 0;
    Nanos end = 0;
    std::string error;  ///< empty when it went well
  };
  void add(Span span);
  [[nodiscard]] std::string text() const;

 private:
  mutable std::mutex mutex_;
  std::vector<Span> spans_;
};

}  // namespace thalweg
