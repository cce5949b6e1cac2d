// thalweg run

#include <deque>

#include "cli/input.h"
#include "cli/progress.h"
#include "cli/render.h"
#include "cli/session.h"
#include "cli/settings.h"
#include "engine/statistics.h"
#include "engine/trace.h"
#include "thalweg/json.h"

namespace thalweg::cli {

namespace {

struct RunOptionsGiven {
  std::string pipeline;
  std::vector<std::string> settings;
  std::string input;
  std::string output;
  std::string trace;
  std::string timeout;
  std::string store;
  std::int64_t jobs = 0;
  SessionOptions session;
  bool json = false;
  bool report = false;
};

Result<std::string> shown(const RunResult& result, const Value& output, const RunOptionsGiven& given, const Output& to) {
  if (!given.json) return render(output, to);
  std::string line;
  const auto written = append_json(line, Value::map({{Value("output"), output}, {Value("report"), result.report.to_value()}}));
  if (written) return line + '\n';
  const Error& error = written.error();
  if (!error.path().starts_with("output")) return std::unexpected(error);
  // "output.hits[0]" would read as the name of a file.
  const std::string_view field = std::string_view(error.path()).substr(std::string_view("output").size());
  const std::string place =
      field.empty() ? "the output" : fmt::format("the output's {}", field.front() == '[' ? "item " : "field ");
  return std::unexpected(
      Error(error.code(), fmt::format("{}{}: {}", place, field.starts_with('.') ? field.substr(1) : field, error.message())));
}

/// Many inputs through one plan. Results are printed in the order of the inputs; one that fails is reported and the others go on.
class Lines {
 public:
  Lines(Session& session, Progress& progress, InputReader& reader, Output& out, const Value& settings,
        const RunOptionsGiven& given)
      : session_(session), progress_(progress), reader_(reader), out_(out), settings_(settings), given_(given) {}

  Result<int> run(const std::shared_ptr<const Plan>& plan, const Context& context, RunOptions options) {
    const std::size_t jobs = given_.jobs > 0 ? static_cast<std::size_t>(given_.jobs) : session_.threads();
    plan_ = plan;
    options.observer = nullptr;  // the lines are the progress
    session_.executor().run_many(
        plan, [this] { return next(); }, [this](std::size_t, RunResult result) { done(std::move(result)); }, context,
        {.jobs = jobs}, options);
    progress_.clear();
    if (given_.report && statistics_.runs() > 0) print_error(statistics_.to_text());
    if (stopped_by_) return std::unexpected(*stopped_by_);
    if (session_.interrupt().requested()) return kExitInterrupted;
    if (failed_ > 0) print_error(fmt::format("thalweg: {} of {} inputs failed\n", failed_, finished_));
    return failed_ > 0 ? kExitFailed : kExitOk;
  }

 private:
  struct Waiting {
    std::size_t line;
    bool good;  ///< it was run
  };

  // On a thread of its own, see run_many(). A bad line keeps its turn.
  std::optional<Result<Value>> next() {
    auto item = reader_.next();
    if (!item) stop_because(item.error());
    if (!item || !*item) return std::nullopt;
    auto input =
        (*item)->value ? accept_input(*plan_, with_settings(std::move(*(*item)->value), settings_)) : std::move((*item)->value);
    const std::lock_guard lock(mutex_);
    waiting_.push_back({(*item)->line, input.has_value()});
    return input;
  }

  void done(RunResult result) {
    Waiting waiting{};
    {
      const std::lock_guard lock(mutex_);
      waiting = waiting_.front();
      waiting_.pop_front();
    }
    if (!result.output && result.output.error().code() == Code::cancelled && session_.interrupt().requested()) return;
    if (given_.report && waiting.good) statistics_.add(result.report, result.output.has_value());
    auto text = result.output ? shown(result, *result.output, given_, out_) : std::unexpected(result.output.error());
    ++finished_;
    if (!text) return failed(waiting.line, text.error());
    progress_.clear();
    write(*text);
    if (out_.closed()) session_.interrupt().stop();
    tell();
  }

  void write(std::string_view text) {
    if (const auto written = out_.write(text); !written) stop_because(written.error());
    if (reader_.bytes() == 0) (void)out_.flush();  // a pipe: somebody waits for each answer
  }

  void failed(std::size_t line, const Error& error) {
    ++failed_;
    const bool has_place = error.path().starts_with(reader_.name());  // a line that is no JSON, with its column
    const Error placed = has_place ? error : error.at(fmt::format("{}:{}", reader_.name(), line));
    progress_.clear();
    print_error(fmt::format("thalweg: {}\n", placed.text()));
    if (!given_.json) return;
    std::string out;
    const Value told =
        Value::map({{Value("line"), Value(static_cast<std::int64_t>(line))},
                    {Value("error"),
                     Value::map({{Value("code"), Value(info(error.code()).name)}, {Value("message"), Value(error.text())}})}});
    if (!append_json(out, told)) return;
    write(out + '\n');
  }

  void tell() { progress_.on_progress("run", static_cast<std::int64_t>(finished_), 0, "inputs"); }

  void stop_because(const Error& error) {
    const std::lock_guard lock(mutex_);
    if (!stopped_by_) stopped_by_ = error;
    session_.interrupt().stop();
  }

