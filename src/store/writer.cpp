#include "store/writer.h"

#include <algorithm>
#include <utility>

namespace thalweg {

namespace {
Error of_unknown_fate(const Error& cause) {
  return Error(Code::unavailable,
               "the connection was lost during the commit, so this may or may not have been stored; read it before you try "
               "again, or mark the transaction idempotent")
      .because(cause);
}

// The steps of a group, and whose each is.
struct Script {
  std::vector<const Statement*> steps;
  std::vector<std::size_t> owner;
  std::vector<bool> answers;  // its rows are an answer to the owner

  void add(const Statement& statement, std::size_t job, bool answer) {
    steps.push_back(&statement);
    owner.push_back(job);
    answers.push_back(answer);
  }
};
}  // namespace

Writer::Writer(Driver& driver, Clock& clock, StoreCounters& counters, std::size_t max_group, Nanos patience)
    : driver_(driver),
      clock_(clock),
      counters_(counters),
      max_group_(max_group),
      patience_(patience),
      session_(driver, Driver::Role::write, clock, counters),
      thread_([this] { loop(); }) {}

Writer::~Writer() {
  queue_.close();
  session_.pauses().close();
  thread_.join();
}

void Writer::loop() {
  for (;;) {
    Group group = queue_.take(max_group_);
    if (group.empty()) return;
    const Nanos give_up_at = clock_.now() + patience_;
    std::erase_if(group, [&](const JobPtr& job) {
      job->give_up_at = std::min(job->give_up_at, give_up_at);
      return !job->start(session_);
    });
    commit(std::move(group));
  }
}

void Writer::commit(Group group) {
  const auto end_all = [&group](const Error& error) {
    for (const JobPtr& job : group) job->answer(std::unexpected(error));
    group.clear();
  };
  unsigned failures = 0;
  for (bool again = false;; again = true) {
    session_.clear_interrupt();
    drop_ended(group);
    if (group.empty()) return;
    if (again) counters_.repeated.fetch_add(1, std::memory_order_relaxed);
    Phase phase = Phase::begin;
    auto failure = attempt(group, phase);
    if (!failure || phase != Phase::begin) session_.worked();
    if (!failure) return;
    session_.tidy();
    const bool splits = phase != Phase::begin && group.size() > 1;
    switch (failure->trouble) {
      case Trouble::interrupted:
        continue;
      case Trouble::database:
        return end_all(failure->error);
      case Trouble::statement:  // of no single transaction: a constraint checked at the commit, or the begin
        if (!splits) return end_all(failure->error);
        break;
      case Trouble::conflict:
        break;
      case Trouble::lost:
        if (phase != Phase::commit) break;
        std::erase_if(group, [&](const JobPtr& job) {
          if (!job->work.idempotent) job->answer(std::unexpected(of_unknown_fate(failure->error)));
          return !job->work.idempotent;
        });
    }
    if (splits && failure->trouble != Trouble::lost) {
      for (const JobPtr& job : group) job->wait_alone();
      return queue_.push_front(std::move(group));
    }
    if (session_.pauses().closed()) return end_all(failure->error);
    const Nanos now = clock_.now();
    const bool down = phase == Phase::begin && session_.failed(patience_, now);
    std::erase_if(group, [&](const JobPtr& job) {
      const bool enough = now >= job->give_up_at || down || (job->first_contact && failure->trouble == Trouble::lost);
      if (enough) job->answer(std::unexpected(failure->error));
      return enough;
    });
    if (!group.empty()) session_.pauses().wait(failure->trouble, ++failures);
  }
}

// One try at committing the whole group. Transactions that fail alone are answered and leave the group.
std::optional<Failure> Writer::attempt(Group& group, Phase& phase) {
  if (auto failure = session_.connect()) return failure;
  if (group.front()->task) {
    if (auto failure = group.front()->task(session_.connection())) return failure;
  } else {
    if (auto failure = run_bodies(group, phase)) return failure;
    phase = Phase::commit;
    if (auto failure = run({&commit_})) return failure;
  }
  committed(group);
  return std::nullopt;
}

std::optional<Failure> Writer::run_bodies(Group& group, Phase& phase) {
  const bool savepoints = group.size() > 1;
  for (const JobPtr& job : group) job->rows.clear();
  for (std::size_t next = 0; next < group.size();) {
    Script script;
    if (phase == Phase::begin) script.add(driver_.begin(), next, false);
    for (std::size_t i = next; i < group.size(); ++i) {
      if (savepoints) script.add(savepoint_, i, false);
      for (const Statement& statement : group[i]->work.statements) script.add(statement, i, true);
      for (const Statement& statement : group[i]->notify) script.add(statement, i, false);
      if (savepoints) script.add(release_, i, false);
    }
    rows_.clear();
    auto failure = session_.connection().run(script.steps, rows_);
    const std::size_t worked = rows_.size();
    for (std::size_t i = 0; i < worked; ++i) {
      if (script.answers[i]) group[script.owner[i]]->rows.push_back(std::move(rows_[i]));
    }
    if (!failure) break;
    if (phase == Phase::begin && worked == 0) return failure;
    phase = Phase::body;
    if (failure->trouble != Trouble::statement) return failure;
    next = script.owner[worked];
    group[next]->answer(std::unexpected(std::move(failure->error)));
    group.erase(group.begin() + static_cast<std::ptrdiff_t>(next));
    // Undo this one alone where that is possible, else all of them; the rest is run (again) without it.
    if (!savepoints || !session_.connection().in_transaction() || run({&undo_, &release_})) {
      return Failure{Trouble::interrupted, Error(Code::aborted, "rolled back because of another transaction")};
    }
  }
  return std::nullopt;
}

std::optional<Failure> Writer::run(std::initializer_list<const Statement*> steps) {
  rows_.clear();
  return session_.connection().run(std::span(steps.begin(), steps.size()), rows_);
}

void Writer::committed(const Group& group) {
  counters_.commits.fetch_add(1, std::memory_order_relaxed);
  counters_.committed.fetch_add(group.size(), std::memory_order_relaxed);
  std::vector<const Notification*> notifications;
  for (const JobPtr& job : group) {
    for (const Notification& notification : job->work.notifications) notifications.push_back(&notification);
  }
  if (!notifications.empty()) driver_.notified(notifications);
  for (const JobPtr& job : group) job->answer(std::move(job->rows));
}

// Answers and leaves out those whose context ended.
void Writer::drop_ended(Group& group) {
  std::erase_if(group, [](const JobPtr& job) {
    auto alive = job->context.check();
    if (alive) return false;
    job->answer(std::unexpected(std::move(alive).error()));
    return true;
  });
}

}  // namespace thalweg
