// thalweg validate

#include "cli/catalog.h"
#include "cli/command.h"
#include "cli/pipelines.h"
#include "cli/render.h"

namespace thalweg::cli {

namespace {

std::int64_t take_number(std::string_view& text) {
  std::int64_t number = 0;
  std::size_t at = 0;
  for (; at < text.size() && at < 9 && text[at] >= '0' && text[at] <= '9'; ++at) number = number * 10 + (text[at] - '0');
  text.remove_prefix(std::min(at + 1, text.size()));  // and the colon behind it
  return number;
}

// One line of problems_error(): "file:line:column: message".
Value problem_value(std::string_view line, std::string_view file) {
  const std::string prefix = fmt::format("{}:", file);
  std::int64_t row = 0;
  std::int64_t column = 0;
  if (line.starts_with(prefix)) {
    line.remove_prefix(prefix.size());
    row = take_number(line);
    column = take_number(line);
    if (line.starts_with(' ')) line.remove_prefix(1);
  }
  return Value::map({{Value("line"), Value(row)}, {Value("column"), Value(column)}, {Value("message"), Value(line)}});
}

Value problems_value(const Error& error, std::string_view file) {
  std::vector<Value> problems;
  const std::string all = error.text();
  std::string_view text = all;
  while (true) {
    const std::size_t end = text.find('\n');
    problems.push_back(problem_value(text.substr(0, end), file));
    if (end == std::string_view::npos) return Value::list(std::move(problems));
    text.remove_prefix(end + 1);
  }
}

class Validate final : public Command {
 public:
  void declare(Options& options) override {
    options.positions("FILE", files_, "definitions: files, or names of shipped pipelines", Completes::pipeline);
    options.flag("--json", json_, "print [{file, valid, problems: [{line, column, message}]}]");
  }
  [[nodiscard]] std::string_view examples() const override {
    return "  thalweg validate my.yaml            every problem, each with its place; exit code 2 when there is one\n"
           "  thalweg validate pipelines/*.yaml --json\n";
  }
  [[nodiscard]] Result<int> run(Program& program) override {
    const Catalog catalog = make_catalog();
    Pipelines pipelines(catalog);
    std::vector<Value> told;
    int exit = kExitOk;
    for (const std::string& file : files_) {
      const auto plan = pipelines.load(file);
      if (!plan) exit = std::max(exit, info(plan.error().code()).exit);
      if (json_) {
        told.push_back(Value::map({{Value("file"), Value(file)},
                                   {Value("valid"), Value(plan.has_value())},
                                   {Value("problems"), plan ? Value::list() : problems_value(plan.error(), file)}}));
      } else if (plan) {
        const std::size_t stages = (*plan)->stages.size();
        TRY(program.out.write(fmt::format("{}: valid, {} {}\n", file, stages, stages == 1 ? "stage" : "stages")));
      } else {
        print_error(plan.error().text() + '\n');
      }
    }
    if (json_) TRY(print_json(program.out, Value::list(std::move(told))));
    return exit;
  }

 private:
  std::vector<std::string> files_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_validate() { return std::make_unique<Validate>(); }

}  // namespace thalweg::cli
