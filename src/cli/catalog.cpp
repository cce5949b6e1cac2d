#include "cli/catalog.h"

#include "library/stage_types.h"
#include "models/local_models.h"

namespace thalweg::cli {

Catalog make_catalog() { return make_catalog(std::make_shared<models::LocalModels>()); }

Catalog make_catalog(const std::shared_ptr<models::Models>& models) { return library::all_stage_types(models); }

}  // namespace thalweg::cli
