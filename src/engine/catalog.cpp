#include <algorithm>

#include "engine/stage.h"

namespace thalweg {

void Catalog::add(Contract contract, Make make) {
  auto kind = std::make_unique<Kind>(Kind{std::move(contract), std::move(make)});
  const auto place = std::ranges::lower_bound(kinds_, std::string_view(kind->contract.name), {},
                                              [](const auto& known) { return std::string_view(known->contract.name); });
  if (place != kinds_.end() && (*place)->contract.name == kind->contract.name) {
    *place = std::move(kind);
  } else {
    kinds_.insert(place, std::move(kind));
  }
}

const Catalog::Kind* Catalog::find(std::string_view name) const noexcept {
  const auto found =
      std::ranges::lower_bound(kinds_, name, {}, [](const auto& known) { return std::string_view(known->contract.name); });
  if (found != kinds_.end() && (*found)->contract.name == name) return found->get();
  return below_ == nullptr ? nullptr : below_->find(name);
}

std::vector<std::string_view> Catalog::names() const {
  std::vector<std::string_view> names = below_ == nullptr ? std::vector<std::string_view>() : below_->names();
  for (const auto& kind : kinds_) names.push_back(kind->contract.name);
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  return names;
}

}  // namespace thalweg
