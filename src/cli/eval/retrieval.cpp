// thalweg eval retrieval

#include <algorithm>
#include <atomic>
#include <charconv>

#include "cli/eval/scores.h"
#include "cli/progress.h"
#include "cli/render.h"
#include "cli/session.h"
#include "cli/settings.h"

namespace thalweg::cli {

namespace {

constexpr std::string_view kModes = "keyword,dense,hybrid";
constexpr std::string_view kDefault = "default";  // as the stage does it when it is not told how
constexpr std::string_view kWithheld = "not in the documents";

Result<std::vector<std::string>> modes_of(std::string_view list) {
  std::vector<std::string> out;
  for (const std::string_view mode : split(list, ',')) {
    const auto known = split("keyword,dense,hybrid,default", ',');
    if (std::ranges::find(known, mode) == known.end())
      return fail(Code::invalid_argument, "--modes '{}': there is no mode '{}', but keyword, dense, hybrid and default", list,
                  mode);
    if (std::ranges::find(out, mode) != out.end()) return fail(Code::invalid_argument, "--modes '{}' has '{}' twice", list, mode);
    out.emplace_back(mode);
  }
  return out;
}

Result<std::vector<std::size_t>> depths_of(std::string_view list) {
  constexpr std::size_t kMost = 1'000;
  std::vector<std::size_t> out;
  for (const std::string_view part : split(list, ',')) {
    std::size_t depth = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), depth);
    if (error != std::errc{} || end != part.data() + part.size() || depth < 1 || depth > kMost)
      return fail(Code::invalid_argument, "--top-k '{}' is no list of numbers from 1 to {}, such as 1,5,10", list, kMost);
    out.push_back(depth);
  }
  std::ranges::sort(out);
  const auto doubled = std::ranges::unique(out);
  out.erase(doubled.begin(), doubled.end());
  return out;
}

// The pipeline a user would write.
std::string definition(std::string_view mode, std::size_t top_k) {
  const std::string field = mode == kDefault ? "" : fmt::format(", mode: {}", mode);
  return fmt::format(
      "name: eval-retrieval\n"
      "input: {{index: string, question: string}}\n"
      "stages:\n"
      "  - {{id: find, uses: retrieve, with: {{index: \"{{{{ input.index }}}}\", text: \"{{{{ input.question }}}}\", top_k: "
      "{}{}}}}}\n"
      "output: \"{{{{ find.hits }}}}\"\n",
      top_k, field);
}

std::string text_of(const Value& map, std::string_view name) {
  const Value* found = map.find(name);
  return found != nullptr && found->is_string() ? std::string(found->as_string()) : std::string{};
}

// "docs/cats.md, Cats > Food"
std::string place_of(const Value& hit) {
  const std::string section = text_of(hit, "section");
  return text_of(hit, "document") + (section.empty() ? "" : ", " + section);
}

/// Asks one plan all questions.
class Asking {
 public:
  Asking(Session& session, Progress& progress, const Context& context, const std::string& index)
      : session_(session), progress_(progress), context_(context), index_(index) {}

  /// Calls `done` with each output, in order. The first failure ends it.
  Result<> run(const std::string& what, const std::shared_ptr<const Plan>& plan, const std::vector<const Asked*>& questions,
               std::move_only_function<void(std::size_t, const Value&)> done) {
    std::atomic<bool> failed = false;
    std::optional<Error> error;
    std::size_t next = 0;
    session_.executor().run_many(
        plan,
        [&]() -> std::optional<Result<Value>> {
          if (next == questions.size() || failed || session_.interrupt().requested()) return std::nullopt;
          return accept_input(*plan, Value::map({{"index", index_}, {"question", questions[next++]->question}}));
        },
        [&](std::size_t i, RunResult result) {
          if (result.output && !failed) done(i, *result.output);
          if (!result.output && !failed.exchange(true))
            error = result.output.error().at(fmt::format("question {}", questions[i]->id));
          progress_.on_progress(what, static_cast<std::int64_t>(i + 1), static_cast<std::int64_t>(questions.size()), "questions");
        },
        context_, {.jobs = session_.threads()});
    progress_.clear();
    if (error) return std::unexpected(*error);
    return {};
  }

 private:
  Session& session_;
  Progress& progress_;
  const Context& context_;
  const std::string& index_;
};

