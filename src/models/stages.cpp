#include "models/stages.h"

namespace thalweg::models {

void register_stages(Catalog& catalog, const std::shared_ptr<Models>& models) {
  for (const auto add : {add_classify, add_embed, add_generate, add_rerank, add_similarity}) add(catalog, models);
}

}  // namespace thalweg::models
