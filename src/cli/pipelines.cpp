#include "cli/pipelines.h"

#include "engine/definition.h"

namespace thalweg::cli {

namespace fs = std::filesystem;

namespace {
const Shipped* find_shipped(std::string_view name) noexcept {
  for (const Shipped& shipped : shipped_pipelines()) {
    if (shipped.name == name) return &shipped;
  }
  return nullptr;
}

Error unknown(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Shipped& shipped : shipped_pipelines()) names.push_back(shipped.name);
  const std::string near = nearest(name, names);
  return {Code::not_found, near.empty()
                               ? fmt::format("no pipeline '{}': it is no file, and shipped are {}", name, fmt::join(names, ", "))
                               : fmt::format("no pipeline '{}'; did you mean '{}'?", name, near)};
}
}  // namespace

Result<std::shared_ptr<const Plan>> Pipelines::load(std::string_view name, const fs::path& folder) {
  const bool is_file = name.find_first_of("/.") != std::string_view::npos;
  std::error_code error;
  if (!is_file) {
    if (const Shipped* shipped = find_shipped(name)) {
      const std::string key = fmt::format("{} (shipped)", name);
      return compile(key, parse_definition(key, std::string(shipped->text)), folder);
    }
    if (!fs::exists(folder / name, error)) return std::unexpected(unknown(name));
  }
  const fs::path path = folder / name;
  const fs::path canonical = fs::weakly_canonical(path, error);
  return compile(error ? path.string() : canonical.string(), read_definition(path.string()), path.parent_path());
}

Result<std::shared_ptr<const Plan>> Pipelines::compile(std::string_view name, std::string text) {
  const Definition definition = TRY(parse_definition(name, std::move(text)));
  return compile_plan(definition, {.catalog = &catalog_, .load = [this](std::string_view called) { return load(called); }});
}

Result<std::shared_ptr<const Plan>> Pipelines::compile(const std::string& key, Result<Definition> definition, fs::path folder) {
  if (const auto found = made_.find(key); found != made_.end()) return found->second;
  if (const auto again = std::ranges::find(under_way_, key); again != under_way_.end()) {
    return fail(Code::invalid_argument, "pipelines call each other in a circle: {} -> {}",
                fmt::join(again, under_way_.end(), " -> "), key);
  }
  const Definition read = TRY(std::move(definition));
  under_way_.push_back(key);
  auto plan =
      compile_plan(read, {.catalog = &catalog_, .load = [this, &folder](std::string_view name) { return load(name, folder); }});
  under_way_.pop_back();
  if (plan) made_[key] = *plan;
  return plan;
}

}  // namespace thalweg::cli
