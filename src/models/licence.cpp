#include "models/licence.h"

#include <filesystem>
#include <string_view>

#include "base/printable.h"
#include "base/utf8.h"
#include "models/gguf.h"
#include "models/mapped_file.h"

namespace thalweg::models {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kLongest = 100;

std::string_view trimmed(std::string_view text) {
  const std::size_t from = text.find_first_not_of(" \t\r\"'");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t\r\"'") - from + 1);
}

// YAML between two lines of ---; of it only a text on the line of its own key.
std::string_view in_front_matter(std::string_view text) {
  const auto line = [&text] {
    const std::size_t end = text.find('\n');
    const std::string_view found = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return found;
  };
  if (trimmed(line()) != "---") return {};
  while (!text.empty()) {
    const std::string_view one = line();
    constexpr std::string_view kKey = "license:";
    if (trimmed(one) == "---") return {};
    if (one.starts_with(kKey)) return trimmed(one.substr(kKey.size()));
  }
  return {};
}

}  // namespace

std::string licence_in(const std::string& path) {
  std::error_code ignored;
  const fs::path given = fs::path(path).lexically_normal();
  const bool gguf = given.extension() == ".gguf";
  const fs::path folder = fs::is_directory(given, ignored) ? given : given.parent_path();
  const auto file = MappedFile::open(gguf ? path : (folder / "README.md").string());
  if (!file) return {};
  const auto told = [](std::string_view text) { return printable_line(utf8::cut(utf8::well_formed(text), kLongest)); };
  if (!gguf) return told(in_front_matter(file->text()));
  const auto header = read_gguf(file->text());
  return header ? told(header->text("general.license")) : std::string();
}

}  // namespace thalweg::models
