#pragma once
// Collects what is wrong with a definition, and reads the plain forms of its keys.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/definition.h"
#include "engine/keys.h"
#include "lang/source.h"
#include "lang/type.h"
#include "thalweg/clock.h"

namespace thalweg {

/// The way to a node, kept on the stack; written out only when something is wrong there.
struct Path {
  const Path* outer = nullptr;
  std::string_view key;
  std::size_t index = 0;
  [[nodiscard]] Path operator/(std::string_view name) const noexcept { return {this, name, 0}; }
  [[nodiscard]] Path operator[](std::size_t item) const noexcept { return {this, {}, item}; }
  [[nodiscard]] std::string text() const;
};

/// "20s", "1.5m", "100ms", "1h30m"; units ns, us, ms, s, m, h, d. Nothing when it is none, or too long.
[[nodiscard]] std::optional<Nanos> parse_span(std::string_view text);

/// The names of all error codes, as reports print them and in small letters.
[[nodiscard]] std::vector<std::string> code_names();

/// The code of that name, as reports print it (NOT_FOUND) or in small letters (not_found); OK is none. invalid_argument with the
/// nearest name.
[[nodiscard]] Result<Code> read_code(std::string_view text);

/// "; did you mean 'x'?" when a name is near, else "; known: a, b, c".
template <class Range>
[[nodiscard]] std::string hint(std::string_view wanted, const Range& names) {
  if (const std::string near = nearest(wanted, names); !near.empty()) return fmt::format("; did you mean '{}'?", near);
  std::string all;
  for (const auto& name : names) fmt::format_to(std::back_inserter(all), "{}{}", all.empty() ? "" : ", ", name);
  return all.empty() ? std::string() : fmt::format("; known: {}", all);
}

/// Every reading function reports what is wrong and gives nothing then.
class Checker {
 public:
  explicit Checker(const Definition& definition) : definition_(definition) {}

  [[nodiscard]] const Definition& definition() const noexcept { return definition_; }
  [[nodiscard]] std::vector<Problem>& problems() noexcept { return problems_; }
  void report(Place place, const Path& path, std::string message);
  /// Problems of an expression or template that stands in the string `scalar`.
  void report_source(const Node& scalar, const Path& path, const std::vector<lang::SourceError>& found);

  /// A map with known keys only, all required ones there. False when it is no map.
  bool block(const Node& node, const Path& path, const Block& block);
  /// Every member of a checked map that has one of the plain forms (texts, counts, durations, ...) is of that form.
  [[nodiscard]] std::optional<std::string> text(const Node& node, const Path& path);
  [[nodiscard]] std::optional<std::string> name(const Node& node, const Path& path);
  [[nodiscard]] std::optional<std::string> id(const Node& node, const Path& path);
  [[nodiscard]] std::optional<Nanos> span(const Node& node, const Path& path);
  [[nodiscard]] std::optional<std::uint32_t> count(const Node& node, const Path& path, const Key& key);
  [[nodiscard]] std::optional<double> number(const Node& node, const Path& path, const Key& key);
  [[nodiscard]] std::optional<Code> code(const Node& node, const Path& path);
  [[nodiscard]] std::optional<lang::Type> type(const Node& node, const Path& path);
  /// The source of an expression: a string, or a bool or number as it would be written.
  [[nodiscard]] std::optional<std::string> expression(const Node& node, const Path& path);
  bool list(const Node& node, const Path& path, std::string_view of);

 private:
  void wrong_form(const Node& node, const Path& path, std::string_view wanted);

  const Definition& definition_;
  std::vector<Problem> problems_;
};

/// "a string", "a list", "null": what a node is, for messages.
[[nodiscard]] std::string_view kind_of(const Node& node) noexcept;

}  // namespace thalweg
