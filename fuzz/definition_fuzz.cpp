// Any text is a plan or an error with a place; a plan made again from the tree's JSON has the same fingerprint.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "engine/explain.h"
#include "engine/plan.h"
#include "stages/stages.h"
#include "thalweg/json.h"

using namespace thalweg;

// libfyaml 0.7.12 forgets one buffer when some malformed texts end inside a quoted scalar.
extern "C" const char* __lsan_default_suppressions() { return "leak:fy_atom_iter_grow_chunk\n"; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Catalog catalog = [] {
    Catalog made;
    stages::register_stages(made);
    return made;
  }();
  const CompileOptions options{.catalog = &catalog, .load = {}};
  const auto definition = parse_definition("f", std::string(reinterpret_cast<const char*>(data), size));
  if (!definition) return definition.error().message().starts_with("f:") ? 0 : (std::abort(), 0);
  const auto plan = compile_plan(*definition, options);
  if (!plan) return plan.error().message().starts_with("f:") ? 0 : (std::abort(), 0);
  if (explain_text(**plan).empty() || graph_mermaid(**plan).empty()) std::abort();
  const auto json = to_json(definition->root.to_value());
  if (!json) return 0;  // infinities
  const auto again = parse_definition("f", *json);
  if (!again) std::abort();
  const auto second = compile_plan(*again, options);
  if (!second || (*second)->fingerprint != (*plan)->fingerprint) std::abort();
  return 0;
}
