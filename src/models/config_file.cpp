#include "models/config_file.h"

#include "models/mapped_file.h"
#include "thalweg/json.h"

namespace thalweg::models {

Result<ConfigFile> ConfigFile::open(const std::filesystem::path& path) {
  const MappedFile file = TRY(MappedFile::open(path.string()));
  auto root = parse_json(file.text(), {.max_depth = 64, .max_bytes = std::size_t{16} << 20});
  if (!root) return fail(Code::data_loss, "{} is damaged: {}", path.string(), root.error().message());
  if (!root->is_map() && !root->is_list())
    return fail(Code::data_loss, "{} is damaged: it holds neither a map nor a list", path.string());
  return ConfigFile(path.string(), std::move(*root));
}

Result<std::optional<std::string>> ConfigFile::text(std::string_view field) const {
  const Value* const found = value(field);
  if (found == nullptr || found->is_null()) return std::nullopt;
  if (!found->is_string()) return fail(Code::data_loss, "{}: {} must be a string", path_, field);
  return std::string(found->as_string());
}

Result<std::optional<double>> ConfigFile::number(std::string_view field) const {
  const Value* const found = value(field);
  if (found == nullptr || found->is_null()) return std::nullopt;
  if (!found->is_number()) return fail(Code::data_loss, "{}: {} must be a number", path_, field);
  return found->as_number();
}

Result<std::size_t> ConfigFile::count(std::string_view field, std::int64_t least, std::int64_t most) const {
  const Value* const found = value(field);
  if (found == nullptr || !found->is_int() || found->as_int() < least || found->as_int() > most) {
    return fail(Code::data_loss, "{}: {} must be a whole number from {} to {}", path_, field, least, most);
  }
  return static_cast<std::size_t>(found->as_int());
}

}  // namespace thalweg::models
