#pragma once
// The built-in flow and data stages: one file each, registered by one line in stages.cpp.

#include "engine/stage.h"

namespace thalweg::stages {

/// Adds all stages of this folder.
void register_stages(Catalog& catalog);

void add_assert(Catalog& catalog);
void add_batch(Catalog& catalog);
void add_call(Catalog& catalog);
void add_chunk(Catalog& catalog);
void add_circuit_breaker(Catalog& catalog);
void add_debounce(Catalog& catalog);
void add_delay(Catalog& catalog);
void add_fail(Catalog& catalog);
void add_filter(Catalog& catalog);
void add_flatten(Catalog& catalog);
void add_for_each(Catalog& catalog);
void add_group(Catalog& catalog);
void add_log(Catalog& catalog);
void add_map(Catalog& catalog);
void add_merge(Catalog& catalog);
void add_rate_limit(Catalog& catalog);
void add_reduce(Catalog& catalog);
void add_select(Catalog& catalog);
void add_set(Catalog& catalog);
void add_sort(Catalog& catalog);
void add_switch(Catalog& catalog);
void add_template(Catalog& catalog);
void add_try(Catalog& catalog);
void add_unique(Catalog& catalog);
void add_unwrap(Catalog& catalog);
void add_validate(Catalog& catalog);
void add_window(Catalog& catalog);

}  // namespace thalweg::stages
