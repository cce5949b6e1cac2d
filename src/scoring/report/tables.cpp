// The sections of the report that are tables of numbers: labels, reliability, speed.

#include <algorithm>
#include <array>
#include <vector>

#include "scoring/report/html.h"
#include "scoring/report/plots.h"
#include "scoring/report/sections.h"

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
using html::share;
using html::text;

constexpr std::size_t kMostNote = 400;

struct Column {
  std::string_view key;
  std::string_view name;
  int digits;  ///< behind the point; -1: a count
};

constexpr std::array<Column, 13> kColumns{{{"present", "present", -1},
                                           {"detected", "detected", -1},
                                           {"threshold", "threshold", 2},
                                           {"precision", "precision", 2},
                                           {"recall", "recall", 2},
                                           {"f1", "F1", 2},
                                           {"auc", "AUC", 3},
                                           {"average_precision", "average precision", 3},
                                           {"log_loss", "log-loss", 3},
                                           {"raw_log_loss", "of raw scores", 3},
                                           {"base_rate", "of the base rate", 3},
                                           {"brier", "Brier", 3},
                                           {"ece", "ECE", 3}}};

std::string cell(const Value& row, const Column& column) {
  if (column.digits < 0) {
    const auto found = count(row, column.key);
    return found ? count_text(*found) : "&ndash;";
  }
  const auto found = number(row, column.key);
  return found ? fixed(*found, column.digits) : "&ndash;";
}

std::string cells(const Value& row, const std::vector<Column>& columns, bool mean = false) {
  std::string out;
  for (const Column& column : columns) {
    const bool blank = mean && !number(row, column.key);
    out += "<td>" + (blank ? std::string() : cell(row, column)) + "</td>";
  }
  return out;
}

}  // namespace

std::string label_section(const Value& report) {
  const auto labels = list(report, "labels");
  const auto shown = labels.first(std::min(labels.size(), kMostRows));
  if (shown.empty()) return {};
  std::vector<Column> columns;
  for (const Column& column : kColumns) {
    const auto has = [&](const Value& label) { return number(label, column.key).has_value(); };
    if (std::ranges::any_of(shown, has)) columns.push_back(column);
  }
  const bool categories = std::ranges::any_of(shown, [](const Value& label) { return !text(label, "category").empty(); });
  std::string out =
      "<section>\n<h2>Labels</h2>\n<div class=\"wide\"><table class=\"dense\"><thead><tr><th scope=\"col\">label</th>";
  if (categories) out += "<th scope=\"col\" class=\"text\">category</th>";
  for (const Column& column : columns) out += fmt::format("<th scope=\"col\">{}</th>", column.name);
  out += "</tr></thead><tbody>\n";
  for (const Value& label : shown) {
    out += fmt::format("<tr><th scope=\"row\">{}</th>", quoted(text(label, "name"), kMostName));
    if (categories) out += fmt::format("<td class=\"text soft\">{}</td>", quoted(text(label, "category"), kMostName));
    out += cells(label, columns) + "</tr>\n";
  }
  out += "</tbody>";
  if (const Value* mean = report.find("label_mean"); mean != nullptr && mean->is_map()) {
    out += fmt::format("<tfoot><tr><th scope=\"row\">mean</th>{}{}</tr></tfoot>", categories ? "<td></td>" : "",
                       cells(*mean, columns, true));
  }
  out += "</table></div>\n";
  if (shown.size() < labels.size()) {
    out += fmt::format("<p class=\"note\">The first {} of {} labels are shown.</p>\n", kMostRows, labels.size());
  }
  if (const std::string_view note = text(report, "label_note"); !note.empty())
    out += fmt::format("<p class=\"note\">{}</p>\n", quoted(note, kMostNote));
  return out + "</section>\n";
}

namespace {

std::string reliability_rows(const Value& label) {
  std::string rows;
  for (const Value& point : list(label, "points")) {
    const auto predicted = share(point, "predicted");
    const auto observed = share(point, "observed");
    const auto texts = count(point, "count");
    if (!predicted || !observed) continue;
    rows += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                        quoted(text(label, "label"), kMostName), percent(*predicted), percent(*observed),
                        texts ? count_text(*texts) : "&ndash;");
  }
  return rows;
}

}  // namespace

