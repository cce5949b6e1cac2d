#include "base/module.h"

#include <dlfcn.h>

#include <array>
#include <filesystem>
#include <system_error>

namespace thalweg {

Result<void*> Module::symbol(const char* name) const {
  void* const found = ::dlsym(handle_, name);
  if (found == nullptr) {
    return fail(Code::failed_precondition, "{} is of another version of thalweg (it has no {}); install both from the same build",
                path_, name);
  }
  return found;
}

Result<Module> open_module(std::string_view name) {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  if (error) return std::unexpected(system_error(error.value(), "find the program's own folder"));
  const std::string file = fmt::format("libthalweg-{}.so", name);
  const std::array<std::filesystem::path, 2> places{folder, folder.parent_path() / "lib" / "thalweg"};
  for (const auto& place : places) {
    const std::filesystem::path path = place / file;
    if (!std::filesystem::exists(path, error)) continue;
    void* const handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (handle == nullptr) {
      return fail(Code::failed_precondition, "cannot load {}: {}; install what is missing", path.string(), ::dlerror());
    }
    return Module(path.string(), handle);
  }
  return fail(Code::not_found, "the module {} is neither in {} nor in {}; install it there, or build the target thalweg-{}", file,
              places[0].string(), places[1].string(), name);
}

}  // namespace thalweg
