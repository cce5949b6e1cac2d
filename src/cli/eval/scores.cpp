#include "cli/eval/scores.h"

#include <algorithm>

#include "base/error.h"
#include "base/printable.h"
#include "cli/table.h"

namespace thalweg::cli {

namespace {

using documents::Estimate;
using documents::estimate;
using Rank = std::optional<std::size_t>;

/// The questions that have one value of a field.
struct Group {
  std::string value;
  std::vector<std::size_t> questions;
};

std::vector<double> found_at(const std::vector<Rank>& ranks, const std::vector<std::size_t>& of, std::size_t depth) {
  std::vector<double> out;
  for (const std::size_t i : of) out.push_back(ranks[i] && *ranks[i] <= depth ? 1 : 0);
  return out;
}

std::vector<double> reciprocal(const std::vector<Rank>& ranks, const std::vector<std::size_t>& of) {
  std::vector<double> out;
  for (const std::size_t i : of) out.push_back(ranks[i] ? 1.0 / static_cast<double>(*ranks[i]) : 0);
  return out;
}

std::vector<std::size_t> all_of(const std::vector<const Asked*>& questions) {
  std::vector<std::size_t> out(questions.size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = i;
  return out;
}

// In the order in which the values first come.
std::vector<Group> groups(const std::vector<const Asked*>& questions, const std::string& field) {
  std::vector<Group> out;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const std::string value = questions[i]->field(field);
    auto group = std::ranges::find(out, value, &Group::value);
    if (group == out.end()) group = out.insert(out.end(), Group{value, {}});
    group->questions.push_back(i);
  }
  return out;
}

std::string share(const Estimate& of) {
  return fmt::format("{:.0f} % ({:.0f} to {:.0f})", of.mean * 100, of.low * 100, of.high * 100);
}

std::string number(const Estimate& of) { return fmt::format("{:.2f} ({:.2f} to {:.2f})", of.mean, of.low, of.high); }

std::vector<std::string> header(std::string first, const std::vector<std::size_t>& depths) {
  std::vector<std::string> row{std::move(first), "questions"};
  for (const std::size_t depth : depths) row.push_back(fmt::format("recall@{}", depth));
  row.emplace_back("MRR");
  return row;
}

std::vector<std::string> figures(std::string first, const ModeScores& mode, const std::vector<std::size_t>& of,
                                 const std::vector<std::size_t>& depths) {
  std::vector<std::string> row{std::move(first), std::to_string(of.size())};
  for (const std::size_t depth : depths) row.push_back(share(estimate(found_at(mode.ranks, of, depth))));
  row.push_back(number(estimate(reciprocal(mode.ranks, of))));
  return row;
}

// What one mode has over another, question by question: "hybrid - keyword".
struct Difference {
  std::string name;
  std::vector<Estimate> recall;
  Estimate mrr;
};

std::vector<double> minus(std::vector<double> a, const std::vector<double>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] -= b[i];
  return a;
}

std::vector<Difference> differences(const EvalScores& scores) {
  const auto all = all_of(scores.questions);
  std::vector<Difference> out;
  for (auto mode = scores.modes.begin(); mode != scores.modes.end(); ++mode) {
    for (auto other = scores.modes.begin(); other != mode; ++other) {
      if (!mode->unavailable.empty() || !other->unavailable.empty()) continue;
      Difference& one = out.emplace_back(fmt::format("{} - {}", mode->mode, other->mode));
      for (const std::size_t depth : scores.depths)
        one.recall.push_back(estimate(minus(found_at(mode->ranks, all, depth), found_at(other->ranks, all, depth))));
      one.mrr = estimate(minus(reciprocal(mode->ranks, all), reciprocal(other->ranks, all)));
    }
  }
  return out;
}

std::string difference_table(const std::vector<Difference>& of, const std::vector<std::size_t>& depths) {
  if (of.empty()) return {};
  std::vector<std::vector<std::string>> rows{{"difference"}};
  for (const std::size_t depth : depths) rows[0].push_back(fmt::format("recall@{}", depth));
  rows[0].emplace_back("MRR");
  for (const Difference& one : of) {
    std::vector<std::string>& row = rows.emplace_back(1, one.name);
    for (const Estimate& recall : one.recall)
      row.push_back(fmt::format("{:+.0f} % ({:+.0f} to {:+.0f})", recall.mean * 100, recall.low * 100, recall.high * 100));
    row.push_back(fmt::format("{:+.2f} ({:+.2f} to {:+.2f})", one.mrr.mean, one.mrr.low, one.mrr.high));
  }
  return '\n' + table(rows);
}

std::string shortened(std::string_view text) {
  constexpr std::size_t kMost = 100;
  if (text.size() <= kMost) return printable_line(text);
  std::size_t end = kMost;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;  // not within a character
  return printable_line(text.substr(0, end)) + "...";
}

std::string missed(const EvalScores& scores, const ModeScores& mode) {
  std::string out;
  for (std::size_t i = 0; i < scores.questions.size(); ++i) {
    if (mode.ranks[i]) continue;
    const Asked& asked = *scores.questions[i];
    const documents::Place& place = asked.evidence.places().front();
    out += fmt::format("  {}  {}\n      wanted: {}{}\n      first:  {}\n", asked.id, printable_line(asked.question),
                       place.document.empty() ? "" : printable_line(place.document) + ": ", shortened(place.passage),
                       mode.first[i].empty() ? "nothing" : printable_line(mode.first[i]));
  }
  return fmt::format("\n{}: not among the first {}{}\n{}", mode.mode, scores.depths.back(), out.empty() ? ": none" : "", out);
}

std::vector<double> shares(const std::vector<Answered>& answers, bool Answered::* which, bool wanted) {
  std::vector<double> out;
  for (const Answered& one : answers) out.push_back(one.*which == wanted ? 1 : 0);
  return out;
}

std::string counted(const std::vector<double>& ones) {
  return fmt::format("{} of {}, {}", std::ranges::count(ones, 1.0), ones.size(), share(estimate(ones)));
}

std::string named(const std::vector<const Asked*>& questions, const std::vector<Answered>& answers, bool given) {
  std::string out;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i].given == given) out += fmt::format("  {}  {}\n", questions[i]->id, printable_line(questions[i]->question));
  }
  return out.empty() ? "  none\n" : out;
}

