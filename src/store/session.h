#pragma once
// A connection as one thread of the store uses it.

#include <atomic>
#include <memory>
#include <optional>

#include "store/driver.h"
#include "store/pauses.h"

namespace thalweg {

struct StoreCounters {
  std::atomic<std::uint64_t> committed{0}, commits{0}, repeated{0}, connected{0};
};

/// Opens its connection when needed and again when lost, waits between attempts, and can be interrupted from any thread.
class Session {
 public:
  Session(Driver& driver, Driver::Role role, Clock& clock, StoreCounters& counters);

  [[nodiscard]] Connection& connection() noexcept { return *connection_; }
  std::optional<Failure> connect();
  /// Ends a transaction that an attempt left open.
  void tidy();

  /// Makes the running attempt fail and cuts a pause short.
  void interrupt() noexcept;
  /// From here on an interrupt() counts; look at the contexts after it.
  void clear_interrupt() noexcept;
  [[nodiscard]] Pauses& pauses() noexcept { return pauses_; }

  /// The database as a whole worked for what was tried last.
  void worked() noexcept { down_since_.reset(); }
  /// It did not. True when that has gone on for `patience`, so that calls need not be patient once more: a long queue would
  /// otherwise wait that long for each of its groups. After a rest of that length it begins anew.
  [[nodiscard]] bool failed(Nanos patience, Nanos now) noexcept {
    if (!down_since_ || now - last_failure_ >= patience) down_since_ = now;
    last_failure_ = now;
    return now - *down_since_ >= patience;
  }

 private:
  const Statement rollback_{"rollback", {}};
  const std::unique_ptr<Connection> connection_;
  StoreCounters& counters_;
  Pauses pauses_;
  std::optional<Nanos> down_since_;
  Nanos last_failure_ = 0;
};

}  // namespace thalweg
