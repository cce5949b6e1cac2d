// thalweg ask

#include <unistd.h>

#include <filesystem>

#include "base/machine.h"
#include "base/printable.h"
#include "cli/prompt.h"
#include "cli/render.h"
#include "cli/session.h"
#include "cli/settings.h"
#include "models/catalogue.h"

namespace thalweg::cli {

namespace {

namespace fs = std::filesystem;

/// Prints the answer while it is written.
class Written final : public Observer {
 public:
  explicit Written(Output& out) : out_(out) {}
  void on_item(std::string_view stage, const Value& item) override {
    if (stage != "write" || !item.is_string()) return;
    any_ = true;
    (void)out_.write(printable(item.as_string()));
    (void)out_.flush();
  }
  [[nodiscard]] bool any() const noexcept { return any_; }

 private:
  Output& out_;
  bool any_ = false;
};

double seconds(const Value* duration) {
  if (duration == nullptr || duration->kind() != Kind::duration) return 0;
  const Duration span = duration->as_duration();
  return static_cast<double>(span.seconds) + static_cast<double>(span.nanos) / 1e9;
}

// "27 tokens, 168 tokens/s, first after 0.41 s; 312 MB of memory; energy 4.1 J".
std::string cost(const Value& output, const EnergyMeter& energy) {
  std::string out;
  const Value* const written = output.find("written");
  if (written != nullptr && written->is_map()) {
    const Value& timings = *written->find("timings");
    const std::int64_t tokens = written->find("usage")->find("completion_tokens")->as_int();
    const double decode = seconds(timings.find("decode"));
    out += fmt::format("{} tokens", tokens);
    if (tokens > 1 && decode > 0) out += fmt::format(", {:.0f} tokens/s", static_cast<double>(tokens - 1) / decode);
    out += fmt::format(", first after {:.2f} s; ", seconds(timings.find("first_token")));
  }
  out += fmt::format("{} MB of memory; energy ", peak_memory() / 1'000'000);
  const auto used = energy.microjoules();
  return out + (used ? fmt::format("{:.1f} J of the whole machine", static_cast<double>(*used) / 1e6) : "unavailable");
}

struct Given {
  std::string index;
  std::vector<std::string> question;
  std::string model;
  std::string history;
  SessionOptions session;
  bool json = false;
  bool cost = false;
  bool report = false;
};

class Ask final : public Command {
 public:
  void declare(Options& options) override {
    options.position("INDEX", given_.index, "the folder of an index, as 'thalweg index' makes it", Completes::folder);
    options.positions("QUESTION", given_.question, "one question; without it they are asked for, until Ctrl-D",
                      Completes::nothing, false);
    options.value("--model", "MODEL", given_.model, "language model, by name or path; none: only quote the documents");
    options.value("--history", "FILE", given_.history, "where questions are kept ($THALWEG_HOME/history)", Completes::file);
    given_.session.declare(options);
    options.flag("--json", given_.json, "print {\"output\", \"report\"}, a line for each question");
    options.flag("--cost", given_.cost, "print tokens, speed, memory and energy of each answer, to standard error");
    options.flag("--report", given_.report, "print what each stage did and cost, to standard error");
  }
  [[nodiscard]] std::string_view examples() const override {
    return "  thalweg ask ./docs.index\n"
           "  thalweg ask ./docs.index What is a conffile?\n"
           "  thalweg ask ./docs.index --model none --cost How is Debian pronounced?\n";
  }

