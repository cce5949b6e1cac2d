#include "models/memory.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <string>

namespace thalweg::models {

namespace {
namespace fs = std::filesystem;

std::optional<std::uint64_t> number_in(const fs::path& file) {
  std::uint64_t number = 0;
  if (std::ifstream stream(file); stream >> number) return number;
  return std::nullopt;  // also for "max"
}

// The group's own limit; its parents' count as well, but a container sees only its own.
std::optional<std::uint64_t> left_in_group(const fs::path& root) {
  std::ifstream groups(root / "proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    if (!line.starts_with("0::/")) continue;
    for (const fs::path& path : {fs::path(line.substr(4)), fs::path()}) {
      const fs::path group = root / "sys/fs/cgroup" / path;
      const auto most = number_in(group / "memory.max"), used = number_in(group / "memory.current");
      if (most && used) return *most - std::min(*most, *used);
    }
  }
  return std::nullopt;
}
}  // namespace

std::uint64_t available_memory(const fs::path& root) {
  std::uint64_t least = UINT64_MAX;
  std::ifstream lines(root / "proc/meminfo");
  for (std::string name; lines >> name;) {
    std::uint64_t kibibytes = 0;
    if (name == "MemAvailable:" && lines >> kibibytes) least = kibibytes * 1024;
  }
  return std::min(least, left_in_group(root).value_or(UINT64_MAX));
}

}  // namespace thalweg::models
