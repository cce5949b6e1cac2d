#pragma once
// What a Runtime holds.

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "engine/executor.h"
#include "engine/stage.h"
#include "thalweg/runtime.h"

namespace thalweg::detail {

struct RuntimeState {
  RuntimeState(std::unique_ptr<Clock> own, Clock* given, std::size_t threads, StageTypes types);

  /// Those of the runtime, then the functions by name; kept by every plan made with it.
  [[nodiscard]] Result<std::shared_ptr<Catalog>> catalog();
  /// already_exists when the name is that of a stage type or of another function; but several that capture may have one name in
  /// different pipelines, as each build of one code makes a new one.
  [[nodiscard]] Result<> check(const Function& function);
  [[nodiscard]] Result<> add(Function function);

  const std::unique_ptr<Clock> own_clock;
  Clock& clock;
  const StageTypes stages;
  std::atomic<std::uint64_t> unnamed = 0;  ///< functions without a name, or that capture, so far
  std::mutex mutex;
  std::map<std::string, Function, std::less<>> functions;  ///< guarded
  Executor executor;                                       // goes first: it waits for the runs
};

}  // namespace thalweg::detail
