#pragma once
// Reading a tree of settings strictly: types, ranges, unknown keys. All problems are told, not the first; defaults are recorded.

#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/tree.h"

namespace thalweg::config {

/// One thing wrong with the settings.
struct Finding {
  Origin origin;
  std::string path;
  std::string message;
  /// "a.yaml:3:5: layers.score.threshold: must be from 0 to 1, not 1.5".
  [[nodiscard]] std::string text() const;
};

/// What a number may be; both ends belong to it.
struct Range {
  double least = std::numeric_limits<double>::lowest();
  double most = std::numeric_limits<double>::max();
};
struct IntRange {
  std::int64_t least = std::numeric_limits<std::int64_t>::min();
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
};

class Reading;

/// A map of the tree while it is read; a handle, valid as long as its Reading. Every function asks for one key. Null stands for
/// nothing: a field set to null takes its default, a required one is missing. What is wrong is told to the Reading, and the
/// default (or an empty value) is given, so that reading goes on.
class Section {
 public:
  double number(std::string_view key, double fallback, Range range = {});
  double required_number(std::string_view key, Range range = {});
  std::optional<double> optional_number(std::string_view key, Range range = {});
  std::int64_t integer(std::string_view key, std::int64_t fallback, IntRange range = {});
  /// The same; `fallback` is what the section `of` has under this key, and explain shows where that came from.
  std::int64_t integer(std::string_view key, std::int64_t fallback, IntRange range, const Section& of);
  std::int64_t required_integer(std::string_view key, IntRange range = {});
  bool boolean(std::string_view key, bool fallback);
  /// A setting of a variable or an option is the text it was given as: THALWEG_OUTPUT=2024 is "2024".
  std::string text(std::string_view key, std::string_view fallback);
  std::string required_text(std::string_view key);  ///< not blank
  std::optional<std::string> optional_text(std::string_view key);
  /// One of `names`.
  std::string choice(std::string_view key, std::span<const std::string_view> names, std::string_view fallback);
  /// A list of texts; empty when not there.
  std::vector<std::string> texts(std::string_view key);
  /// Any tree, null when not there.
  Value any(std::string_view key);
  /// A map of fixed keys. One that is not there is read as an empty one, so that its defaults are taken.
  Section section(std::string_view key);
  Section required_section(std::string_view key);
  /// A map of free names to maps, in its order; an entry that is null is passed over (so that a file can take out what it
  /// includes). Tells nothing when it is not there, unless `required`.
  void each(std::string_view key, const std::function<void(std::string_view name, Section entry)>& read, bool required = false);

  /// Whether the key is set to something else than null. That counts as reading it only where it is null, which is known then.
  [[nodiscard]] bool has(std::string_view key) const;
  /// "layers.score", empty for the root.
  [[nodiscard]] std::string path() const;
  /// Where this map, or what stands under its key, came from; default when it is not there.
  [[nodiscard]] Origin origin() const;
  [[nodiscard]] Origin origin(std::string_view key) const;
  /// Tells something wrong with what stands under `key` (empty: with the map itself).
  void problem(std::string_view key, std::string message);
  /// Tells something odd, at the first of these settings below this map that is set. Where none is, the first has its default:
  /// that is told where the nearest map around it was begun. Precondition: there is one.
  void warning(std::span<const Keys> about, std::string message);

 private:
  friend class Reading;
  struct State;
  Section(Reading& reading, State& state) : reading_(&reading), state_(&state) {}
  const Setting* take(std::string_view key, bool required, std::string_view wanted);
  void default_to(std::string_view key, Value value, std::shared_ptr<const std::string> source = nullptr);
  void mismatch(std::string_view key, const Setting& setting, std::string_view wanted);
  std::optional<double> take_number(std::string_view key, Range range, bool required);
  std::optional<std::int64_t> take_integer(std::string_view key, IntRange range, bool required);
  std::optional<std::string> take_text(std::string_view key, bool required);
  Section inner(std::string_view key, bool required);
  Reading* reading_;
  State* state_;
};

/// One pass over a tree.
///
///     config::Reading reading(tree);
///     config::Section root = reading.root();
///     config.concurrency = root.integer("concurrency", 4, {.least = 1});
///     config.threshold = root.section("layers").section("score").number("threshold", 0.75, {0, 1});
///     TRY(reading.finish(&tree));
class Reading {
 public:
  explicit Reading(const Tree& tree);
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  ~Reading();
  [[nodiscard]] Section root();

  /// To be called once, when all was read: keys that nobody asked for are problems too, with the nearest that somebody did.
  /// Everything wrong is one error (invalid_argument), a line each, in order of place. `record`, when not null, is the tree that
  /// gets the defaults that were taken, and the warnings (also when there is an error).
  Result<> finish(Tree* record);
  /// After finish(): what is wrong, in order of place.
  [[nodiscard]] const std::vector<Finding>& findings() const noexcept { return findings_; }

 private:
  friend class Section;
  struct Fallback {
    Keys path;
    Value value;
    std::shared_ptr<const std::string> source;  // what it is taken from, where it is no default of its own
  };
  Section::State& open(const Setting* map, Keys path);
  void find_unknown();
  const Tree& tree_;
  std::deque<Section::State> sections_;
  std::unordered_map<const Setting*, Section::State*> opened_;
  std::vector<Finding> findings_;
  std::vector<Warning> warnings_;
  std::vector<Fallback> fallbacks_;
};

}  // namespace thalweg::config
