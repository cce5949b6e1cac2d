#pragma once
// Heavy libraries live in shared modules beside the program, opened at their first use.

#include <string>
#include <string_view>

#include "base/error.h"

namespace thalweg {

/// An opened module. It stays loaded until the program ends: the libraries in it cannot be unloaded safely.
class Module {
 public:
  Module(std::string path, void* handle) : path_(std::move(path)), handle_(handle) {}

  /// The exported C function `name`. Errors: failed_precondition when the module has none, which means another version.
  template <class Function>
  [[nodiscard]] Result<Function*> function(const char* name) const {
    void* const found = TRY(symbol(name));
    return reinterpret_cast<Function*>(found);
  }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  [[nodiscard]] Result<void*> symbol(const char* name) const;
  std::string path_;
  void* handle_;
};

/// Opens libthalweg-NAME.so, looked for beside the program and then in ../lib/thalweg; by libthalweg.so beside that and then in
/// thalweg/ there. Opening it again is cheap.
/// Errors: not_found when it is in neither place; failed_precondition when a library it needs is missing.
[[nodiscard]] Result<Module> open_module(std::string_view name);

}  // namespace thalweg
