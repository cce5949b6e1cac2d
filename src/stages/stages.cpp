#include "stages/stages.h"

namespace thalweg::stages {

void register_stages(Catalog& catalog) {
  for (const auto add : {add_assert,     add_batch,    add_call,   add_chunk,  add_circuit_breaker,
                         add_debounce,   add_delay,    add_fail,   add_filter, add_flatten,
                         add_for_each,   add_group,    add_log,    add_map,    add_merge,
                         add_rate_limit, add_reduce,   add_select, add_set,    add_sort,
                         add_switch,     add_template, add_try,    add_unique, add_unwrap,
                         add_validate,   add_window}) {
    add(catalog);
  }
}

}  // namespace thalweg::stages
