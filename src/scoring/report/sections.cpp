#include "scoring/report/sections.h"

#include <algorithm>
#include <array>
#include <vector>

#include "scoring/report/html.h"
#include "scoring/report/plots.h"

namespace thalweg::scoring {

namespace {

using html::count;
using html::count_text;
using html::fixed;
using html::list;
using html::milliseconds;
using html::number;
using html::percent;
using html::quoted;
using html::round_percent;
using html::share;
using html::text;

constexpr std::size_t kMostMistakes = 200;
constexpr std::size_t kMostText = 400;  // characters of a text of others

const Value& part(const Value& report, std::string_view key) {
  static const Value kNone;
  const Value* found = report.find(key);
  return found == nullptr ? kNone : *found;
}

std::string section(std::string_view title, const std::string& body) {
  return body.empty() ? body : fmt::format("<section>\n<h2>{}</h2>\n{}</section>\n", title, body);
}

std::string left_out(std::size_t shown, std::size_t all) {
  if (shown >= all) return {};
  return fmt::format("<p class=\"note\">The first {} of {} are shown.</p>\n", count_text(static_cast<std::int64_t>(shown)),
                     count_text(static_cast<std::int64_t>(all)));
}

// A table behind a drawing, for those who want numbers or do not see it.
std::string numbers(const std::string& table) {
  return fmt::format("<details><summary>Numbers</summary><div class=\"wide\">{}</div></details>\n", table);
}

std::string row(std::string_view cell, const std::vector<std::string>& cells) {
  std::string out = "<tr>";
  for (const std::string& one : cells) out += fmt::format("<{0}>{1}</{0}>", cell, one);
  return out + "</tr>\n";
}

std::string participle(std::string_view decision) {
  if (decision == "accept" || decision == "reject") return std::string(decision) + "ed";
  return quoted(decision, 20);
}

struct Decision {
  std::int64_t true_accept, false_reject, true_reject, false_accept;
  [[nodiscard]] std::int64_t all() const { return true_accept + false_reject + true_reject + false_accept; }
};

std::optional<Decision> decision_of(const Value& decision) {
  const auto true_accept = count(decision, "true_accept");
  const auto false_reject = count(decision, "false_reject");
  const auto true_reject = count(decision, "true_reject");
  const auto false_accept = count(decision, "false_accept");
  if (!true_accept || !false_reject || !true_reject || !false_accept) return {};
  return Decision{*true_accept, *false_reject, *true_reject, *false_accept};
}

std::string interval_text(const Value& interval) {
  const auto low = share(interval, "low");
  const auto high = share(interval, "high");
  return low && high ? fmt::format("{} to {}", percent(*low), percent(*high)) : std::string();
}

std::string figure(std::string_view name, const std::string& big, const std::string& small) {
  return fmt::format("<div><dt>{}</dt><dd><span class=\"big\">{}</span><br><span class=\"small\">{}</span></dd></div>\n", name,
                     big, small);
}

std::string accuracy_figure(const Value& decision) {
  const Value& accuracy = part(decision, "accuracy");
  const auto value = share(accuracy, "value");
  if (!value) return {};
  std::string small = interval_text(accuracy);
  if (const auto majority = share(part(decision, "majority"), "value")) {
    const std::string_view always = text(part(decision, "majority"), "decision");
    small += fmt::format("{}always {} gets {}", small.empty() ? "" : "<br>", always.empty() ? "the same" : quoted(always, 20),
                         percent(*majority));
  }
  return figure("Decisions right", percent(*value), small);
}

std::string confusion(const Decision& is) {
  const auto cell = [](std::string_view css, std::int64_t here, std::int64_t beside) {
    const std::int64_t sum = here + beside;
    return fmt::format(
        "<td class=\"{}\"><b>{}</b><span>{}</span></td>", css, count_text(here),
        sum == 0 ? std::string("none") : percent(static_cast<double>(here) / static_cast<double>(sum)) + " of the row");
  };
  return "<table class=\"confusion\"><thead><tr><th></th><th scope=\"col\">accepted</th><th "
         "scope=\"col\">rejected</th></tr></thead>"
         "<tbody><tr><th scope=\"row\">should be accepted</th>" +
         cell("right", is.true_accept, is.false_reject) + cell("wrong", is.false_reject, is.true_accept) +
         "</tr><tr><th scope=\"row\">should be rejected</th>" + cell("wrong", is.false_accept, is.true_reject) +
         cell("right", is.true_reject, is.false_accept) + "</tr></tbody></table>\n";
}

// "of the 90 accepted, 4 are wrong (4.4%)"
std::string share_sentence(std::string_view what, std::int64_t of, std::string_view how, std::int64_t wrong) {
  if (of == 0) return {};
  return fmt::format("Of the {} {}, {} {} ({}). ", count_text(of), what, count_text(wrong), how,
                     percent(static_cast<double>(wrong) / static_cast<double>(of)));
}

std::string histogram_table(const Value& scores) {
  std::string table =
      "<table><thead><tr><th>score</th><th>rightly accepted</th><th>wrongly rejected</th><th>rightly rejected</th>"
      "<th>wrongly accepted</th></tr></thead><tbody>\n";
  const auto bins = list(scores, "bins");
  for (const Value& bin : bins.first(std::min(bins.size(), std::size_t{400}))) {
    const auto here = [&](std::string_view key) { return count_text(count(bin, key).value_or(0)); };
    const auto from = number(bin, "from");
    const auto to = number(bin, "to");
    if (!from || !to) continue;
    table += row("td", {fixed(*from, 3) + " to " + fixed(*to, 3), here("true_accept"), here("false_reject"), here("true_reject"),
                        here("false_accept")});
  }
  return table + "</tbody></table>";
}

}  // namespace

std::string head_section(const Value& report) {
  std::string out = "<header>\n";
  const std::string_view title = text(report, "title");
  out += fmt::format("<h1>{}</h1>\n", title.empty() ? "Evaluation" : quoted(title, kMostName));
  if (const std::string_view summary = text(report, "summary"); !summary.empty()) {
    out += fmt::format("<p class=\"soft\">{}</p>\n", quoted(summary, kMostText));
  }
  const Value& decision = part(report, "decision");
  std::string figures = accuracy_figure(decision);
  if (const auto is = decision_of(decision)) {
    const std::int64_t errors = count(decision, "errors").value_or(0);
    std::string small =
        errors == 0 ? std::string("all were scored") : fmt::format("{} more could not be scored", count_text(errors));
    if (const auto copies = count(decision, "copies").value_or(0); copies > 0)
      small += fmt::format("<br>{} more rows are copies of these", count_text(copies));
    figures += figure("Texts", count_text(is->all()), small);
  }
  const Value& chosen = part(part(report, "risk"), "chosen");
  if (const auto bound = share(chosen, "bound"); bound && share(chosen, "accepted")) {
    const auto sure = share(part(report, "risk"), "confidence");
    figures += figure("Risk bound", "&le; " + percent(*bound),
                      fmt::format("wrong among the accepted, {}{} accepted", sure ? round_percent(*sure) + " sure; " : "",
                                  percent(*share(chosen, "accepted"))));
  }
  const Value& latency = part(report, "latency");
  if (const auto half = number(latency, "p50_ms")) {
    const auto tail = number(latency, "p99_ms");
    const auto texts = count(latency, "texts").value_or(1);
    figures += figure(texts > 1 ? fmt::format("A batch of {} takes", count_text(texts)) : "A text takes", milliseconds(*half),
                      tail ? fmt::format("half take less; 1 in 100 over {}", milliseconds(*tail)) : "half take less");
  }
  if (const auto rate = number(part(report, "throughput"), "texts_per_second"); rate && *rate > 0) {
    const Value& energy = part(report, "energy");
    const auto joules = number(energy, "joules_per_text");
    figures +=
        figure("Texts a second", *rate >= 100 ? count_text(static_cast<std::int64_t>(std::min(*rate, 1e18))) : fixed(*rate, 1),
               joules ? fixed(*joules, *joules < 1 ? 3 : 1) + " J a text" : "");
  }
  if (!figures.empty()) out += "<dl class=\"figures\">\n" + figures + "</dl>\n";
  std::string warnings;
  for (const Value& warning : list(report, "warnings")) {
    if (warning.is_string()) warnings += fmt::format("<li>{}</li>\n", quoted(warning.as_string(), kMostText));
  }
  if (!warnings.empty()) out += "<ul class=\"warnings\" aria-label=\"Warnings\">\n" + warnings + "</ul>\n";
  return out + "</header>\n";
}

std::string decision_section(const Value& report) {
  const Value& decision = part(report, "decision");
  std::string out;
  if (const auto is = decision_of(decision)) {
    out += "<p>" + share_sentence("accepted", is->true_accept + is->false_accept, "should not be", is->false_accept) +
           share_sentence("that should be rejected", is->true_reject + is->false_accept, "got through", is->false_accept) +
           share_sentence("that should be accepted", is->true_accept + is->false_reject, "were lost", is->false_reject) +
           "</p>\n" + confusion(*is);
  }
  const Value& accuracy = part(decision, "accuracy");
  const auto majority = share(part(decision, "majority"), "value");
  if (const std::string plot = interval_plot("accuracy", accuracy, majority, 420); !plot.empty()) {
    std::string caption = "Decisions right: " + percent(*share(accuracy, "value"));
    if (const std::string interval = interval_text(accuracy); !interval.empty()) caption += ", interval " + interval;
    if (majority) {
      caption += fmt::format("; the mark is the majority baseline, {}", percent(*majority));
      const auto low = share(accuracy, "low");
      if (low && *low <= *majority) caption += ", which the interval does not rule out";
    }
    if (const std::string_view note = text(decision, "note"); !note.empty()) caption += ". " + quoted(note, kMostText);
    out += fmt::format("<figure>{}<figcaption>{}</figcaption></figure>\n", plot, caption);
  }
  if (const std::string plot = score_histogram(part(report, "scores")); !plot.empty()) {
    out +=
        "<h3>Scores</h3>\n<ul class=\"key\"><li><i class=\"accept-soft\"></i>rightly accepted</li>"
        "<li><i class=\"accept\"></i>wrongly rejected</li><li><i class=\"reject-soft\"></i>rightly rejected</li>"
        "<li><i class=\"reject\"></i>wrongly accepted</li></ul>\n<figure>" +
        plot +
        "<figcaption>Texts that should be accepted stand above the axis, those that should be rejected below it; full colour is "
        "a wrong decision.</figcaption></figure>\n" +
        numbers(histogram_table(part(report, "scores")));
  }
  return section("Decisions", out);
}

std::string risk_section(const Value& report) {
  const Value& risk = part(report, "risk");
  std::string out;
  const auto target = share(risk, "target");
  const auto confidence = share(risk, "confidence");
  const Value& chosen = part(risk, "chosen");
  const auto threshold = number(chosen, "threshold");
  const auto accepted = share(chosen, "accepted");
  const auto bound = share(chosen, "bound");
  if (threshold && accepted && bound) {
    out += fmt::format(
        "<p>With the threshold at {} the share of wrong among the accepted is at most {}{}; {} of the texts are accepted.</p>\n",
        fixed(*threshold, 3), percent(*bound), confidence ? fmt::format(", {} sure", round_percent(*confidence)) : "",
        percent(*accepted));
  } else if (target) {
    out += fmt::format("<p>No threshold keeps the share of wrong among the accepted below {}{}.</p>\n", round_percent(*target),
                       confidence ? fmt::format(" with {} certainty", round_percent(*confidence)) : "");
  }
  if (const std::string_view reason = text(risk, "reason"); !reason.empty()) {
    out += fmt::format("<p class=\"note\">{}</p>\n", quoted(reason, kMostText));
  }
  if (const std::string plot = risk_curve(risk); !plot.empty()) {
    std::string table =
        "<table><thead><tr><th>threshold</th><th>accepted</th><th>wrong among them</th><th>upper "
        "bound</th></tr></thead><tbody>\n";
    const auto curve = list(risk, "curve");
    const std::size_t step = curve.size() / 40 + 1;
    for (std::size_t i = 0; i < curve.size(); i += step) {
      const auto cell = [&](std::string_view key) {
        const auto found = share(curve[i], key);
        return found ? percent(*found) : "&ndash;";
      };
      const auto at = number(curve[i], "threshold");
      table += row("td", {at ? fixed(*at, 3) : "&ndash;", cell("accepted"), cell("risk"), cell("bound")});
    }
    out += "<figure>" + plot +
           "<figcaption>Accepting more texts (to the right) means a lower threshold, and more of them "
           "wrong.</figcaption></figure>\n" +
           numbers(table + "</tbody></table>");
  }
  return section("Risk", out);
}

std::string group_sections(const Value& report) {
  std::string out;
  const auto majority = share(part(part(report, "decision"), "majority"), "value");
  std::size_t group_number = 0;
  for (const Value& group : list(report, "groups")) {
    const auto rows = list(group, "rows");
    std::string body;
    for (std::size_t i = 0; i < std::min(rows.size(), kMostRows); ++i) {
      const Value& accuracy = part(rows[i], "accuracy");
      const auto samples = count(rows[i], "samples");
      const auto correct = count(rows[i], "correct");
      const auto right = share(accuracy, "value");
      body += fmt::format(
          "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td class=\"plot\">{}</td></tr>\n",
          quoted(text(rows[i], "name"), kMostName), samples ? count_text(*samples) : "&ndash;",
          correct ? count_text(*correct) : "&ndash;", right ? percent(*right) : "&ndash;", interval_text(accuracy),
          interval_plot(fmt::format("group-{}-{}", group_number, i), accuracy, majority, 180));
    }
    ++group_number;
    if (body.empty()) continue;
    const std::string_view title = text(group, "title");
    out += section(
        title.empty() ? "Groups" : quoted(title, kMostName),
        "<div class=\"wide\"><table><thead><tr><th scope=\"col\"></th><th scope=\"col\">texts</th><th scope=\"col\">right</th>"
        "<th scope=\"col\">share</th><th scope=\"col\">interval</th><th scope=\"col\">0 to 100%</th></tr></thead><tbody>\n" +
            body + "</tbody></table></div>\n" + left_out(std::min(rows.size(), kMostRows), rows.size()));
  }
  return out;
}

std::string mistake_section(const Value& report) {
  const auto all = list(report, "mistakes");
  std::string out;
  for (const Value& mistake : all.first(std::min(all.size(), kMostMistakes))) {
    if (!mistake.is_map()) continue;
    std::string why;
    const auto add = [&](const std::string& more) { why += (why.empty() ? "" : " &middot; ") + more; };
    const std::string_view expected = text(mistake, "expected");
    const std::string_view decided = text(mistake, "decided");
    if (!expected.empty() && !decided.empty()) {
      add(fmt::format("<span class=\"kind\">{}, should be {}</span>", participle(decided), participle(expected)));
    }
    const auto score = number(mistake, "score");
    const auto threshold = number(mistake, "threshold");
    if (score) add("score " + fixed(*score, 3) + (threshold ? ", threshold " + fixed(*threshold, 3) : ""));
    if (const auto category = text(mistake, "category"); !category.empty()) add(quoted(category, kMostName));
    std::string labels;
    for (const Value& label : list(mistake, "labels").first(std::min(list(mistake, "labels").size(), std::size_t{20}))) {
      if (label.is_string()) labels += (labels.empty() ? "" : ", ") + quoted(label.as_string(), kMostName);
    }
    if (!labels.empty()) add(labels);
    if (const auto reason = text(mistake, "reason"); !reason.empty()) add(quoted(reason, kMostText));
    if (const auto id = text(mistake, "id"); !id.empty()) add("<code>" + quoted(id, kMostName) + "</code>");
    out +=
        fmt::format("<li><p class=\"said\">{}</p><p class=\"why\">{}</p></li>\n", quoted(text(mistake, "text"), kMostText), why);
  }
  if (out.empty()) return {};
  return section("Worst mistakes",
                 "<ol class=\"mistakes\">\n" + out + "</ol>\n" + left_out(std::min(all.size(), kMostMistakes), all.size()));
}

std::string about_section(const Value& report) {
  std::string rows;
  for (const Value& fact : list(report, "about")) {
    if (text(fact, "name").empty() || text(fact, "value").empty()) continue;
    const std::string_view detail = text(fact, "detail");
    rows += fmt::format("<tr><th scope=\"row\">{}</th><td class=\"text\">{}{}</td></tr>\n", quoted(text(fact, "name"), kMostName),
                        quoted(text(fact, "value"), kMostText),
                        detail.empty() ? std::string() : fmt::format(" <code>{}</code>", quoted(detail, kMostText)));
  }
  return section("About this run", rows.empty() ? rows : "<table><tbody>\n" + rows + "</tbody></table>\n");
}

}  // namespace thalweg::scoring
