#include "cli/catalog.h"

#include "documents/stages.h"
#include "index/stages.h"
#include "models/local_models.h"
#include "models/stages.h"
#include "scoring/stages.h"
#include "stages/stages.h"

namespace thalweg::cli {

Catalog make_catalog() { return make_catalog(std::make_shared<models::LocalModels>()); }

Catalog make_catalog(const std::shared_ptr<models::Models>& models) {
  Catalog catalog;
  stages::register_stages(catalog);
  models::register_stages(catalog, models);
  scoring::register_stages(catalog, models);
  index::register_stages(catalog, models);
  documents::register_stages(catalog, models);
  return catalog;
}

}  // namespace thalweg::cli
