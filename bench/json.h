#pragma once

#include <string>
#include <utility>
#include <vector>

#include "bench/harness.h"

namespace thalweg::bench {

/// json.parse, json.print and utf8.check on each of the documents.
void bench_json(Report& report);

/// What values cost: copying, making, finding, changing.
void bench_value(Report& report);

/// The documents that JSON is measured on, by name: of several shapes, made here, the same every time.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> json_documents();

}  // namespace thalweg::bench
