#include "documents/stages.h"

namespace thalweg::documents {

void register_stages(Catalog& catalog, const std::shared_ptr<models::Models>& models) {
  add_read_documents(catalog);
  add_passages(catalog);
  add_extract(catalog, models);
  add_grounding(catalog);
}

}  // namespace thalweg::documents
