#pragma once
// The sources of settings, laid on each other in order: later ones win.

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/tree.h"

namespace thalweg::config {

enum class Format : std::uint8_t { yaml, json, toml, by_content };

/// By its extension; by_content (YAML or JSON) for any other.
[[nodiscard]] Format format_of(std::string_view path) noexcept;

struct FileOptions {
  bool required = true;  ///< a file that is not there is an error, else it is passed over; one that cannot be read always is
  bool includes = true;  ///< `$include` is followed, else an error
};

/// Bounds of one file with all that it includes; each file alone has those of engine/definition.h.
inline constexpr std::size_t kMaxIncludeDepth = 32;
inline constexpr std::size_t kMaxIncludes = 1000;  ///< each time a file is merged counts
inline constexpr std::size_t kMaxConfigBytes = std::size_t{16} << 20;
inline constexpr std::size_t kMaxSettings = 500'000;

/// Merges layers into a tree.
///
///     config::Layers layers;
///     TRY(layers.file("configs/basic.yaml"));
///     TRY(layers.environment("THALWEG_", variables, kKeys));
///     TRY(layers.set("layers.score.threshold", Value(0.8), "--threshold"));
///     config::Tree tree = std::move(layers).build();
class Layers {
 public:
  /// A file: YAML, JSON or TOML by its extension, else YAML or JSON by its content. `$include` at its root names a file or a list
  /// of files, relative to the file it stands in; they are merged in order, and the file's own settings on top of them. A file
  /// may be included by several others, and is merged where each of them has it; it may not include itself through others.
  /// Errors: those of the file system (the place of the `$include` first); invalid_argument with places for all that is wrong in
  /// a file; resource_exhausted for more than the bounds above.
  Result<> file(const std::string& path, FileOptions options = {});
  /// The same from text; includes are relative to the working folder.
  Result<> text(std::string_view name, std::string text, Format format, FileOptions options = {});
  /// Variables whose names begin with `prefix`: what follows is the path, with a single underscore between its keys and a double
  /// one for an underscore in a key, without regard to case (THALWEG_LAYERS_SCORE_TOP__K is layers.score.top_k). Values are bool,
  /// null, int or double where they read as that, else text. Variables of the program itself (THALWEG_HOME,
  /// THALWEG_ENVIRONMENT) are passed over. Where `known` is not empty, one whose first key is not among them is passed over with
  /// a warning. Errors: invalid_argument for a value that is not UTF-8, and for two variables of which one sets a part of what
  /// the other sets.
  Result<> environment(std::string_view prefix, std::span<const std::pair<std::string, std::string>> variables,
                       std::span<const std::string_view> known = {});
  /// One setting from the command line; `option` is what it is told under. `written` is the text it was made from, for a field
  /// that is a text. Errors: invalid_argument (no path).
  Result<> set(std::string_view path, const Value& value, std::string_view option, std::string_view written = {});
  /// The same from "path=value", as options give it: a value that reads as JSON is that, all else is text.
  Result<> set(std::string_view assignment, std::string_view option);

  [[nodiscard]] const Tree& tree() const noexcept { return tree_; }
  [[nodiscard]] Tree build() && { return std::move(tree_); }

 private:
  void lay(Setting setting) { merge(tree_.root, std::move(setting)); }
  void note_source(std::string source);
  Tree tree_;
};

/// "configs/basic.yaml" and "dev" to "configs/basic.dev.yaml".
[[nodiscard]] std::string variant_path(std::string_view path, std::string_view environment);

}  // namespace thalweg::config
