#include "base/cores.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <fstream>
#include <list>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

namespace thalweg {

namespace {

namespace fs = std::filesystem;

// v2: "200000 100000" or "max 100000" in one file. v1: quota (-1 for none) and period in two.
std::optional<double> quota_in(const fs::path& folder) {
  std::string quota;
  double period = 0;
  if (std::ifstream both(folder / "cpu.max"); both >> quota >> period) {
  } else if (std::ifstream v1_quota(folder / "cpu.cfs_quota_us"), v1_period(folder / "cpu.cfs_period_us");
             v1_quota >> quota && v1_period >> period) {
  } else {
    return std::nullopt;
  }
  if (quota == "max" || quota.starts_with('-') || period <= 0) return std::nullopt;
  return std::strtod(quota.c_str(), nullptr) / period;
}

std::optional<double> least(std::optional<double> a, std::optional<double> b) { return a && b ? std::min(*a, *b) : a ? a : b; }

// Where the controller is mounted for the group named in a line "ID:CONTROLLERS:/PATH" of /proc/self/cgroup.
std::optional<fs::path> mount_of(const std::string& controllers) {
  if (controllers.empty()) return "sys/fs/cgroup";
  if (("," + controllers + ",").find(",cpu,") != std::string::npos) return fs::path("sys/fs/cgroup") / controllers;
  return std::nullopt;
}

std::size_t affinity() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0) return static_cast<std::size_t>(CPU_COUNT(&allowed));
  return std::thread::hardware_concurrency();
}

}  // namespace

std::optional<double> core_quota(const fs::path& root) {
  std::optional<double> found;
  std::ifstream groups(root / "proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const auto mount = mount_of(line.substr(first + 1, second - first - 1));
    if (!mount) continue;
    // In a container the path may be that of the host and not be there; then the mount itself is the group.
    for (fs::path group = fs::path(line.substr(second + 1)).relative_path();; group = group.parent_path()) {
      found = least(found, quota_in(root / *mount / group));
      if (group.empty()) break;
    }
  }
  return found;
}

std::size_t usable_cores(std::size_t asked, const fs::path& root) {
  std::size_t cores = affinity();
  if (const auto quota = core_quota(root)) cores = std::min(cores, static_cast<std::size_t>(std::ceil(*quota)));
  if (asked > 0) cores = std::min(cores, asked);
  return std::max<std::size_t>(cores, 1);
}

struct CoreBudget::State {
  struct Waiting {
    std::size_t wanted;
    std::size_t granted = 0;
    bool ended = false;
    std::condition_variable changed;
  };

  std::mutex mutex;
  std::size_t cores;
  std::atomic<std::ptrdiff_t> free;  // changed under the mutex; below 0: overdrawn
  std::list<std::shared_ptr<Waiting>> line;

  std::size_t take(std::size_t wanted) {
    const std::size_t taken = std::min(std::max<std::size_t>(wanted, 1), static_cast<std::size_t>(free.load()));
    free -= static_cast<std::ptrdiff_t>(taken);
    return taken;
  }
  void give_back(std::size_t count) {
    const std::lock_guard lock(mutex);
    free += static_cast<std::ptrdiff_t>(count);
    for (; free > 0 && !line.empty(); line.pop_front()) {
      line.front()->granted = take(line.front()->wanted);
      line.front()->changed.notify_one();
    }
  }
  void end(Waiting& waiting) {
    const std::lock_guard lock(mutex);
    waiting.ended = true;
    waiting.changed.notify_one();
  }
};

CoreBudget::Lease::~Lease() {
  if (state_ && cores_ > 0) state_->give_back(cores_);
}

CoreBudget::CoreBudget(std::size_t cores) : state_(std::make_shared<State>()) {
  state_->cores = cores;
  state_->free = static_cast<std::ptrdiff_t>(cores);
}

std::optional<CoreBudget::Lease> CoreBudget::try_lease(std::size_t wanted) {
  const std::lock_guard lock(state_->mutex);
  if (state_->free <= 0 || !state_->line.empty()) return std::nullopt;
  return Lease(state_, state_->take(wanted));
}

CoreBudget::Lease CoreBudget::take_core() {
  const std::lock_guard lock(state_->mutex);
  --state_->free;
  return {state_, 1};
}

bool CoreBudget::overdrawn() const noexcept { return state_->free.load(std::memory_order_relaxed) < 0; }

Result<CoreBudget::Lease> CoreBudget::lease(std::size_t wanted, const Context& context) {
  TRY(context.check());
  const auto waiting = std::make_shared<State::Waiting>();
  waiting->wanted = wanted;
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->free > 0 && state_->line.empty()) return Lease(state_, state_->take(wanted));
    state_->line.push_back(waiting);
  }
  const auto wake = [state = state_, waiting] { state->end(*waiting); };
  const std::stop_callback on_stop(context.stop(), wake);
  const bool timed = context.deadline() != kNever;
  const TimerId timer = timed ? context.clock().at(context.deadline(), wake) : TimerId{0};
  {
    std::unique_lock lock(state_->mutex);
    waiting->changed.wait(lock, [&] { return waiting->granted > 0 || waiting->ended; });
    if (waiting->granted == 0) state_->line.remove(waiting);
  }
  if (timed) context.clock().cancel(timer);
  if (waiting->granted > 0) return Lease(state_, waiting->granted);
  const auto why = context.check();
  return fail(why ? Code::unavailable : why.error().code(), "{} while waiting for one of {} cores, all in use",
              why ? "woken" : why.error().message(), state_->cores);
}

std::size_t CoreBudget::cores() const noexcept { return state_->cores; }

std::size_t CoreBudget::free() const {
  const std::lock_guard lock(state_->mutex);
  return static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, state_->free));
}

std::size_t CoreBudget::waiting() const {
  const std::lock_guard lock(state_->mutex);
  return state_->line.size();
}

}  // namespace thalweg
