// thalweg eval classify

#include "cli/eval/source.h"
#include "cli/input.h"
#include "cli/render.h"
#include "cli/settings.h"
#include "cli/table.h"
#include "thalweg/scoring/pipeline_result.h"

namespace thalweg::cli {

namespace {

class EvalClassify final : public Command {
 public:
  void declare(Options& options) override {
    options.positions("TEXT", texts_, "texts to score; without one, or with -, each line of standard input is a text",
                      Completes::nothing, false);
    source_.declare(options);
    options.flag("-v,--verbose", verbose_, "all labels with their raw and calibrated scores, not only those detected");
    options.flag("--json", json_, "print {meta: {text, line}, layers: {score: {meta, output or error}}}, one line for each text");
  }
  [[nodiscard]] std::string_view notes() const override {
    return "Without -c the shipped configuration 'memory' is taken: is a message worth remembering? The exit code is\n"
           "0 whether texts are accepted or rejected, 1 when a model failed on one of them or a line of standard input is no\n"
           "text (UTF-8); the other lines are scored, and blank ones passed over. A blank TEXT is an error (exit code 2).\n";
  }
  [[nodiscard]] std::string_view examples() const override {
    return "  thalweg eval classify 'Remember to call Mom on her birthday next Tuesday'\n"
           "  thalweg eval classify -c gate.yaml -v 'See you later!'\n"
           "  thalweg eval classify --json < messages.txt > scores.jsonl\n";
  }
  [[nodiscard]] Result<int> run(Program& program) override {
    if (texts_.size() == 1 && texts_[0] == "-") texts_.clear();
    for (const std::string& text : texts_) {
      if (text == "-")
        return fail(Code::invalid_argument, "'-' stands for the lines of standard input; give it alone, or texts without it");
      TRY(check_utf8("TEXT", text));
      if (scoring::is_blank(text)) return fail(Code::invalid_argument, "TEXT is blank; there is nothing to decide");
    }
    const EvalConfig config = TRY(source_.read());
    const auto session = TRY(Session::open(program, source_.session()));
    const Context context = TRY(session->context({}));
    const auto scorer = TRY(as_usage(scoring::TextScorer::open(config.data.score, session->model_source(), context)));
    bool failed = false;
    if (!texts_.empty()) {
      TRY(classify(program, *scorer, context, texts_, failed));
      return failed ? kExitFailed : kExitOk;
    }
    InputReader lines = TRY(InputReader::open("-", &session->interrupt()));
    while (true) {
      const auto line = lines.next_text();
      if (line && !*line) break;
      Result<> good = line ? check_utf8("the line", **line) : std::unexpected(line.error());
      if (good && scoring::is_blank(**line)) continue;
      if (!line && line.error().code() != Code::resource_exhausted) return std::unexpected(line.error());
      if (good) {
        TRY(classify(program, *scorer, context, {**line}, failed, lines.line()));
      } else {
        failed = true;
        TRY(tell_error(program, Error(good.error().code(), good.error().message()), "", lines.line()));
      }
      TRY(program.out.flush());
    }
    if (session->interrupt().requested()) return kExitInterrupted;
    return failed ? kExitFailed : kExitOk;
  }

 private:
  Result<> classify(Program& program, const scoring::TextScorer& scorer, const Context& context,
                    const std::vector<std::string>& texts, bool& failed, std::size_t line = 0) const {
    std::vector<scoring::Input> inputs;
    for (const std::string& text : texts) inputs.push_back({.text = text, .id = {}, .raw = {}});
    const scoring::BatchScores scores = scorer.score(std::move(inputs), context);
    TRY(context.check());
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const auto result = scorer.result(scores, i);
      failed = failed || !result;
      if (!result) {
        TRY(tell_error(program, result.error(), texts[i], line));
      } else if (json_) {
        scoring::LayerResult layer{.meta = scorer.meta(scores), .output = result->to_value()};
        TRY(print_layer(program, std::move(layer), texts[i], line));
      } else {
        TRY(program.out.write(text_of(*result, texts.size() > 1 ? texts[i] : "")));
      }
    }
    return {};
  }

  // `line` of standard input; 0: the text was an argument.
  static Result<> print_layer(Program& program, scoring::LayerResult layer, const std::string& text, std::size_t line) {
    scoring::PipelineResult whole;
    if (!text.empty()) whole.with_meta("text", Value(text));
    if (line > 0) whole.with_meta("line", Value(static_cast<std::int64_t>(line)));
    whole.with_layer(scoring::kScoreLayer, std::move(layer));
    return print_json(program.out, whole.to_value(), JsonStyle::compact);
  }

  Result<> tell_error(Program& program, const Error& error, const std::string& text, std::size_t line) const {
    if (json_) return print_layer(program, {.meta = {}, .output = std::unexpected(error)}, text, line);
    print_error(line > 0 ? fmt::format("thalweg: standard input:{}: {}\n", line, error.text())
                         : fmt::format("thalweg: '{}': {}\n", one_line(text, 60), error.text()));
    return {};
  }

  [[nodiscard]] std::string text_of(const scoring::ScoreResult& result, const std::string& text) const {
    std::string out = text.empty() ? "" : fmt::format("{}\n", one_line(text, 100));
    out += fmt::format("{}: {}\n", scoring::name(result.decision), one_line(result.reason.text(), 500));
    std::vector<std::vector<std::string>> rows{{"  label", "category", "raw", "calibrated", "threshold", "score"}};
    for (const scoring::CategoryScore& category : result.categories) {
      for (const scoring::LabelScore& label : category.labels) {
        if (!verbose_ && !label.detected()) continue;
        rows.push_back({fmt::format("  {}{}", label.name, verbose_ && label.detected() ? " *" : ""), category.name,
                        fmt::format("{:.4f}", label.raw), fmt::format("{:.4f}", label.calibrated),
                        fmt::format("{:.2f}", label.threshold), fmt::format("{:.4f}", label.score)});
      }
    }
    return rows.size() == 1 ? out + "  no label detected\n" : out + table(rows);
  }

  std::vector<std::string> texts_;
  EvalSource source_;
  bool verbose_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_eval_classify() { return std::make_unique<EvalClassify>(); }

}  // namespace thalweg::cli
