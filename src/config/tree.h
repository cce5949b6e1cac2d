#pragma once
// The settings of all layers, merged. Every one knows where it came from and what it overrode.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/path.h"
#include "engine/definition.h"
#include "thalweg/value.h"

namespace thalweg::config {

/// Where a setting came from.
struct Origin {
  enum class Kind : std::uint8_t { fallback, file, environment, command_line };
  Kind kind = Kind::fallback;
  std::shared_ptr<const std::string>
      source;   ///< "configs/a.yaml", "THALWEG_BATCH__SIZE", "--batch-size"; of a fallback what it is taken from, if so
  Place place;  ///< of a file
  /// "configs/a.yaml:3:5", "THALWEG_BATCH__SIZE", "--batch-size", "default".
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool operator==(const Origin& other) const noexcept;
};

/// "default", "file", "environment", "command_line".
[[nodiscard]] std::string_view name(Origin::Kind kind) noexcept;

/// A node of the merged tree.
struct Setting {
  enum class Kind : std::uint8_t { scalar, list, map };
  struct Member;
  struct Overridden;
  Kind kind = Kind::scalar;
  Value value;                         ///< of a scalar: null, bool, int, uint, double, string or (from TOML) timestamp
  Value written;                       ///< of a scalar from a variable or an option: its text, for a field that is a text
  std::vector<Setting> items;          ///< of a list
  std::vector<Member> members;         ///< of a map, in order of the layers, keys unique
  Origin origin;                       ///< of a map that several layers have: the last of them
  Origin first;                        ///< of a map that several layers have: the first of them; else default
  std::vector<Overridden> overridden;  ///< oldest first
  [[nodiscard]] static Setting map(Origin origin);
  [[nodiscard]] static Setting scalar(Value value, Origin origin);
  [[nodiscard]] bool is_null() const noexcept { return kind == Kind::scalar && value.is_null(); }
  [[nodiscard]] const Setting* find(std::string_view key) const noexcept;
  [[nodiscard]] Setting* find(std::string_view key) noexcept;
  /// Where it was written first; what later layers lay over a map is about single settings below it.
  [[nodiscard]] const Origin& begun() const noexcept { return first.kind == Origin::Kind::fallback ? origin : first; }
  /// This and all below as a value.
  [[nodiscard]] Value to_value() const;
};
struct Setting::Member {
  std::string key;
  Place place;  ///< of the key, in the source of the setting
  Setting setting;
};
/// What a later layer replaced.
struct Setting::Overridden {
  Origin origin;
  Value value;
};

/// Lays `over` on `base`: maps are merged key by key, everything else (lists too) is replaced, and what was replaced is kept in
/// Setting::overridden.
void merge(Setting& base, Setting over);

/// Something odd that is no error.
struct Warning {
  std::string source;  ///< "THALWEG_TRESHOLD", "a.yaml:3:1"
  std::string message;
  [[nodiscard]] std::string text() const { return source + ": " + message; }
};

struct Tree {
  Setting root = Setting::map({});
  std::vector<std::string> sources;  ///< every file, variable and option there was, in order of their layers; each once
  std::vector<Warning> warnings;
  /// The setting at a path, or null pointer.
  [[nodiscard]] const Setting* find(const Keys& path) const noexcept;
  /// The same, of a path that is text; null pointer too when it is none.
  [[nodiscard]] const Setting* find(std::string_view path) const;
  [[nodiscard]] Value to_value() const { return root.to_value(); }
  /// Puts a default where nothing (or null) is set, so that explain shows it, and with `source` as what.
  void add_fallback(const Keys& path, Value value, std::shared_ptr<const std::string> source = nullptr);
};

}  // namespace thalweg::config
