#pragma once
// Ctrl-C: the first stops a run in order, the second ends the program at once.

#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

#include "base/error.h"

namespace thalweg::cli {

/// Takes SIGINT and SIGTERM for as long as it lives. To be made before any other thread, which then inherits that the signals are
/// blocked; they arrive through a descriptor, so that no handler and no global is needed.
class Interrupt {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Interrupt>> watch();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  /// Stop is requested at the first signal.
  [[nodiscard]] std::stop_token token() const { return source().get_token(); }
  [[nodiscard]] bool requested() const { return source().stop_requested(); }
  /// The same as a signal, from inside (nobody reads the output any more).
  void stop() noexcept;
  /// After a stop: the next signal is the first again. Not while something runs that holds the token.
  void reset() noexcept;
  /// Waits until `descriptor` can be read (true) or a stop was requested (false).
  [[nodiscard]] bool readable(int descriptor) const noexcept;

 private:
  Interrupt() = default;
  void listen();
  [[nodiscard]] std::stop_source source() const {
    const std::lock_guard lock(mutex_);
    return source_;
  }

  mutable std::mutex mutex_;
  std::stop_source source_;  // under the mutex
  int signals_ = -1;         // signalfd
  int stopped_ = -1;         // eventfd: readable from the first stop on
  int leave_ = -1;           // eventfd: ends the listener
  std::thread listener_;
};

}  // namespace thalweg::cli