  [[nodiscard]] Result<int> run(Program& program) override {
    TRY(check_utf8("INDEX", given_.index));
    const auto session = TRY(Session::open(program, given_.session));
    const bool quotes_only = given_.model == "none";
    const auto plan = TRY(session->pipelines().load(quotes_only ? "answer" : "ask"));
    if (!given_.question.empty()) {
      const std::string question = fmt::format("{}", fmt::join(given_.question, " "));
      TRY(check_utf8("QUESTION", question));
      return answer(program, *session, plan, question);
    }
    const bool person = ::isatty(STDIN_FILENO) == 1;
    const auto questions = TRY(person ? ask_person(history_file(), session->interrupt()) : ask_lines(session->interrupt()));
    int worst = kExitOk;
    while (true) {
      TRY(program.out.flush());
      const auto line = TRY(questions->next());
      if (!line) return session->interrupt().requested() ? kExitInterrupted : worst;
      if (line->find_first_not_of(" \t") == std::string::npos) continue;
      const auto good = check_utf8("the question", *line);
      if (!good) print_error(fmt::format("thalweg: {}\n", good.error().text()));
      const int code = good ? TRY(answer(program, *session, plan, *line)) : kExitFailed;
      if (program.out.closed()) return worst;
      // A person sees what went wrong, and asks on.
      if (person) {
        if (code == kExitInterrupted) session->interrupt().reset();
      } else if (code == kExitInterrupted) {
        return code;
      } else if (code != kExitOk) {
        worst = code;
      }
    }
  }

 private:
  [[nodiscard]] std::string history_file() const {
    if (!given_.history.empty()) return given_.history;
    const fs::path file = fs::path(models::default_model_folder()).parent_path() / "history";
    std::error_code problem;
    fs::create_directories(file.parent_path(), problem);
    return problem ? std::string() : file.string();
  }

  Result<int> answer(Program& program, Session& session, const std::shared_ptr<const Plan>& plan, std::string_view question) {
    const Context context = TRY(session.context({}));
    std::vector<Entry> fields{{"question", question}, {"index", given_.index}};
    if (!given_.model.empty() && given_.model != "none") fields.push_back({"model", given_.model});
    auto input = TRY(accept_input(*plan, Value::map(std::move(fields))));
    const EnergyMeter energy;
    Written written(program.out);
    const RunResult result =
        session.executor().run(plan, std::move(input), context, {.observer = given_.json ? nullptr : &written});
    if (written.any()) TRY(program.out.write("\n" + doubts(result)));
    TRY(program.out.flush());  // before what goes to standard error
    if (given_.report) print_error(result.report.to_text());
    if (!result.output) {
      print_error(fmt::format("thalweg: {}\n", result.output.error().text()));
      return session.interrupt().requested() ? kExitInterrupted : kExitFailed;
    }
    if (given_.json) {
      TRY(print_json(program.out, Value::map({{"output", *result.output}, {"report", result.report.to_value()}}),
                     JsonStyle::compact));
    } else {
      TRY(program.out.write(render(shown(*result.output, written.any()), program.out)));
    }
    TRY(program.out.flush());
    if (given_.cost) print_error(cost(*result.output, energy) + '\n');
    return kExitOk;
  }

  // A warning of what was written and the documents do not say.
  static std::string doubts(const RunResult& result) {
    const Value* const check = result.output ? result.output->find("check") : nullptr;
    if (check == nullptr || !check->is_map() || check->find("grounded")->as_bool()) return "";
    const Value& unsupported = *check->find("unsupported");
    if (static_cast<std::int64_t>(unsupported.size()) == check->find("sentences")->as_int()) {
      return "\nThis is not borne out by the documents; read what they say below.\n";
    }
    std::string out = "\nNot borne out by the documents; read what they say below:\n";
    for (const Value& sentence : unsupported.items()) out += "  - " + printable_line(sentence.as_string()) + "\n";
    return out;
  }

  // What was not printed while it was written.
  static Value shown(const Value& output, bool text_is_out) {
    std::vector<Entry> fields;
    for (const Entry& entry : output.entries()) {
      const std::string_view name = entry.key.as_string();
      if (name == "written" || name == "check" || (name == "text" && text_is_out)) continue;
      fields.push_back(entry);
    }
    return Value::map(std::move(fields));
  }

  Given given_;
};

}  // namespace

std::unique_ptr<Command> make_ask() { return std::make_unique<Ask>(); }

}  // namespace thalweg::cli
