#include "models/llama/worker.h"

namespace thalweg::models::llama {

Worker::Worker()
    : state_(std::make_shared<State>()), thread_([state = state_](const std::stop_token& closing) { run(state, closing); }) {}

Worker::~Worker() {
  thread_.request_stop();
  // The last reference to a model may go with a job: then the thread ends by itself, a little later.
  if (thread_.get_id() == std::this_thread::get_id()) thread_.detach();
}

void Worker::add(Job job) {
  const std::lock_guard lock(state_->mutex);
  state_->jobs.push_back(std::move(job));
  state_->come.notify_one();
}

void Worker::sweep() {
  std::list<Job> over;
  {
    const std::lock_guard lock(state_->mutex);
    for (auto job = state_->jobs.begin(); job != state_->jobs.end();) {
      const auto next = std::next(job);
      if (!job->context.check()) over.splice(over.end(), state_->jobs, job);
      job = next;
    }
  }
  for (Job& job : over) job.give_up(job.context.check().error());
}

void Worker::run(const std::shared_ptr<State>& state, const std::stop_token& closing) {
  for (;;) {
    std::list<Job> next;
    {
      std::unique_lock lock(state->mutex);
      if (!state->come.wait(lock, closing, [&] { return !state->jobs.empty(); })) return;
      next.splice(next.end(), state->jobs, state->jobs.begin());
    }
    Job& job = next.front();
    if (closing.stop_requested()) {
      job.give_up(Error(Code::cancelled, "the model was closed"));
    } else if (const auto on = job.context.check(); !on) {
      job.give_up(on.error());
    } else {
      job.work();
    }
  }
}

}  // namespace thalweg::models::llama