  Session& session_;
  Progress& progress_;
  InputReader& reader_;
  Output& out_;
  const Value& settings_;
  const RunOptionsGiven& given_;
  std::shared_ptr<const Plan> plan_;
  std::mutex mutex_;
  std::deque<Waiting> waiting_;
  std::optional<Error> stopped_by_;
  Statistics statistics_;
  std::size_t finished_ = 0;
  std::size_t failed_ = 0;
};

class Run final : public Command {
 public:
  void declare(Options& options) override {
    options.position("PIPELINE", given_.pipeline, "a shipped pipeline's name, or a definition's file", Completes::pipeline);
    options.values("-s,--set", "KEY=VALUE", given_.settings,
                   "a field of the input; JSON where the pipeline does not want a string");
    options.value("-i,--input", "FILE", given_.input, "the input: JSON, or JSONL for many; - is standard input", Completes::file);
    options.value("-o,--output", "FILE", given_.output, "where results go, whole or not at all", Completes::file);
    options.value("-j,--jobs", "N", given_.jobs, "inputs worked on at once (as many as threads)");
    given_.session.declare(options);
    options.value("--timeout", "TIME", given_.timeout, "stop after that long: 500ms, 30s, 2m");
    options.value("--store", "FILE|URL", given_.store,
                  "keep results of stages with `cache` there: a file, or postgresql://user@host/database", Completes::file);
    options.value("--trace", "FILE", given_.trace, "write a trace for chrome://tracing or Perfetto", Completes::file);
    options.flag("--json", given_.json, "print {\"output\", \"report\"}, one line for each input");
    options.flag("--report", given_.report, "print what each stage did and cost, of many inputs together, to standard error");
  }

  [[nodiscard]] std::string_view examples() const override {
    return "  thalweg run answer --set index=./docs.index --set question='What is a conffile?'\n"
           "  thalweg run my.yaml --input items.jsonl --output results.jsonl --json\n"
           "  cat items.jsonl | thalweg run my.yaml --input - --jobs 8\n"
           "  thalweg run my.yaml --input items.jsonl --store results.db\n"
           "  thalweg run my.yaml --trace trace.json --report\n";
  }

  [[nodiscard]] Result<int> run(Program& program) override {
    if (given_.jobs < 0) return fail(Code::invalid_argument, "--jobs must be at least 1");
    const auto session = TRY(Session::open(program, given_.session));
    const Context context = TRY(session->context(given_.timeout));
    const auto plan = TRY(session->pipelines().load(given_.pipeline));
    if (!given_.store.empty()) TRY(session->keep_results(context, given_.store));
    const Value settings = TRY(parse_settings(given_.settings, plan->input));
    std::optional<Output> file;
    if (!given_.output.empty()) {
      auto opened = TRY(Output::file(given_.output));
      file.emplace(std::move(opened));
    }
    Output& out = file ? *file : program.out;

    Progress progress(program.clock);
    std::optional<Trace> trace;
    if (!given_.trace.empty()) trace.emplace();
    const RunOptions options{.observer = &progress, .trace = trace ? &*trace : nullptr, .results = session->results()};
    const int exit = TRY(given_.input.empty() ? run_one(*session, plan, settings, context, options, progress, out)
                                              : run_input(*session, plan, settings, context, options, progress, out));
    if (trace) TRY(write_trace(*trace));
    // What an interrupted run has printed so far stays; a file that would be half of it does not appear.
    if (file && exit != kExitInterrupted) TRY(file->commit());
    return exit;
  }

 private:
  Result<int> run_one(Session& session, const std::shared_ptr<const Plan>& plan, Value input, const Context& context,
                      RunOptions options, Progress& progress, Output& out) {
    input = TRY(accept_input(*plan, std::move(input)));
    const RunResult result = session.executor().run(plan, std::move(input), context, options);
    progress.clear();
    if (given_.report) print_error(result.report.to_text());
    if (result.output) {
      const std::string text = TRY(shown(result, *result.output, given_, out));
      TRY(out.write(text));
      return kExitOk;
    }
    const Error& error = result.output.error();
    print_error(fmt::format("thalweg: {}\n", error.text()));
    if (given_.json) {
      const Value told =
          Value::map({{Value("error"),
                       Value::map({{Value("code"), Value(info(error.code()).name)}, {Value("message"), Value(error.text())}})},
                      {Value("report"), result.report.to_value()}});
      TRY(print_json(out, told, JsonStyle::compact));
    }
    return session.interrupt().requested() ? kExitInterrupted : kExitFailed;
  }

  Result<int> run_input(Session& session, const std::shared_ptr<const Plan>& plan, const Value& settings, const Context& context,
                        RunOptions options, Progress& progress, Output& out) {
    InputReader reader = TRY(InputReader::open(given_.input, &session.interrupt()));
    if (TRY(reader.lines())) return Lines(session, progress, reader, out, settings, given_).run(plan, context, options);
    auto item = TRY(reader.next());
    if (session.interrupt().requested()) return kExitInterrupted;
    if (!item) return fail(Code::invalid_argument, "{} is empty; an input is one JSON document, or one a line", reader.name());
    if (!item->value) return std::unexpected(item->value.error().at(reader.name()));
    return run_one(session, plan, with_settings(std::move(*item->value), settings), context, options, progress, out);
  }

  Result<> write_trace(const Trace& trace) const {
    Output file = TRY(Output::file(given_.trace));
    TRY(file.write(trace.text()));
    return file.commit();
  }

  RunOptionsGiven given_;
};

}  // namespace

std::unique_ptr<Command> make_run() { return std::make_unique<Run>(); }

}  // namespace thalweg::cli
