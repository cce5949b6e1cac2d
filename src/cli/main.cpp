// The command line: finds the command, reads its options, runs it and turns an error into a message and an exit code.

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <exception>

#include "cli/command.h"

namespace thalweg::cli {
namespace {

int report(const Error& error, std::string_view hint = {}) {
  print_error(fmt::format("thalweg: {}\n{}", error.text(), hint));
  return info(error.code()).exit;
}

const CommandInfo* find_command(std::span<const CommandInfo> among, std::string_view name) {
  for (const CommandInfo& command : among) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

int unknown_command(std::span<const CommandInfo> among, std::string_view group, std::string_view name) {
  std::vector<std::string_view> names;
  for (const CommandInfo& command : among) names.push_back(command.name);
  const std::string near = nearest(name, names);
  const std::string_view what = name.starts_with('-') ? "option" : "command";
  return report(
      Error(Code::invalid_argument, near.empty() ? fmt::format("unknown {} '{}'", what, name)
                                                 : fmt::format("unknown {} '{}'; did you mean '{}'?", what, name, near)),
      fmt::format("'thalweg {}--help' lists the commands.\n", group));
}

// `name` is what the user typed for it: "run", "eval run".
int run_command(const CommandInfo& info, std::string_view name, std::span<const std::string> arguments, Output& out) {
  const auto command = info.make();
  Options options;
  command->declare(options);
  bool help = false;
  if (auto parsed = options.parse(arguments, help); !parsed) {
    return report(parsed.error(), fmt::format("'thalweg {} --help' shows its options and examples.\n", name));
  }
  Result<int> exit = kExitOk;
  if (help) {
    const std::string_view notes = command->notes();
    (void)out.write(
        fmt::format("{}{}{}\nExamples:\n{}", options.help(name), notes.empty() ? "" : "\n", notes, command->examples()));
  } else {
    const auto clock = make_system_clock();
    Program program{*clock, out};
    exit = command->run(program);
  }
  if (auto written = out.commit(); !written && exit) exit = std::unexpected(written.error());
  return exit ? *exit : report(exit.error());
}

int run_group(const CommandInfo& group, std::span<const std::string> arguments, Output& out) {
  if (arguments.empty()) {
    print_error(group_help(group));
    return kExitUsage;
  }
  const std::string& name = arguments.front();
  if (name == "--help" || name == "-h" || name == "help") {
    (void)out.write(group_help(group));
    const auto written = out.commit();
    return written ? kExitOk : report(written.error());
  }
  const CommandInfo* command = find_command(group.group(), name);
  if (command == nullptr) return unknown_command(group.group(), fmt::format("{} ", group.name), name);
  return run_command(*command, fmt::format("{} {}", group.name, command->name), arguments.subspan(1), out);
}

int run(std::span<const std::string> arguments, Output& out) {
  if (arguments.empty()) {
    print_error(program_help());
    return kExitUsage;
  }
  const std::string& name = arguments.front();
  if (name == "--help" || name == "-h" || name == "help") {
    (void)out.write(program_help());
    const auto written = out.commit();
    return written ? kExitOk : report(written.error());
  }
  const CommandInfo* command = find_command(commands(), name == "--version" || name == "-V" ? "version" : name);
  if (command == nullptr) return unknown_command(commands(), "", name);
  return command->group == nullptr ? run_command(*command, command->name, arguments.subspan(1), out)
                                   : run_group(*command, arguments.subspan(1), out);
}

// Gives closed standard streams to /dev/null, so that no file opened later is taken for one of them. The wrong way round: whoever
// reads or writes there gets an error, as with the closed one.
bool hold_standard_streams() noexcept {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(stream, F_GETFD) >= 0) continue;
    if (::open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY) != stream) return false;
  }
  return true;
}

}  // namespace
}  // namespace thalweg::cli

int main(int argc, char** argv) {
  if (!thalweg::cli::hold_standard_streams()) return thalweg::cli::kExitFailed;
  // A reader that has gone is seen as EPIPE where the write is, so that a run can end in order.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    thalweg::cli::Output out;
    const int exit = thalweg::cli::run(std::vector<std::string>(argv + 1, argv + argc), out);
    // As every program does whose reader has gone: 128 + SIGPIPE.
    return out.closed() ? 128 + SIGPIPE : exit;
  } catch (const std::exception& error) {
    thalweg::cli::print_error(fmt::format("thalweg: internal error: {}\n", error.what()));
    return thalweg::cli::kExitFailed;
  }
}
