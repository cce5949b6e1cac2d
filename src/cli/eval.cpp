// The commands of `thalweg eval`.

#include <array>

#include "cli/command.h"

namespace thalweg::cli {

// Each is defined in the file of its name, eval_NAME.cpp.
std::unique_ptr<Command> make_eval_classify();
std::unique_ptr<Command> make_eval_retrieval();

namespace {
constexpr std::array kCommands{
    CommandInfo{"classify", "score texts: accept or reject, and why", make_eval_classify},
    CommandInfo{"retrieval", "measure how well questions find their passages", make_eval_retrieval},
};
}  // namespace

std::span<const CommandInfo> eval_commands() { return kCommands; }

}  // namespace thalweg::cli
