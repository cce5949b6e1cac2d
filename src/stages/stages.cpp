#include "stages/stages.h"

namespace thalweg::stages {

void register_stages(Catalog& catalog) {
  for (const auto add : {add_assert, add_call, add_chunk, add_delay, add_fail, add_filter, add_flatten, add_for_each, add_log,
                         add_map, add_merge, add_select, add_set, add_sort, add_switch, add_template, add_unique, add_validate}) {
    add(catalog);
  }
}

}  // namespace thalweg::stages
