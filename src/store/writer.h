#pragma once
// The thread that writes: joins the transactions of many callers into one commit.

#include <span>
#include <thread>
#include <vector>

#include "store/jobs.h"
#include "store/session.h"

namespace thalweg {

/// Takes whatever waits (no delay is added: transactions gather while the commit before them runs) and commits it as one group.
/// Inside the group each transaction stands behind a savepoint, so that one that fails is undone alone. When a group as a whole
/// fails it is run again, or each of its transactions alone, as the failure asks.
class Writer {
 public:
  Writer(Driver& driver, Clock& clock, StoreCounters& counters, std::size_t max_group, Nanos patience);
  ~Writer();

  [[nodiscard]] JobQueue& queue() noexcept { return queue_; }

 private:
  using Group = std::vector<JobPtr>;
  enum class Phase : std::uint8_t { begin, body, commit };  ///< where an attempt failed

  void loop();
  void commit(Group group);
  std::optional<Failure> attempt(Group& group, Phase& phase);
  std::optional<Failure> run_bodies(Group& group, Phase& phase);
  std::optional<Failure> run(std::initializer_list<const Statement*> steps);
  void committed(const Group& group);
  static void drop_ended(Group& group);

  const Statement savepoint_{"savepoint one", {}};
  const Statement release_{"release savepoint one", {}};
  const Statement undo_{"rollback to savepoint one", {}};
  const Statement commit_{"commit", {}};
  Driver& driver_;
  Clock& clock_;
  StoreCounters& counters_;
  const std::size_t max_group_;
  const Nanos patience_;
  Session session_;
  JobQueue queue_;
  std::vector<Rows> rows_;
  std::thread thread_;
};

}  // namespace thalweg
