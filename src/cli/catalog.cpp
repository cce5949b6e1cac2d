#include "cli/catalog.h"

#include "documents/stages.h"
#include "index/stages.h"
#include "stages/stages.h"

namespace thalweg::cli {

Catalog make_catalog() {
  Catalog catalog;
  stages::register_stages(catalog);
  index::register_stages(catalog);
  documents::register_stages(catalog);
  return catalog;
}

}  // namespace thalweg::cli
