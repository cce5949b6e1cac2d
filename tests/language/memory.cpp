#include "models/memory.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <fstream>

namespace thalweg::models {

TEST_CASE("memory left: the machine's, or what the control group leaves of its limit") {
  std::string name = (std::filesystem::temp_directory_path() / "thalweg-XXXXXX").string();
  const std::filesystem::path root = ::mkdtemp(name.data());
  const auto write = [&](const std::string& file, const std::string& text) {
    std::filesystem::create_directories((root / file).parent_path());
    std::ofstream(root / file) << text;
  };
  CHECK(available_memory(root) == UINT64_MAX);
  write("proc/meminfo", "MemTotal:       16000 kB\nMemFree:         2000 kB\nMemAvailable:    8000 kB\n");
  CHECK(available_memory(root) == 8'192'000);
  write("proc/self/cgroup", "0::/jobs/one\n");
  write("sys/fs/cgroup/jobs/one/memory.max", "max\n");
  write("sys/fs/cgroup/jobs/one/memory.current", "1000\n");
  CHECK(available_memory(root) == 8'192'000);
  write("sys/fs/cgroup/jobs/one/memory.max", "5000\n");
  CHECK(available_memory(root) == 4'000);
  write("sys/fs/cgroup/jobs/one/memory.current", "9000\n");
  CHECK(available_memory(root) == 0);
  std::filesystem::remove_all(root);
  CHECK(available_memory() > 0);
}

}  // namespace thalweg::models
