// thalweg version

#include <absl/base/config.h>
#include <cmark-gfm.h>
#include <lexbor/core/base.h>
#include <libfyaml.h>
#include <sqlite3.h>
#include <zlib.h>

#include <CLI/Version.hpp>
#include <filesystem>
#include <fstream>

#include "base/bridge.h"
#include "cli/command.h"
#include "thalweg/json.h"

namespace thalweg::cli {

namespace {

// Debian packages whose libraries are in the program or its modules, or that it works with.
constexpr std::string_view kPackages[] = {"libcli11-dev", "libfmt-dev",  "libfyaml-dev", "libre2-dev", "libsqlite3-dev",
                                          "libpq5",       "libabsl-dev", "libstdc++6",   "libc6"};

// Installed packages with their versions, as the package manager's own file has them; empty on other systems.
std::vector<std::pair<std::string, std::string>> installed() {
  std::vector<std::pair<std::string, std::string>> out;
  std::ifstream status("/var/lib/dpkg/status");
  std::string line;
  std::string_view wanted;
  while (std::getline(status, line)) {
    if (line.starts_with("Package: ")) {
      const auto found = std::ranges::find(kPackages, std::string_view(line).substr(9));
      wanted = found == std::end(kPackages) ? std::string_view() : *found;
    } else if (!wanted.empty() && line.starts_with("Version: ")) {
      out.emplace_back(wanted, line.substr(9));
      wanted = {};
    }
  }
  std::ranges::sort(out);
  return out;
}

std::string modules() {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path here = fs::read_symlink("/proc/self/exe", error).parent_path();
  std::vector<std::string> names;
  for (const fs::path& folder : {here, here / "../lib/thalweg"}) {
    for (const auto& entry : fs::directory_iterator(folder, error)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with("libthalweg-") && name.ends_with(".so")) names.push_back(name);
    }
  }
  std::ranges::sort(names);
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

// What is in the bridge, by its own word.
std::string bridge_text() {
  const auto table = bridge::open();
  if (!table) return table.error().text();
  const auto said = bridge::call(**table, (*table)->versions);
  const auto versions = said ? parse_json(*said) : std::unexpected(said.error());
  if (!versions) return versions.error().text();
  std::string out;
  for (const Entry& entry : versions->entries()) {
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", entry.key.as_string(), entry.value.as_string());
  }
  return out;
}

std::string cpu_flags() {
  std::string out;
#if defined(__x86_64__)
  __builtin_cpu_init();
  const auto add = [&out](std::string_view name, bool has) {
    if (has) out += (out.empty() ? "" : " ") + std::string(name);
  };
  add("sse4.2", __builtin_cpu_supports("sse4.2") != 0);
  add("avx2", __builtin_cpu_supports("avx2") != 0);
  add("fma", __builtin_cpu_supports("fma") != 0);
  add("avx512f", __builtin_cpu_supports("avx512f") != 0);
  add("avx512vnni", __builtin_cpu_supports("avx512vnni") != 0);
#endif
  return out.empty() ? "none known" : out;
}

class Version final : public Command {
 public:
  void declare(Options& options) override {
    options.flag("-v,--verbose", verbose_, "also the compiler, libraries, Debian packages, modules and CPU");
  }
  [[nodiscard]] std::string_view examples() const override {
    return "  thalweg --version\n"
           "  thalweg version --verbose      to be put into a bug report\n";
  }
  [[nodiscard]] Result<int> run(Program& program) override {
    std::string out = "thalweg " THALWEG_VERSION "\n";
    if (verbose_) {
      out += fmt::format("compiler: {}\nstandard library: libstdc++ {}\n", __VERSION__, _GLIBCXX_RELEASE);
      out += fmt::format(
          "built in: fmt {}.{}.{}, CLI11 {}, SQLite {}, libfyaml {}, cmark-gfm {}, lexbor {}, zlib {}, Abseil {}\n",
          FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100, CLI11_VERSION, sqlite3_libversion(),
          fy_library_version(), cmark_version_string(), LEXBOR_VERSION_STRING, ::zlibVersion(), ABSL_LTS_RELEASE_VERSION);
      out += fmt::format("in the bridge: {}\n", bridge_text());
      out += fmt::format("modules: {}\nCPU: {}\npackages found here:\n", modules(), cpu_flags());
      for (const auto& [name, version] : installed()) out += fmt::format("  {} {}\n", name, version);
    }
    TRY(program.out.write(out));
    return kExitOk;
  }

 private:
  bool verbose_ = false;
};

}  // namespace

std::unique_ptr<Command> make_version() { return std::make_unique<Version>(); }

}  // namespace thalweg::cli
