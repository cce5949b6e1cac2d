#include "store/readers.h"

#include <algorithm>

namespace thalweg {

Readers::Reader::Reader(Readers& readers)
    : session(readers.driver_, Driver::Role::read, readers.clock_, readers.counters_),
      thread([this, &readers] { readers.loop(session); }) {}

Readers::Readers(Driver& driver, Clock& clock, StoreCounters& counters, std::size_t most, Nanos patience)
    : driver_(driver), clock_(clock), counters_(counters), most_(std::max<std::size_t>(most, 1)), patience_(patience) {}

Readers::~Readers() {
  queue_.close();
  for (const auto& reader : readers_) reader->session.pauses().close();
  for (const auto& reader : readers_) reader->thread.join();
}

void Readers::push(JobPtr job) {
  {
    const std::lock_guard lock(mutex_);
    if (readers_.size() < most_ && queue_.idle() == 0) readers_.push_back(std::make_unique<Reader>(*this));
  }
  queue_.push(std::move(job));
}

void Readers::loop(Session& session) {
  for (;;) {
    const std::vector<JobPtr> taken = queue_.take(1);
    if (taken.empty()) return;
    Job& job = *taken.front();
    job.give_up_at = clock_.now() + patience_;
    if (job.start(session)) run(session, job);
  }
}

void Readers::run(Session& session, Job& job) const {
  unsigned failures = 0;
  for (bool again = false;; again = true) {
    session.clear_interrupt();
    if (auto alive = job.context.check(); !alive) return job.answer(std::unexpected(std::move(alive).error()));
    if (again) counters_.repeated.fetch_add(1, std::memory_order_relaxed);
    job.rows.clear();
    auto failure = session.connect();
    if (!failure) {
      const Statement* const step = &job.work.statements.front();
      failure = session.connection().run(std::span(&step, 1), job.rows);
    }
    if (!failure) {
      session.worked();
      return job.answer(std::move(job.rows));
    }
    if (failure->trouble == Trouble::interrupted) continue;  // by its context, which is asked next
    const bool hopeless = failure->trouble == Trouble::statement || failure->trouble == Trouble::database;
    const Nanos now = clock_.now();
    if (hopeless) session.worked();
    if (hopeless || session.pauses().closed() || now >= job.give_up_at || session.failed(patience_, now)) {
      return job.answer(std::unexpected(std::move(failure->error)));
    }
    session.pauses().wait(failure->trouble, ++failures);
  }
}

}  // namespace thalweg
