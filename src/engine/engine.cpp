#include "engine/engine.h"

#include <utility>

namespace thalweg {

Engine::~Engine() {
  while (free_runs_ != nullptr) std::unique_ptr<Run>(std::exchange(free_runs_, free_runs_->next_free)).reset();
  while (free_attempts_ != nullptr) std::unique_ptr<Attempt>(std::exchange(free_attempts_, free_attempts_->next_free)).reset();
}

Run& Engine::take_run() {
  Run* run = nullptr;
  {
    const std::lock_guard lock(pool_mutex_);
    run = free_runs_;
    if (run != nullptr) free_runs_ = run->next_free;
  }
  if (run == nullptr) run = std::make_unique<Run>().release();
  run->engine = shared_from_this();
  run->clock = &clock;
  return *run;
}

void Engine::give_back(Run& run) noexcept {
  const std::shared_ptr<Engine> self = std::move(run.engine);  // may be the last one
  const std::lock_guard lock(pool_mutex_);
  run.next_free = free_runs_;
  free_runs_ = &run;
}

Attempt& Engine::take_attempt() {
  {
    const std::lock_guard lock(pool_mutex_);
    if (free_attempts_ != nullptr) return *std::exchange(free_attempts_, free_attempts_->next_free);
  }
  return *std::make_unique<Attempt>().release();
}

void Engine::give_back(Attempt& attempt) noexcept {
  const std::lock_guard lock(pool_mutex_);
  attempt.next_free = free_attempts_;
  free_attempts_ = &attempt;
}

void Engine::post(Run& run) {
  {
    const std::lock_guard lock(mutex_);
    if (!ending_) {
      enqueue({&run, std::nullopt});
      return;
    }
  }
  run.hold();
  run.drive(true, cores.take_core());
  run.drop();
}

bool Engine::post_helper(Run& run, CoreBudget::Lease core) {
  const std::lock_guard lock(mutex_);
  if (ending_) return false;
  enqueue({&run, std::move(core)});
  return true;
}

void Engine::enqueue(Job job) {
  job.run->hold();
  posted_.fetch_add(1, std::memory_order_relaxed);
  jobs_.push_back(std::move(job));
  if (jobs_.size() > idle_ && threads_.size() < threads_wanted_) {
    threads_.emplace_back([this] { work(); });
  } else {
    job_come_.notify_one();
  }
}

void Engine::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    while (jobs_.empty() && !ending_) {
      ++idle_;
      job_come_.wait(lock);
      --idle_;
    }
    if (jobs_.empty()) return;
    Job job = std::move(jobs_.front());
    jobs_.erase(jobs_.begin());
    lock.unlock();
    const bool token = !job.core;
    job.run->drive(token, token ? cores.take_core() : std::move(*job.core));
    posted_.fetch_sub(1, std::memory_order_relaxed);
    job.run->drop();
    lock.lock();
  }
}

void Engine::deactivate() noexcept {
  if (active_.fetch_sub(1, std::memory_order_acq_rel) == 1 && somebody_waits_.load(std::memory_order_acquire)) {
    const std::lock_guard lock(mutex_);
    quiet_.notify_all();
  }
}

void Engine::run_ended() noexcept {
  if (runs_.fetch_sub(1, std::memory_order_acq_rel) == 1 && somebody_waits_.load(std::memory_order_acquire)) {
    const std::lock_guard lock(mutex_);
    quiet_.notify_all();
  }
}

void Engine::settle() {
  std::unique_lock lock(mutex_);
  somebody_waits_ = true;
  quiet_.wait(lock, [this] { return active_.load(std::memory_order_acquire) == 0; });
}

void Engine::close() {
  std::vector<std::thread> threads;
  {
    std::unique_lock lock(mutex_);
    somebody_waits_ = true;
    quiet_.wait(lock, [this] { return runs_.load(std::memory_order_acquire) == 0; });
    ending_ = true;
    threads.swap(threads_);
  }
  job_come_.notify_all();
  for (std::thread& thread : threads) thread.join();
}

}  // namespace thalweg
