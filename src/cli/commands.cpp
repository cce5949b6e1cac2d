#include <array>

#include "cli/command.h"

namespace thalweg::cli {

// Each is defined in the file of its name.
std::unique_ptr<Command> make_run();
std::unique_ptr<Command> make_validate();
std::unique_ptr<Command> make_explain();
std::unique_ptr<Command> make_graph();
std::unique_ptr<Command> make_test();
std::unique_ptr<Command> make_expr();
std::unique_ptr<Command> make_stages();
std::unique_ptr<Command> make_schema();
std::unique_ptr<Command> make_index();
std::unique_ptr<Command> make_ask();
std::unique_ptr<Command> make_config();
std::unique_ptr<Command> make_models();
std::unique_ptr<Command> make_bench();
std::unique_ptr<Command> make_completion();
std::unique_ptr<Command> make_version();

// A group each, in the file of its name.
std::span<const CommandInfo> eval_commands();

namespace {
constexpr std::array kCommands{
    CommandInfo{"run", "run a pipeline", make_run},
    CommandInfo{"validate", "check definitions and report every problem", make_validate},
    CommandInfo{"explain", "show the plan of a pipeline: order, groups, fused stages, types", make_explain},
    CommandInfo{"graph", "print a pipeline as a Mermaid graph", make_graph},
    CommandInfo{"test", "run the tests that stand in definitions", make_test},
    CommandInfo{"expr", "evaluate an expression", make_expr},
    CommandInfo{"stages", "list the stages, or print the contract of one", make_stages},
    CommandInfo{"schema", "print the JSON Schema of definitions", make_schema},
    CommandInfo{"index", "index a folder of documents", make_index},
    CommandInfo{"ask", "answer questions from an index", make_ask},
    CommandInfo{"eval", "score data sets, calibrate and measure: a group of commands", nullptr,
                "  thalweg eval classify 'Remember to call Mom on her birthday next Tuesday'\n"
                "  thalweg eval run messages.json -c gate.yaml -v\n"
                "  thalweg eval train scores.json -o params.json\n",
                eval_commands},
    CommandInfo{"config", "explain a configuration: every setting, and where it came from", make_config},
    CommandInfo{"models", "list, add, check and remove models", make_models},
    CommandInfo{"bench", "measure this program on this machine", make_bench},
    CommandInfo{"completion", "print a completion script for bash, zsh or fish", make_completion},
    CommandInfo{"version", "print the version, and of what the program is made", make_version},
};
}  // namespace

std::span<const CommandInfo> commands() { return kCommands; }

std::string program_help() {
  std::string out =
      "Usage: thalweg COMMAND [options]\n\n"
      "thalweg runs AI pipelines as one native program and shows what every answer cost.\n\n"
      "Commands:\n";
  for (const CommandInfo& command : kCommands) out += fmt::format("  {:<16}{}\n", command.name, command.summary);
  out +=
      "\nOptions:\n"
      "  -h, --help  print this help; 'thalweg COMMAND --help' prints a command's options and examples\n"
      "  --version   print the version\n\n"
      "Examples:\n"
      "  thalweg index ./manuals --to ./docs.index\n"
      "              make a folder of documents searchable\n"
      "  thalweg run answer --set index=./docs.index --set question='What is a conffile?'\n"
      "              ask it a question\n"
      "  thalweg stages map\n"
      "              what a stage does and takes\n";
  return out;
}

std::string group_help(const CommandInfo& group) {
  std::string out = fmt::format("Usage: thalweg {0} COMMAND [options]\n\n{1}\n\nCommands:\n", group.name, group.summary);
  for (const CommandInfo& command : group.group()) out += fmt::format("  {:<16}{}\n", command.name, command.summary);
  out += fmt::format("\n'thalweg {} COMMAND --help' prints a command's options and examples.\n\nExamples:\n{}", group.name,
                     group.examples);
  return out;
}

}  // namespace thalweg::cli
