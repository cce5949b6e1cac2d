#include "models/openvino/workers.h"

#include <tbb/global_control.h>

#include <mutex>
#include <optional>

namespace thalweg::openvino {

struct Workers::Shared {
  std::mutex mutex;
  std::size_t helpers = 0;
  std::optional<tbb::global_control> limit;
  std::size_t allowed = 0;  // by `limit`

  // Called with the mutex held. The limit counts one calling thread, however many there are. TBB takes its time over a new one.
  void apply() {
    if (limit && allowed == helpers + 1) return;
    allowed = helpers + 1;
    limit.reset();
    limit.emplace(tbb::global_control::max_allowed_parallelism, allowed);
  }

  // TBB's threads are one set for the whole process, and so is what they were given.
  static std::shared_ptr<Shared> of_process() {
    static std::mutex mutex;
    static std::weak_ptr<Shared> kept;
    const std::lock_guard lock(mutex);
    auto found = kept.lock();
    if (found == nullptr) kept = found = std::make_shared<Shared>();
    return found;
  }
};

Workers::Workers(std::size_t cores) : shared_(Shared::of_process()), helpers_(cores - 1) {
  const std::lock_guard lock(shared_->mutex);
  shared_->helpers += helpers_;
  shared_->apply();
}

Workers::~Workers() {
  const std::lock_guard lock(shared_->mutex);
  shared_->helpers -= helpers_;
  if (shared_->helpers > 0) shared_->apply();
}

}  // namespace thalweg::openvino
