#include "scoring/stages.h"

namespace thalweg::scoring {

void register_stages(Catalog& catalog, const ModelSource& source) {
  add_score(catalog, source);
  add_collect(catalog);
}

}  // namespace thalweg::scoring
