#pragma once
// How many threads OpenVINO may use in this process.

#include <cstddef>
#include <memory>

namespace thalweg::openvino {

/// While this lives, its run may use `cores` threads, the calling one included. OpenVINO's threads are TBB's, which serve all
/// runs of the process: together they get what all runs together were given.
///
/// The alternative, a network compiled for each number of threads, would hold its weights that many times. How a run is cut into
/// parts depends on the number it was compiled for only, so that the numbers of threads that work on them changes no result.
class Workers {
 public:
  explicit Workers(std::size_t cores);
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers();

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
  std::size_t helpers_;
};

}  // namespace thalweg::openvino