class EvalRetrieval final : public Command {
 public:
  void declare(Options& options) override {
    options.position("INDEX", index_, "the folder of an index", Completes::folder);
    options.position("QUESTIONS", questions_, "JSONL: {\"question\", \"passage\", \"document\"} a line; see below",
                     Completes::file);
    options.value("--modes", "LIST", modes_, fmt::format("of keyword, dense, hybrid and default ({})", kModes));
    options.value("--top-k", "LIST", top_k_, "how many passages recall looks at (1,5,10)");
    options.value("--by", "FIELD", by_, "also by the values of that field of the questions");
    options.flag("--misses", misses_, "also list the questions that went wrong");
    options.flag("--no-answers", no_answers_, "do not run the pipeline 'answer'");
    session_.declare(options);
    options.flag("--json", json_, "print {questions, without, modes, answers}, with the rank of each question");
  }
  [[nodiscard]] std::string_view notes() const override {
    return "A question is found at the rank of the first passage that comes from its `document` (the end of a\n"
           "path; any, when not given) and holds its `passage`, or a whole sentence of it of at least 20 bytes,\n"
           "word for word but for white space. Other places that answer stand in `also`: [{\"document\",\n"
           "\"passage\"}]. recall@k is the share of questions found among the first k passages; MRR is the mean\n"
           "of 1 / rank, 0 for those not found.\n"
           "\n"
           "A question without `passage` is one that the documents do not answer. When there are some, the\n"
           "pipeline 'answer' is asked all questions: an answer is withheld when it has no sources or says \"not\n"
           "in the documents\"; it quotes what answers when one of its sources holds the passage, a whole\n"
           "sentence of it, or is itself a part of it of at least 20 bytes.\n";
  }
  [[nodiscard]] std::string_view examples() const override {
    return "  thalweg eval retrieval ./docs.index questions.jsonl\n"
           "  thalweg eval retrieval ./docs.index questions.jsonl --modes keyword,hybrid --by kind --misses\n"
           "  thalweg eval retrieval ./docs.index questions.jsonl --top-k 3 --json > figures.json\n";
  }
  [[nodiscard]] Result<int> run(Program& program) override {
    TRY(check_utf8("INDEX", index_));
    const auto modes = TRY(modes_of(modes_.empty() ? kModes : modes_));
    EvalScores scores;
    scores.depths = TRY(depths_of(top_k_));
    const auto session = TRY(Session::open(program, session_));
    const Context context = TRY(session->context({}));
    const auto all = TRY(read_questions(questions_, session->interrupt()));
    if (!by_.empty() && std::ranges::none_of(all, [&](const Asked& one) { return one.row.find(by_) != nullptr; }))
      return fail(Code::invalid_argument, "--by '{}': no question has such a field", by_);
    for (const Asked& one : all) (one.answered() ? scores.questions : scores.without).push_back(&one);

    Progress progress(program.clock);
    Asking asking(*session, progress, context, index_);
    auto done = measure(*session, asking, modes, scores);
    if (done && !scores.without.empty() && !no_answers_) done = answer(*session, asking, scores);
    if (session->interrupt().requested()) return kExitInterrupted;
    if (!done) {
      print_error(fmt::format("thalweg: {}\n", done.error().text()));
      return kExitFailed;
    }
    if (json_) {
      TRY(print_json(program.out, scores.to_value(by_)));
    } else {
      TRY(program.out.write(scores.to_text(by_, misses_)));
    }
    return kExitOk;
  }

 private:
  Result<> measure(Session& session, Asking& asking, const std::vector<std::string>& modes, EvalScores& scores) const {
    for (const std::string& mode : modes) {
      if (scores.questions.empty()) break;
      const auto plan = TRY(session.pipelines().compile("eval-retrieval", definition(mode, scores.depths.back())));
      ModeScores one{mode, {}, std::vector<std::optional<std::size_t>>(scores.questions.size()), {}};
      one.first.resize(scores.questions.size());
      const auto asked = asking.run(mode, plan, scores.questions, [&](std::size_t i, const Value& hits) {
        for (std::size_t rank = 1; const Value& hit : hits.items()) {
          if (rank == 1) one.first[i] = place_of(hit);
          const bool shown = scores.questions[i]->evidence.shown_in(text_of(hit, "document"), text_of(hit, "text"));
          if (shown && !one.ranks[i]) one.ranks[i] = rank;
          ++rank;
        }
      });
      // An index need not have what every mode takes; a mode that was asked for by name must work.
      const bool needed = asked || !modes_.empty() || asked.error().code() != Code::failed_precondition;
      if (!asked && needed) return std::unexpected(asked.error().at(mode));
      if (!asked) one.unavailable = asked.error().message();
      scores.modes.push_back(std::move(one));
    }
    return {};
  }

  static Result<> answer(Session& session, Asking& asking, EvalScores& scores) {
    const auto plan = TRY(session.pipelines().load("answer"));
    std::vector<const Asked*> questions = scores.questions;
    questions.insert(questions.end(), scores.without.begin(), scores.without.end());
    return asking.run("answer", plan, questions, [&](std::size_t i, const Value& output) {
      Answered& one = (i < scores.questions.size() ? scores.answers : scores.answers_without).emplace_back();
      const Value* sources = output.find("sources");
      if (sources == nullptr || !sources->is_list() || text_of(output, "text") == kWithheld) return;
      for (const Value& source : sources->items()) {
        one.given = true;
        one.quoted = one.quoted || questions[i]->evidence.quoted_in(text_of(source, "document"), text_of(source, "text"));
      }
    });
  }

  std::string index_;
  std::string questions_;
  std::string modes_;
  std::string top_k_ = "1,5,10";
  std::string by_;
  SessionOptions session_;
  bool misses_ = false;
  bool no_answers_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_eval_retrieval() { return std::make_unique<EvalRetrieval>(); }

}  // namespace thalweg::cli
