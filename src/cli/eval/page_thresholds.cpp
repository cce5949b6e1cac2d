// Thresholds that 'eval threshold' wrote, for a page that decides by them.

#include "cli/eval/page.h"
#include "cli/eval/source.h"
#include "scoring/shipped.h"
#include "thalweg/json.h"

namespace thalweg::cli {

Result<> ChosenThresholds::add(const std::string& path) {
  const std::string text = TRY(as_usage(scoring::read_named_file(path)));
  const auto told = parse_json(text);
  if (!told) return std::unexpected(told.error().at(path));
  const Value* const one = told->find("threshold");
  const Value* const all = told->find("label_thresholds");
  if (one != nullptr && one->is_number()) {
    overall = one->as_number();
  } else if (all != nullptr && all->is_map()) {
    for (const Entry& entry : all->entries()) {
      if (!entry.value.is_number()) return fail(Code::invalid_argument, "'{}' holds a threshold that is no number", path);
      labels.insert_or_assign(std::string(entry.key.as_string()), entry.value.as_number());
    }
  } else {
    return fail(Code::invalid_argument, "'{}' holds no thresholds; 'thalweg eval threshold -o FILE' writes them", path);
  }
  return {};
}

}  // namespace thalweg::cli
