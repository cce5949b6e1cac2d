#pragma once
// Facts about the machine: processor, memory, energy.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace thalweg {

/// "AMD EPYC 9R14", as the system names the processor; "unknown" where it does not.
[[nodiscard]] std::string processor_name();

/// What this program may use: the machine's memory or the limits of its control group and of those around it (cgroup v2), the
/// least of all, in bytes. `root` is "/" outside tests.
[[nodiscard]] std::uint64_t usable_memory(const std::string& root = "/");

/// What of it is left, in bytes: pages of files that the system gives up when memory is needed count as free. As much as can be
/// counted when nobody says.
[[nodiscard]] std::uint64_t available_memory(const std::string& root = "/");

/// The most memory this process has had at once, in bytes.
[[nodiscard]] std::uint64_t peak_memory() noexcept;

/// Energy that the processor packages have used, by RAPL's counters (powercap). Of the whole machine, so also for others' work.
///
///     const EnergyMeter meter;
///     ...
///     meter.microjoules();   // since then; nothing where there are no counters, or no right to read them
class EnergyMeter {
 public:
  explicit EnergyMeter(const std::string& root = "/");
  [[nodiscard]] std::optional<std::int64_t> microjoules() const;

 private:
  struct Counter {
    std::string file;
    std::int64_t begin = 0;
    std::int64_t range = 0;  // where it starts again at 0
  };
  std::vector<Counter> counters_;
};

}  // namespace thalweg
