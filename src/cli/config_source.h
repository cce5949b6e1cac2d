#pragma once
// The options of every command that reads a configuration.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/options.h"
#include "config/layers.h"

namespace thalweg::cli {

/// Reads a configuration in its layers: the file (with what it includes), the file of the environment beside it, variables,
/// --set.
///
///     source_.declare(options);
///     config::Layers layers = TRY(source_.read(path, keys));
///     if (given_.concurrency != 0) TRY(layers.set("concurrency", Value(given_.concurrency), "--concurrency"));
class ConfigSource {
 public:
  /// --set, --environment and --no-includes.
  void declare(Options& options);
  /// `path` "-" is standard input; empty: no file, only variables and options. `known`: the keys at the root, of which variables
  /// must name one (see config::Layers::environment). Errors: those of config::Layers.
  [[nodiscard]] Result<config::Layers> read(const std::string& path, std::span<const std::string_view> known) const;
  /// The same with a text in the place of the file.
  [[nodiscard]] Result<config::Layers> read_text(const std::string& name, std::string text,
                                                 std::span<const std::string_view> known) const;
  /// The two halves of read(), for those who must look at the files before they know the keys: the files, and what lies on top.
  [[nodiscard]] Result<config::Layers> read_files(const std::string& path) const;
  Result<> add_options(config::Layers& layers, std::span<const std::string_view> known) const;

 private:
  std::vector<std::string> set_;
  std::string environment_;
  bool no_includes_ = false;
};

}  // namespace thalweg::cli
