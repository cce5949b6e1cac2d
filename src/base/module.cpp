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

namespace {

/// The folder of the file this very code was loaded from: of the program, or of libthalweg.so in someone else's.
std::filesystem::path own_folder(const std::filesystem::path& program) {
  Dl_info info{};
  if (::dladdr(reinterpret_cast<const void*>(&own_folder), &info) == 0 || info.dli_fname == nullptr) return program;
  std::error_code error;
  const std::filesystem::path file = std::filesystem::canonical(info.dli_fname, error);
  return error || !file.filename().string().starts_with("libthalweg.so") ? program : file.parent_path();
}

}  // namespace

Result<Module> open_module(std::string_view name) {
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  if (error) return std::unexpected(system_error(error.value(), "find the program's own folder"));
  const std::filesystem::path folder = own_folder(program);
  const std::string file = fmt::format("libthalweg-{}.so", name);
  const std::array<std::filesystem::path, 2> places{
      folder, folder == program ? folder.parent_path() / "lib" / "thalweg" : folder / "thalweg"};
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
