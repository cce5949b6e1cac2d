#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "documents/reader.h"

namespace thalweg::documents {

namespace fs = std::filesystem;

namespace {

constexpr auto kEndings = std::to_array<std::string_view>({".html", ".htm", ".xhtml", ".md", ".markdown", ".txt"});
// What generators put beside a manual: sources, search pages, alphabetical indexes.
constexpr auto kGenerated = std::to_array<std::string_view>(
    {"**/_sources/**", "**/_static/**", "genindex*.html", "search.html", "py-modindex.html", "changelog*", "robots.txt"});

bool matches_here(std::string_view pattern, std::string_view path) {
  // The usual two-pointer match with one restart per star; ** restarts reach over folders.
  std::size_t p = 0;
  std::size_t s = 0;
  std::size_t star = std::string_view::npos;
  std::size_t restart = 0;
  std::size_t deep = std::string_view::npos;
  std::size_t deep_restart = 0;
  while (s < path.size()) {
    if (pattern.substr(p, 2) == "**") {
      p += pattern.substr(p, 3) == "**/" ? 3 : 2;  // **/ also stands for no folder at all
      deep = p;
      deep_restart = s;
      star = std::string_view::npos;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      restart = s;
    } else if (p < pattern.size() && (pattern[p] == path[s] || (pattern[p] == '?' && path[s] != '/'))) {
      ++p;
      ++s;
    } else if (star != std::string_view::npos && path[restart] != '/') {
      p = star;
      s = ++restart;
    } else if (deep != std::string_view::npos) {
      p = deep;
      s = ++deep_restart;
      star = std::string_view::npos;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool readable_name(std::string_view name) {
  std::string lower(name);
  std::ranges::transform(lower, lower.begin(), [](char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c); });
  if (lower.ends_with(".gz")) lower.resize(lower.size() - 3);
  return std::ranges::any_of(kEndings, [&](std::string_view ending) { return lower.ends_with(ending); });
}

// manual.txt.gz -> manual.html, when that is there (a file or a folder).
bool has_html_twin(const fs::path& path) {
  fs::path stem = path;
  if (stem.extension() == ".gz") stem.replace_extension();
  if (stem.extension() == ".html" || stem.extension() == ".htm" || stem.extension() == ".xhtml") return false;
  std::error_code ignored;
  return fs::exists(stem.replace_extension(".html"), ignored);
}

bool wanted(const std::string& path, const FindOptions& options) {
  const auto any = [&](const auto& patterns) {
    return std::ranges::any_of(patterns, [&](std::string_view pattern) { return matches(pattern, path); });
  };
  if (any(options.exclude)) return false;
  if (!options.patterns.empty()) return any(options.patterns);
  return readable_name(fs::path(path).filename().string()) && !any(kGenerated) && !has_html_twin(path);
}

}  // namespace

bool matches(std::string_view pattern, std::string_view path) {
  if (!pattern.contains('/')) return matches_here(pattern, path.substr(path.rfind('/') + 1));
  if (pattern.starts_with('/') || pattern.starts_with("**")) return matches_here(pattern, path);
  return matches_here(std::string("**/") += pattern, path);
}

Result<std::vector<std::string>> find_files(const std::vector<std::string>& folders, const FindOptions& options) {
  std::vector<std::string> found;
  for (const std::string& folder : folders) {
    std::error_code problem;
    const fs::file_status status = fs::status(folder, problem);
    if (status.type() == fs::file_type::not_found) return fail(Code::not_found, "there is no file or folder {}", folder);
    if (problem) return std::unexpected(system_error(problem.value(), "look into " + folder));
    if (fs::is_regular_file(status)) {
      found.push_back(folder);
      continue;
    }
    fs::recursive_directory_iterator walk(folder, fs::directory_options::follow_directory_symlink, problem);
    for (; !problem && walk != fs::recursive_directory_iterator(); walk.increment(problem)) {
      if (walk.depth() > 64) walk.disable_recursion_pending();  // a circle of symbolic links
      std::error_code unreadable;
      const std::string path = walk->path().lexically_normal().string();
      if (walk->is_regular_file(unreadable) && wanted(path, options)) found.push_back(path);
    }
    if (problem) return std::unexpected(system_error(problem.value(), "look into " + folder));
  }
  std::ranges::sort(found);
  std::set<std::pair<dev_t, ino_t>> seen;
  std::erase_if(found, [&](const std::string& path) {
    struct stat info{};
    return ::stat(path.c_str(), &info) == 0 && !seen.emplace(info.st_dev, info.st_ino).second;
  });
  if (found.empty()) {
    return fail(Code::invalid_argument, "no documents in {}: looked for {}", fmt::join(folders, ", "),
                options.patterns.empty() ? "HTML, Markdown and text files, gzipped or not"
                                         : fmt::format("{}", fmt::join(options.patterns, ", ")));
  }
  return found;
}

}  // namespace thalweg::documents