std::string reliability_section(const Value& report) {
  std::string plots;
  std::string rows;
  std::size_t at = 0;
  const auto all = list(report, "reliability");
  for (const Value& label : all.first(std::min(all.size(), kMostRows))) {
    const std::string plot = reliability_plot(fmt::format("reliability-{}", at++), label);
    if (plot.empty()) continue;
    rows += reliability_rows(label);
    std::string caption;
    const auto present = count(label, "present");
    const auto ece = number(label, "ece");
    if (present) caption += count_text(*present) + " present";
    if (ece) caption += fmt::format("{}ECE {}", caption.empty() ? "" : ", ", fixed(*ece, 3));
    plots += fmt::format("<figure><h3>{}</h3>{}<figcaption>{}</figcaption></figure>\n", quoted(text(label, "label"), 60), plot,
                         caption);
  }
  if (plots.empty()) return {};
  return "<section>\n<h2>Reliability</h2>\n<p class=\"soft\">How often a label was there (upwards) against how probable it was "
         "said to be "
         "(to the right). On the dashed line both agree; larger points are more texts, whiskers are intervals.</p>\n"
         "<div class=\"multiples\">\n" +
         plots +
         "</div>\n<details><summary>Numbers</summary><div class=\"wide\"><table><thead><tr><th scope=\"col\">label</th>"
         "<th scope=\"col\">predicted</th><th scope=\"col\">observed</th><th scope=\"col\">texts</th></tr></thead><tbody>\n" +
         rows + "</tbody></table></div></details>\n</section>\n";
}

std::string speed_section(const Value& report) {
  const Value* const latency = report.find("latency");
  std::string rows;
  const auto add = [&](std::string_view name, const std::string& value) {
    rows += fmt::format("<tr><th scope=\"row\">{}</th><td class=\"text\">{}</td></tr>\n", name, value);
  };
  if (const Value* throughput = report.find("throughput")) {
    const auto rate = number(*throughput, "texts_per_second");
    const auto samples = count(*throughput, "samples");
    const auto seconds = number(*throughput, "seconds");
    if (rate && *rate > 0) {
      add("throughput",
          fixed(*rate, *rate < 100 ? 1 : 0) + " texts a second" +
              (samples && seconds ? fmt::format(" ({} in {})", count_text(*samples), milliseconds(*seconds * 1000)) : ""));
    }
  }
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kLatency{{{"mean_ms", "mean"},
                                                                                   {"p50_ms", "half are below"},
                                                                                   {"p90_ms", "90% are below"},
                                                                                   {"p95_ms", "95% are below"},
                                                                                   {"p99_ms", "99% are below"},
                                                                                   {"max_ms", "longest"}}};
  for (const auto& [key, name] : kLatency) {
    if (latency == nullptr) break;
    const auto texts = count(*latency, "texts").value_or(1);
    const std::string what = texts > 1 ? fmt::format("a batch of {}", count_text(texts)) : "a text";
    if (const auto ms = number(*latency, key)) add(fmt::format("{}: {}", what, name), milliseconds(*ms));
  }
  if (const Value* energy = report.find("energy")) {
    const auto joules = number(*energy, "joules_per_text");
    const auto all = number(*energy, "joules");
    const std::string_view source = text(*energy, "source");
    if (energy->is_string()) add("energy", "unavailable: " + quoted(energy->as_string(), 300));
    if (joules) {
      add("energy", fixed(*joules, *joules < 1 ? 3 : 1) + " J a text" +
                        (all ? fmt::format(", {} J in all", fixed(*all, 0)) : "") +
                        (source.empty() ? "" : " (" + quoted(source, kMostName) + ")"));
    }
  }
  if (rows.empty()) return {};
  return "<section>\n<h2>Speed and energy</h2>\n<table><tbody>\n" + rows + "</tbody></table>\n</section>\n";
}

}  // namespace thalweg::scoring
