#include "models/waiting_threads.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace thalweg::models {

struct WaitingThreads::State {
  const std::size_t most;
  std::mutex mutex;
  std::condition_variable job_come;
  std::deque<std::move_only_function<void()>> jobs;
  std::vector<std::thread> threads;
  std::size_t idle = 0;
  bool ending = false;

  explicit State(std::size_t threads_at_most) : most(threads_at_most) {}

  void work() {
    std::unique_lock lock(mutex);
    while (true) {
      ++idle;
      job_come.wait(lock, [this] { return ending || !jobs.empty(); });
      --idle;
      if (jobs.empty()) return;
      auto job = std::move(jobs.front());
      jobs.pop_front();
      lock.unlock();
      job();
      job = nullptr;  // what it holds may be the last owner of these threads
      lock.lock();
    }
  }
};

WaitingThreads::WaitingThreads(std::size_t most) : state_(std::make_shared<State>(most)) {}

WaitingThreads::~WaitingThreads() { finish(); }

void WaitingThreads::finish() {
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(state_->mutex);
    state_->ending = true;
    threads.swap(state_->threads);
  }
  state_->job_come.notify_all();
  for (std::thread& thread : threads) {
    if (thread.get_id() == std::this_thread::get_id()) {
      thread.detach();  // it holds the state, and touches nothing else any more
    } else {
      thread.join();
    }
  }
}

void WaitingThreads::post(std::move_only_function<void()> job) {
  const std::lock_guard lock(state_->mutex);
  state_->jobs.push_back(std::move(job));
  if (state_->idle >= state_->jobs.size()) {
    state_->job_come.notify_one();
  } else if (state_->threads.size() < state_->most) {
    state_->threads.emplace_back([state = state_] { state->work(); });
  }
}

}  // namespace thalweg::models
