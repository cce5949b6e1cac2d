#pragma once
// A command of the program: one file each, one line in commands.cpp.

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "cli/options.h"
#include "cli/output.h"
#include "thalweg/clock.h"

namespace thalweg::cli {

/// Exit codes beside the table of base/error.h.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;         ///< something ran, and it or a part of it failed
inline constexpr int kExitUsage = 2;          ///< a wrong command line or definition; nothing was run
inline constexpr int kExitInterrupted = 130;  ///< stopped on request, cleanly

/// What every command is given.
struct Program {
  Clock& clock;
  Output& out;  ///< standard output
};

class Command {
 public:
  virtual ~Command() = default;
  virtual void declare(Options& options) = 0;
  /// Paragraphs for the help, between the options and the examples.
  [[nodiscard]] virtual std::string_view notes() const { return {}; }
  /// Lines for the help: a command line, two spaces or more, what it does.
  [[nodiscard]] virtual std::string_view examples() const = 0;
  /// The exit code. An error is printed by main(), its code decides the exit code.
  [[nodiscard]] virtual Result<int> run(Program& program) = 0;
};

struct CommandInfo {
  std::string_view name;
  std::string_view summary;
  std::unique_ptr<Command> (*make)();                 ///< null pointer of a group
  std::string_view examples{};                        ///< of a group, for its help
  std::span<const CommandInfo> (*group)() = nullptr;  ///< its commands: `thalweg eval run` is `run` of the group `eval`
};

/// All commands in the order of the help.
[[nodiscard]] std::span<const CommandInfo> commands();

/// Text of `thalweg --help`.
[[nodiscard]] std::string program_help();

/// Text of `thalweg GROUP --help`.
[[nodiscard]] std::string group_help(const CommandInfo& group);

}  // namespace thalweg::cli
