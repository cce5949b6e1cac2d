#include "base/machine.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace thalweg {

namespace fs = std::filesystem;

namespace {

std::optional<std::int64_t> number_in(const std::string& path) {
  std::ifstream file(path);
  std::int64_t number = 0;
  if (!(file >> number)) return std::nullopt;
  return number;
}

// The number behind a name in a file of lines "name number ...", 0 where there is none.
std::uint64_t number_of(const std::string& path, std::string_view name) {
  std::ifstream lines(path);
  std::uint64_t number = 0;
  for (std::string line, word; std::getline(lines, line);) {
    std::istringstream words(line);
    if (words >> word && word == name && words >> number) return number;
  }
  return 0;
}

// Folders of this process's control group and of all around it, whose limits hold too.
std::vector<std::string> control_groups(const std::string& root) {
  std::vector<std::string> folders;
  std::ifstream groups(root + "/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    if (!line.starts_with("0::")) continue;
    for (fs::path group = line.substr(3);; group = group.parent_path()) {
      folders.push_back(root + "/sys/fs/cgroup" + group.string());
      if (group == group.parent_path()) break;
    }
  }
  return folders;
}

// Nothing when it is "max".
std::optional<std::uint64_t> memory_limit(const std::string& group) {
  const auto limit = number_in(group + "/memory.max");
  return limit ? std::optional(static_cast<std::uint64_t>(std::max<std::int64_t>(*limit, 0))) : std::nullopt;
}

}  // namespace

std::string processor_name() {
  std::ifstream facts("/proc/cpuinfo");
  for (std::string line; std::getline(facts, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

std::uint64_t usable_memory(const std::string& root) {
  const auto pages = static_cast<std::uint64_t>(std::max(::sysconf(_SC_PHYS_PAGES), 0L));
  std::uint64_t least = pages * static_cast<std::uint64_t>(std::max(::sysconf(_SC_PAGESIZE), 0L));
  for (const std::string& group : control_groups(root)) least = std::min(least, memory_limit(group).value_or(UINT64_MAX));
  return least;
}

std::uint64_t available_memory(const std::string& root) {
  std::uint64_t least = UINT64_MAX;
  if (const std::uint64_t kibibytes = number_of(root + "/proc/meminfo", "MemAvailable:"); kibibytes > 0) least = kibibytes * 1024;
  for (const std::string& group : control_groups(root)) {
    const auto limit = memory_limit(group);
    const auto current = number_in(group + "/memory.current");
    if (!limit || !current) continue;
    const std::string facts = group + "/memory.stat";
    const std::uint64_t files = number_of(facts, "inactive_file") + number_of(facts, "active_file");
    const auto all = static_cast<std::uint64_t>(*current);
    const std::uint64_t used = all - std::min(all, files);
    least = std::min(least, *limit - std::min(*limit, used));
  }
  return least;
}

std::uint64_t peak_memory() noexcept {
  rusage used{};
  return ::getrusage(RUSAGE_SELF, &used) == 0 ? static_cast<std::uint64_t>(used.ru_maxrss) * 1024 : 0;
}

EnergyMeter::EnergyMeter(const std::string& root) {
  std::error_code problem;
  const std::string folder = root + "/sys/class/powercap";
  for (fs::directory_iterator zone(folder, problem), end; !problem && zone != end; zone.increment(problem)) {
    const std::string name = zone->path().filename().string();
    // "intel-rapl:0" is a package; its parts ("intel-rapl:0:0") are in it already. AMD's are named alike.
    if (!name.starts_with("intel-rapl:") || std::ranges::count(name, ':') != 1) continue;
    const std::string file = zone->path().string() + "/energy_uj";
    const auto begin = number_in(file);
    const auto range = number_in(zone->path().string() + "/max_energy_range_uj");
    if (begin && range) counters_.push_back({file, *begin, *range});
  }
}

std::optional<std::int64_t> EnergyMeter::microjoules() const {
  if (counters_.empty()) return std::nullopt;
  std::int64_t total = 0;
  for (const Counter& counter : counters_) {
    const auto now = number_in(counter.file);
    if (!now) return std::nullopt;
    total += *now - counter.begin + (*now < counter.begin ? counter.range : 0);
  }
  return total;
}

}  // namespace thalweg
