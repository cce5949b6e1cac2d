#include "base/machine.h"

#include <doctest/doctest.h>

#include "base/error.h"
#include "scratch.h"

using namespace thalweg;

namespace {

namespace fs = std::filesystem;

}  // namespace

TEST_CASE("memory: the least of the machine's and of the control groups' around") {
  const Scratch root;  // a made-up machine's files
  const std::uint64_t all = usable_memory(root.path());
  CHECK(all > 100'000'000);
  root.write("proc/self/cgroup", "0::/user/one\n");
  root.write("sys/fs/cgroup/user/one/memory.max", "max\n");
  CHECK(usable_memory(root.path()) == all);
  root.write("sys/fs/cgroup/user/memory.max", "50000000\n");
  CHECK(usable_memory(root.path()) == 50'000'000);
  CHECK(peak_memory() > 1'000'000);
}

TEST_CASE("memory left: the least that the machine and the control groups around leave, pages of files not counted as used") {
  const Scratch root;
  const auto left = [&] { return available_memory(root.path()); };
  CHECK(left() == UINT64_MAX);
  root.write("proc/meminfo", "MemTotal:       16000 kB\nMemFree:         2000 kB\nMemAvailable:    8000 kB\n");
  CHECK(left() == 8'192'000);
  root.write("proc/self/cgroup", "0::/jobs/one\n");
  root.write("sys/fs/cgroup/jobs/one/memory.max", "max\n");
  root.write("sys/fs/cgroup/jobs/one/memory.current", "1000\n");
  CHECK(left() == 8'192'000);
  root.write("sys/fs/cgroup/jobs/one/memory.max", "5000\n");
  CHECK(left() == 4'000);
  root.write("sys/fs/cgroup/jobs/one/memory.current", "9000\n");
  CHECK(left() == 0);
  root.write("sys/fs/cgroup/jobs/one/memory.stat", "anon 500\nfile 8500\ninactive_file 6000\nactive_file 1500\nshmem 1000\n");
  CHECK(left() == 3'500);
  // A group around it has less left.
  root.write("sys/fs/cgroup/jobs/memory.max", "20000\n");
  root.write("sys/fs/cgroup/jobs/memory.current", "19000\n");
  root.write("sys/fs/cgroup/jobs/memory.stat", "inactive_file 100\n");
  CHECK(left() == 1'100);
  // In a container without a name space of its own the path is the machine's, the folder is not.
  root.write("proc/self/cgroup", "0::/elsewhere\n");
  root.write("sys/fs/cgroup/memory.max", "700\n");
  root.write("sys/fs/cgroup/memory.current", "600\n");
  CHECK(left() == 100);
  CHECK(available_memory() > 0);
}

TEST_CASE("energy: packages are added up, their parts are not, and counters start again") {
  const Scratch root;
  CHECK_FALSE(EnergyMeter(root.path()).microjoules());
  for (const char* zone : {"intel-rapl:0", "intel-rapl:1", "intel-rapl:0:0"}) {
    root.write(fmt::format("sys/class/powercap/{}/energy_uj", zone), "1000\n");
    root.write(fmt::format("sys/class/powercap/{}/max_energy_range_uj", zone), "5000\n");
  }
  const EnergyMeter meter(root.path());
  CHECK(meter.microjoules() == 0);
  root.write("sys/class/powercap/intel-rapl:0/energy_uj", "1700\n");
  root.write("sys/class/powercap/intel-rapl:1/energy_uj", "300\n");  // past its range
  CHECK(meter.microjoules() == 700 + 4300);
  fs::remove(root.folder() / "sys/class/powercap/intel-rapl:1/energy_uj");
  CHECK_FALSE(meter.microjoules());
}
