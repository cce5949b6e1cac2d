#include "library/stage_types.h"

#include "documents/stages.h"
#include "index/stages.h"
#include "models/catalogue.h"
#include "models/local_models.h"
#include "models/stages.h"
#include "scoring/stages.h"
#include "stages/stages.h"
#include "thalweg/runtime.h"

namespace thalweg {

namespace library {

Catalog all_stage_types(const std::shared_ptr<models::Models>& models) {
  Catalog catalog;
  stages::register_stages(catalog);
  models::register_stages(catalog, models);
  scoring::register_stages(catalog, {.models = models, .folder = models::default_model_folder()});
  index::register_stages(catalog, models);
  documents::register_stages(catalog, models);
  return catalog;
}

}  // namespace library

StageTypes StageTypes::all() {
  const auto models = std::make_shared<models::LocalModels>();
  return StageTypes(std::make_shared<const Catalog>(library::all_stage_types(models)), models);
}

}  // namespace thalweg
