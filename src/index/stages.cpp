#include "index/stages.h"

namespace thalweg::index {

void register_stages(Catalog& catalog, const std::shared_ptr<models::Models>& models) {
  add_index(catalog, models);
  add_retrieve(catalog, models);
}

}  // namespace thalweg::index
