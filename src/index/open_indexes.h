#pragma once
// Indexes that stay open between calls.

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "index/folder.h"
#include "index/passage_index.h"
#include "models/models.h"

namespace thalweg::index {

/// The indexes asked lately, open for as long as they are on the disk what they were. Thread-safe.
class OpenIndexes {
 public:
  [[nodiscard]] Result<std::shared_ptr<const PassageIndex>> open(const std::string& folder);
  /// Also that the model of its vectors is the one they were made with. Errors: failed_precondition, those of the model.
  [[nodiscard]] Result<> check_model(const PassageIndex& index, models::Models& models);

 private:
  struct Opened {
    std::optional<CommitMark> commit;
    std::shared_ptr<const PassageIndex> index;
    bool checked = false;
  };
  std::mutex mutex_;
  std::map<std::string, Opened> opened_;
};

}  // namespace thalweg::index
