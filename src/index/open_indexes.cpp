#include "index/open_indexes.h"

namespace thalweg::index {

namespace {

constexpr std::size_t kMost = 8;

}  // namespace

Result<std::shared_ptr<const PassageIndex>> OpenIndexes::open(const std::string& folder) {
  const std::optional<CommitMark> now = last_commit(folder);
  {
    const std::lock_guard lock(mutex_);
    const auto known = opened_.find(folder);
    if (known != opened_.end() && now && known->second.commit == now) return known->second.index;
  }
  auto index = std::make_shared<const PassageIndex>(TRY(PassageIndex::open(folder)));
  const std::lock_guard lock(mutex_);
  if (opened_.size() >= kMost) opened_.clear();
  opened_[folder] = {now, index};
  return index;
}

Result<> OpenIndexes::check_model(const PassageIndex& index, models::Models& models) {
  {
    const std::lock_guard lock(mutex_);
    const auto known = opened_.find(index.folder());
    if (known != opened_.end() && known->second.index.get() == &index && known->second.checked) return {};
  }
  const VectorModel& model = *index.model();
  const std::string identity = TRY(models.identity(model.name));
  if (identity != model.identity) {
    return fail(Code::failed_precondition,
                "the vectors of the index at {} were made by another model '{}' than the one there is now; {}", index.folder(),
                model.name, index_again(index.folder()));
  }
  const std::lock_guard lock(mutex_);
  const auto known = opened_.find(index.folder());
  if (known != opened_.end() && known->second.index.get() == &index) known->second.checked = true;
  return {};
}

}  // namespace thalweg::index
