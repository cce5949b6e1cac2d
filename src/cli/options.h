#pragma once
// What a command takes from its command line. Declared once: the parser, --help and the shell completions are all made from it.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"

namespace thalweg::cli {

/// What a shell offers after an option or at a position.
enum class Completes : std::uint8_t { nothing, file, folder, pipeline, stage };

/// The options and positions of one command.
///
///     Options options;
///     options.flag("--json", json_, "print JSON");
///     options.value("-j,--jobs", "N", jobs_, "inputs worked on at once");
///     options.position("PIPELINE", pipeline_, "name or file", Completes::pipeline);
class Options {
 public:
  using Target = std::variant<bool*, std::string*, std::int64_t*, std::optional<std::int64_t>*, std::vector<std::string>*>;
  struct Option {
    std::string names;  ///< "-j,--jobs", or the name of a position
    std::string value;  ///< what stands for the value in the help; empty for flags and positions
    std::string help;
    Completes completes = Completes::nothing;
    bool positional = false;
    bool required = false;
    Target target;
  };

  void flag(std::string names, bool& target, std::string help);
  void value(std::string names, std::string value, std::string& target, std::string help,
             Completes completes = Completes::nothing);
  void value(std::string names, std::string value, std::int64_t& target, std::string help);
  void value(std::string names, std::string value, std::optional<std::int64_t>& target, std::string help);
  /// May be given several times.
  void values(std::string names, std::string value, std::vector<std::string>& target, std::string help);
  void position(std::string name, std::string& target, std::string help, Completes completes, bool required = true);
  /// All that follows; at least one when required.
  void positions(std::string name, std::vector<std::string>& target, std::string help, Completes completes, bool required = true);

  [[nodiscard]] std::span<const Option> all() const noexcept { return options_; }

  /// Fills the targets. `help` is set, and nothing else checked, when --help or -h is among the arguments. Errors:
  /// invalid_argument, with the nearest known name.
  [[nodiscard]] Result<> parse(std::span<const std::string> arguments, bool& help) const;
  /// "Usage: thalweg run [options] PIPELINE" and a line for each option.
  [[nodiscard]] std::string help(std::string_view command) const;

 private:
  std::vector<Option> options_;
};

}  // namespace thalweg::cli
