// thalweg expr

#include <cerrno>
#include <iostream>

#include "cli/command.h"
#include "cli/render.h"
#include "lang/answer.h"
#include "thalweg/json.h"

namespace thalweg::cli {

namespace {

constexpr std::string_view kNoVariables = "{}";

Timestamp run_start(Clock& clock) {
  const Nanos wall = clock.wall();
  return {wall / kSecond, static_cast<std::int32_t>(wall % kSecond)};
}

class Expr final : public Command {
 public:
  void declare(Options& options) override {
    options.position("EXPRESSION", expression_, "a CEL expression; after -- it may begin with a minus", Completes::nothing,
                     false);
    options.value("--vars", "JSON", vars_, "the variables; plain, or typed as {\"type\": \"uint\", \"value\": 1}");
    options.flag("--check", check_, "check names and types before anything is evaluated");
    options.flag("--json", json_, "print the value as JSON");
    options.flag("--jsonl", jsonl_,
                 "answer lines {\"expr\", \"vars\"} on standard input with {\"value\", \"type\"} or {\"error\"}");
  }
  [[nodiscard]] std::string_view examples() const override {
    return "  thalweg expr '1 + 2 * 3'\n"
           "  thalweg expr 'hits.filter(h, h.score > 0.5).map(h, h.title)' --vars '{\"hits\": [{\"title\": \"A\", \"score\": "
           "0.9}]}'\n"
           "  thalweg expr --check 'size(names) > limit' --vars '{\"names\": [], \"limit\": \"3\"}'\n"
           "  thalweg expr --jsonl < expressions.jsonl\n";
  }
  [[nodiscard]] Result<int> run(Program& program) override {
    if (jsonl_) {
      if (!expression_.empty() || vars_ != kNoVariables || check_ || json_) {
        return fail(Code::invalid_argument,
                    "--jsonl reads expressions and variables from standard input; give it without EXPRESSION, --vars, --check "
                    "and --json");
      }
      return answer_lines(program);
    }
    if (expression_.empty()) return fail(Code::invalid_argument, "EXPRESSION is required (or --jsonl)");
    lang::Question question;
    question.expression = expression_;
    question.check = check_;
    const auto vars = parse_json(vars_);
    if (!vars) return std::unexpected(vars.error().at("--vars"));
    TRY(lang::add_variables(question, *vars));
    const auto value = lang::evaluate(question, Context(program.clock), run_start(program.clock));
    if (!value) {
      print_error(fmt::format("thalweg: {}\n", value.error().text()));
      return kExitFailed;
    }
    if (json_) {
      TRY(print_json(program.out, *value, JsonStyle::compact));
    } else {
      TRY(program.out.write(render(*value, program.out)));
    }
    return kExitOk;
  }

 private:
  // Answers each line before the next one is read: a program may talk with this one.
  static Result<int> answer_lines(Program& program) {
    std::ios::sync_with_stdio(false);
    const Context context(program.clock);
    const Timestamp now = run_start(program.clock);
    std::string line;
    while (std::getline(std::cin, line)) {
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      TRY(program.out.write(lang::answer_line(line, context, now) + '\n'));
      TRY(program.out.flush());
      if (program.out.closed()) break;
    }
    if (std::cin.bad()) return std::unexpected(system_error(errno, "cannot read standard input"));
    return kExitOk;
  }

  std::string expression_;
  std::string vars_{kNoVariables};
  bool check_ = false;
  bool json_ = false;
  bool jsonl_ = false;
};

}  // namespace

std::unique_ptr<Command> make_expr() { return std::make_unique<Expr>(); }

}  // namespace thalweg::cli
