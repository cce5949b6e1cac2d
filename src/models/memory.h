#pragma once
// How much memory a model may still take.

#include <cstdint>
#include <filesystem>

namespace thalweg::models {

/// Bytes that this machine, and the control group of this process where there is a limit (cgroup v2), have left; as much as can
/// be counted when neither says. `root` is "/" outside tests.
[[nodiscard]] std::uint64_t available_memory(const std::filesystem::path& root = "/");

}  // namespace thalweg::models
