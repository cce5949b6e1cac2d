#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
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

using Seen = std::set<std::pair<dev_t, ino_t>>;

// What a folder holds, links behind the rest: a file has its own name before a link's.
Result<std::vector<fs::directory_entry>> entries_of(const fs::path& folder) {
  std::error_code problem;
  std::vector<fs::directory_entry> entries;
  for (fs::directory_iterator at(folder, problem); !problem && at != fs::directory_iterator(); at.increment(problem)) {
    entries.push_back(*at);
  }
  if (problem) return std::unexpected(system_error(problem.value(), "look into " + folder.string()));
  const auto is_link = [](const fs::directory_entry& entry) {
    std::error_code unknown;
    return entry.is_symlink(unknown);
  };
  std::ranges::sort(entries, {}, [&](const fs::directory_entry& entry) { return std::pair(is_link(entry), entry.path()); });
  return entries;
}

// Level by level, so that what is met a second time is met on a longer way.
Result<> find_below(const fs::path& root, const FindOptions& options, Seen& seen, std::vector<std::string>& found) {
  std::vector<fs::path> level{root};
  while (!level.empty()) {
    std::vector<fs::path> next;
    for (const fs::path& folder : level) {
      for (const fs::directory_entry& entry : TRY(entries_of(folder))) {
        struct stat info{};
        if (::stat(entry.path().c_str(), &info) != 0) continue;
        const std::string path = entry.path().lexically_normal().string();
        const bool is_folder = S_ISDIR(info.st_mode);
        if (!is_folder && !(S_ISREG(info.st_mode) && wanted(path, options))) continue;
        if (!seen.emplace(info.st_dev, info.st_ino).second) continue;
        if (is_folder) {
          next.push_back(entry.path());
        } else {
          found.push_back(path);
        }
      }
    }
    level = std::move(next);
  }
  return {};
}

}  // namespace

bool matches(std::string_view pattern, std::string_view path) {
  if (!pattern.contains('/')) return matches_here(pattern, path.substr(path.rfind('/') + 1));
  if (pattern.starts_with('/') || pattern.starts_with("**")) return matches_here(pattern, path);
  return matches_here(std::string("**/") += pattern, path);
}

Result<std::vector<std::string>> find_files(const std::vector<std::string>& folders, const FindOptions& options) {
  Seen seen;
  std::vector<std::string> found;
  for (const std::string& folder : folders) {
    struct stat info{};
    if (::stat(folder.c_str(), &info) != 0) {
      if (errno == ENOENT) return fail(Code::not_found, "there is no file or folder {}", folder);
      return std::unexpected(system_error(errno, "look into " + folder));
    }
    const bool is_new = seen.emplace(info.st_dev, info.st_ino).second;
    if (is_new && S_ISREG(info.st_mode)) found.push_back(folder);
    if (is_new && S_ISDIR(info.st_mode)) TRY(find_below(folder, options, seen, found));
  }
  std::ranges::sort(found);
  if (found.empty()) {
    return fail(Code::invalid_argument, "no documents in {}: looked for {}", fmt::join(folders, ", "),
                options.patterns.empty() ? "HTML, Markdown and text files, gzipped or not"
                                         : fmt::format("{}", fmt::join(options.patterns, ", ")));
  }
  return found;
}

}  // namespace thalweg::documents
