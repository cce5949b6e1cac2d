#include "scoring/shipped.h"

#include <cerrno>
#include <fstream>
#include <iterator>

#include "base/error.h"

namespace thalweg::scoring {

std::optional<std::string_view> shipped(std::string_view name) noexcept {
  for (const ShippedFile& file : shipped_files()) {
    if (file.name == name) return file.text;
  }
  return std::nullopt;
}

std::optional<std::string_view> shipped_config(std::string_view name) {
  if (name.find_first_of("./") != std::string_view::npos) return std::nullopt;
  return shipped(fmt::format("{}.yaml", name));
}

Result<std::string> read_named_file(const std::string& path) {
  constexpr std::string_view kPrefix = "shipped:";
  if (path.starts_with(kPrefix)) {
    const auto text = shipped(std::string_view(path).substr(kPrefix.size()));
    if (!text) return fail(Code::not_found, "there is no shipped file '{}'", path.substr(kPrefix.size()));
    return std::string(*text);
  }
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) return std::unexpected(system_error(errno, "read " + path));
  return text;
}

}  // namespace thalweg::scoring
