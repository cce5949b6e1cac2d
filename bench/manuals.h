#pragma once
// The real documents that figures are measured on.

#include <string>
#include <vector>

namespace thalweg::bench {

/// The HTML files of Debian's four manuals; none where the packages are not installed.
[[nodiscard]] std::vector<std::string> manuals();

}  // namespace thalweg::bench
