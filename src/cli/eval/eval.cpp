// The commands of `thalweg eval`.

#include <array>

#include "cli/command.h"

namespace thalweg::cli {

// Each is defined in the file of its name.
std::unique_ptr<Command> make_eval_apply();
std::unique_ptr<Command> make_eval_classify();
std::unique_ptr<Command> make_eval_convert();
std::unique_ptr<Command> make_eval_init();
std::unique_ptr<Command> make_eval_failures();
std::unique_ptr<Command> make_eval_fit();
std::unique_ptr<Command> make_eval_retrieval();
std::unique_ptr<Command> make_eval_run();
std::unique_ptr<Command> make_eval_score();
std::unique_ptr<Command> make_eval_threshold();
std::unique_ptr<Command> make_eval_train();
std::unique_ptr<Command> make_eval_compare();
std::unique_ptr<Command> make_eval_report();
std::unique_ptr<Command> make_eval_validate();
std::unique_ptr<Command> make_eval_coverage();

namespace {
constexpr std::array kCommands{
    CommandInfo{"validate", "check a data set and report every problem", make_eval_validate},
    CommandInfo{"coverage", "count what a data set has of each category and label", make_eval_coverage},
    CommandInfo{"fit", "from a data set to a calibrated, bounded configuration and a report", make_eval_fit},
    CommandInfo{"init", "make a first configuration for a data set", make_eval_init},
    CommandInfo{"convert", "make data sets of what others publish", make_eval_convert},
    CommandInfo{"run", "score a data set and measure how well it is decided", make_eval_run},
    CommandInfo{"score", "export the raw scores of a data set, to train from", make_eval_score},
    CommandInfo{"failures", "list the texts on which the model failed", make_eval_failures},
    CommandInfo{"train", "fit calibrations, or a probe on sentence vectors", make_eval_train},
    CommandInfo{"apply", "put what was trained into a configuration", make_eval_apply},
    CommandInfo{"threshold", "choose the threshold by risk, F1 or cost", make_eval_threshold},
    CommandInfo{"compare", "compare two runs, text by text", make_eval_compare},
    CommandInfo{"report", "write one HTML page about a run", make_eval_report},
    CommandInfo{"classify", "score texts: accept or reject, and why", make_eval_classify},
    CommandInfo{"retrieval", "measure how well questions find their passages", make_eval_retrieval},
};
}  // namespace

std::span<const CommandInfo> eval_commands() { return kCommands; }

}  // namespace thalweg::cli