Value to_value(const Estimate& of) { return Value::map({{"mean", of.mean}, {"low", of.low}, {"high", of.high}}); }

Value recall_value(const std::vector<Estimate>& of, const std::vector<std::size_t>& depths) {
  std::vector<Entry> out;
  for (std::size_t i = 0; i < of.size(); ++i) out.push_back({std::to_string(depths[i]), to_value(of[i])});
  return Value::map(std::move(out));
}

Value figures_value(const ModeScores& mode, const std::vector<std::size_t>& of, const std::vector<std::size_t>& depths) {
  std::vector<Estimate> recall;
  for (const std::size_t depth : depths) recall.push_back(estimate(found_at(mode.ranks, of, depth)));
  return Value::map({{"questions", static_cast<std::int64_t>(of.size())},
                     {"recall", recall_value(recall, depths)},
                     {"mrr", to_value(estimate(reciprocal(mode.ranks, of)))}});
}

}  // namespace

std::string EvalScores::to_text(const std::string& by, bool misses) const {
  std::string out = fmt::format("{} questions with an answer, {} without. In brackets: 95 % intervals over the questions.\n",
                                questions.size(), without.size());
  std::vector<std::vector<std::string>> rows{header("mode", depths)};
  std::string notes;
  for (const ModeScores& mode : modes) {
    if (mode.unavailable.empty()) {
      rows.push_back(figures(mode.mode, mode, all_of(questions), depths));
    } else {
      notes += fmt::format("{} was not measured: {}\n", mode.mode, mode.unavailable);
    }
  }
  if (!questions.empty() && !modes.empty()) out += '\n' + table(rows) + notes + difference_table(differences(*this), depths);
  for (const ModeScores& mode : modes) {
    if (!mode.unavailable.empty()) continue;
    if (!by.empty()) {
      std::vector<std::vector<std::string>> by_rows{header(fmt::format("{} by {}", mode.mode, by), depths)};
      for (const Group& group : groups(questions, by))
        by_rows.push_back(figures(printable_line(group.value), mode, group.questions, depths));
      out += '\n' + table(by_rows);
    }
    if (misses) out += missed(*this, mode);
  }
  if (answers.empty() && answers_without.empty()) return out;
  out += "\nthe pipeline 'answer'\n";
  out += table({{"answered, of those with an answer", counted(shares(answers, &Answered::given, true))},
                {"quoting what answers, of those with an answer", counted(shares(answers, &Answered::quoted, true))},
                {"withheld, of those without", counted(shares(answers_without, &Answered::given, false))}});
  if (misses) {
    out += "\nnot answered\n" + named(questions, answers, false);
    out += "\nnot withheld\n" + named(without, answers_without, true);
  }
  return out;
}

Value EvalScores::to_value(const std::string& by) const {
  std::vector<Entry> measured;
  for (const ModeScores& mode : modes) {
    if (!mode.unavailable.empty()) {
      measured.push_back({mode.mode, Value::map({{"unavailable", mode.unavailable}})});
      continue;
    }
    Value value = figures_value(mode, all_of(questions), depths);
    if (!by.empty()) {
      std::vector<Entry> parts;
      for (const Group& group : groups(questions, by))
        parts.push_back({group.value, figures_value(mode, group.questions, depths)});
      value = std::move(value).set("by", Value::map(std::move(parts)));
    }
    std::vector<Entry> ranks;
    for (std::size_t i = 0; i < questions.size(); ++i)
      ranks.push_back({questions[i]->id, mode.ranks[i] ? Value(static_cast<std::int64_t>(*mode.ranks[i])) : Value()});
    measured.push_back({mode.mode, std::move(value).set("ranks", Value::map(std::move(ranks)))});
  }
  std::vector<Entry> between;
  for (const Difference& one : differences(*this))
    between.push_back({one.name, Value::map({{"recall", recall_value(one.recall, depths)}, {"mrr", cli::to_value(one.mrr)}})});
  Value out = Value::map({{"questions", static_cast<std::int64_t>(questions.size())},
                          {"without", static_cast<std::int64_t>(without.size())},
                          {"modes", Value::map(std::move(measured))},
                          {"differences", Value::map(std::move(between))}});
  if (answers.empty() && answers_without.empty()) return out;
  std::vector<Entry> each;
  const auto add = [&](const std::vector<const Asked*>& asked, const std::vector<Answered>& given) {
    for (std::size_t i = 0; i < given.size(); ++i)
      each.push_back({asked[i]->id, Value::map({{"answered", given[i].given}, {"quoted", given[i].quoted}})});
  };
  add(questions, answers);
  add(without, answers_without);
  return std::move(out).set("answers",
                            Value::map({{"answered", cli::to_value(estimate(shares(answers, &Answered::given, true)))},
                                        {"quoted", cli::to_value(estimate(shares(answers, &Answered::quoted, true)))},
                                        {"withheld", cli::to_value(estimate(shares(answers_without, &Answered::given, false)))},
                                        {"each", Value::map(std::move(each))}}));
}

}  // namespace thalweg::cli
