#include "store/jobs.h"

#include <utility>

#include "store/session.h"

namespace thalweg {

namespace {
std::unexpected<Error> closed() { return fail(Code::cancelled, "the store was closed before this was run"); }
}  // namespace

Job::Job(const Context& job_context, Transaction transaction, std::vector<Statement> notify_with, Done done)
    : context(job_context), work(std::move(transaction)), notify(std::move(notify_with)), done_(std::move(done)) {}

Job::Job(const Context& job_context, Task job_task, Done done)
    : context(job_context),
      work{.statements = {}, .notifications = {}, .idempotent = true},
      task(std::move(job_task)),
      alone(true),
      done_(std::move(done)) {}

void Job::watch() {
  if (auto alive = context.check(); !alive) return answer(std::unexpected(std::move(alive).error()));
  auto over = [self = weak_from_this()] {
    if (const JobPtr job = self.lock()) job->context_over();
  };
  if (context.deadline() != kNever) {
    const std::lock_guard lock(mutex_);
    timer_ = context.clock().at(context.deadline(), over);
  }
  if (context.stop().stop_possible()) stop_.emplace(context.stop(), over);
}

void Job::context_over() {
  {
    const std::lock_guard lock(mutex_);
    // Under the lock: once the job is answered its session may be gone.
    if (state_ == State::running) session_->interrupt();
    if (state_ != State::waiting) return;
  }
  if (auto alive = context.check(); !alive) answer(std::unexpected(std::move(alive).error()));
}

bool Job::start(Session& session) {
  const std::lock_guard lock(mutex_);
  if (state_ != State::waiting) return false;
  state_ = State::running;
  session_ = &session;
  return true;
}

void Job::wait_alone() {
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::running) return;
    state_ = State::waiting;
    alone = true;
  }
  // Its end may have come while it ran, when that was only an interruption.
  if (auto alive = context.check(); !alive) answer(std::unexpected(std::move(alive).error()));
}

void Job::answer(Result<std::vector<Rows>> result) {
  Done done;
  std::optional<TimerId> timer;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(state_, State::answered) == State::answered) return;
    done = std::move(done_);
    timer = timer_;
  }
  if (timer) context.clock().cancel(*timer);
  done(std::move(result));
}

void JobQueue::push(JobPtr job) {
  {
    const std::lock_guard lock(mutex_);
    if (!closed_) jobs_.push_back(std::exchange(job, nullptr));
  }
  if (job != nullptr) return job->answer(closed());
  filled_.notify_one();
}

void JobQueue::push_front(std::vector<JobPtr> jobs) {
  {
    const std::lock_guard lock(mutex_);
    if (!closed_) {
      jobs_.insert(jobs_.begin(), std::move_iterator(jobs.begin()), std::move_iterator(jobs.end()));
      jobs.clear();
    }
  }
  for (const JobPtr& job : jobs) job->answer(closed());
}

std::vector<JobPtr> JobQueue::take(std::size_t most) {
  std::vector<JobPtr> taken;
  std::unique_lock lock(mutex_);
  ++idle_;
  filled_.wait(lock, [this] { return closed_ || !jobs_.empty(); });
  --idle_;
  while (!jobs_.empty() && taken.size() < most && (taken.empty() || !jobs_.front()->alone)) {
    taken.push_back(std::move(jobs_.front()));
    jobs_.pop_front();
    if (taken.back()->alone) break;
  }
  return taken;
}

void JobQueue::close() {
  std::deque<JobPtr> left;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    left.swap(jobs_);
  }
  filled_.notify_all();
  for (const JobPtr& job : left) job->answer(closed());
}

std::size_t JobQueue::idle() const {
  const std::lock_guard lock(mutex_);
  return idle_;
}

}  // namespace thalweg
