#include "scoring/stages.h"

namespace thalweg::scoring {

void register_stages(Catalog& catalog, const std::shared_ptr<models::Models>& models) {
  add_score(catalog, models);
  add_collect(catalog);
}

}  // namespace thalweg::scoring
