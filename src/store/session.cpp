#include "store/session.h"

#include <vector>

namespace thalweg {

Session::Session(Driver& driver, Driver::Role role, Clock& clock, StoreCounters& counters)
    : connection_(driver.connection(role)), counters_(counters), pauses_(clock) {}

std::optional<Failure> Session::connect() {
  if (connection_->is_open()) return std::nullopt;
  auto failure = connection_->open();
  if (!failure) counters_.connected.fetch_add(1, std::memory_order_relaxed);
  return failure;
}

void Session::tidy() {
  if (!connection_->is_open() || !connection_->in_transaction()) return;
  connection_->clear_interrupt();
  const Statement* const step = &rollback_;
  std::vector<Rows> rows;
  // A rollback fails only with its connection, and the next connect() replaces that.
  static_cast<void>(connection_->run(std::span(&step, 1), rows));
}

void Session::interrupt() noexcept {
  connection_->interrupt();
  pauses_.cut_short();
}

void Session::clear_interrupt() noexcept {
  connection_->clear_interrupt();
  pauses_.forget_cut();
}

}  // namespace thalweg
