#pragma once
// The real documents that figures are measured on.

#include <string>
#include <vector>

namespace thalweg::bench {

/// The HTML files of Debian's four manuals; none where the packages are not installed.
[[nodiscard]] std::vector<std::string> manuals();

/// Why there are no figures without them.
inline constexpr std::string_view kManualsMissing =
    "Debian's manuals are not there; 'apt-get install debian-policy debian-faq developers-reference debian-reference-en' brings "
    "them";

}  // namespace thalweg::bench
