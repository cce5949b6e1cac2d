#include "documents/stages.h"

namespace thalweg::documents {

void register_stages(Catalog& catalog) {
  add_read_documents(catalog);
  add_passages(catalog);
  add_extract(catalog);
}

}  // namespace thalweg::documents
