// The report: what it says, what it leaves out, and that nothing of what others wrote becomes a part of the page.

#include "scoring/report/report_html.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "base/utf8.h"
#include "scoring/report/html.h"
#include "scoring/report/svg.h"
#include "thalweg/json.h"

using namespace thalweg;
using namespace thalweg::scoring;

namespace {

constexpr std::string_view kReport = R"({
  "title": "basic.yaml on samples.json", "summary": "All by leave-one-out.",
  "about": [{"name": "model", "value": "minilm", "detail": "53aa51172d14"}],
  "warnings": ["Only 17 texts should be rejected."],
  "decision": {"true_accept": 3089, "false_reject": 6, "true_reject": 15, "false_accept": 2, "errors": 1,
    "accuracy": {"value": 0.9286, "low": 0.8651, "high": 0.9634}, "majority": {"value": 0.8482, "decision": "accept"}, "note": "Wilson."},
  "scores": {"bins": [{"from": 0.0, "to": 0.5, "true_accept": 0, "false_reject": 6, "true_reject": 15, "false_accept": 0},
                      {"from": 0.5, "to": 1.0, "true_accept": 30, "false_reject": 0, "true_reject": 0, "false_accept": 2}],
             "thresholds": [{"value": 0.5, "name": "threshold"}, {"value": 0.55, "name": "long texts"}]},
  "risk": {"target": 0.05, "confidence": 0.95, "reason": "Fixed sequence.",
    "curve": [{"threshold": 0.9, "accepted": 0.2, "risk": 0.0, "bound": 0.12}, {"threshold": 0.6, "accepted": 0.7, "risk": 0.01, "bound": 0.048},
              {"threshold": 0.1, "accepted": 1.0, "risk": 0.15, "bound": 0.2}],
    "chosen": {"threshold": 0.6, "accepted": 0.7, "risk": 0.01, "bound": 0.048}},
  "groups": [{"title": "By category", "rows": [{"name": "task", "samples": 17, "correct": 16, "accuracy": {"value": 0.941, "low": 0.73, "high": 0.99}}]}],
  "labels": [{"name": "plan", "category": "task", "present": 12, "detected": 11, "threshold": 0.7, "precision": 0.75, "recall": 0.5, "f1": 0.6, "auc": 0.9041},
             {"name": "goal", "present": 3, "detected": 0, "auc": null}],
  "label_mean": {"f1": 0.31, "auc": 0.904},
  "reliability": [{"label": "plan", "ece": 0.031, "present": 12, "points": [{"predicted": 0.1, "observed": 0.05, "low": 0.0, "high": 0.2, "count": 90},
                                                                            {"predicted": 0.8, "observed": 0.9, "count": 22}]}],
  "latency": {"count": 112, "mean_ms": 3.4, "p50_ms": 3.1, "p90_ms": 4.4, "p95_ms": 5.2, "p99_ms": 9.8, "max_ms": 1411.0},
  "throughput": {"texts_per_second": 312.4, "seconds": 0.36, "samples": 112},
  "energy": "no counter may be read",
  "mistakes": [{"id": "s-041", "text": "ok cool", "expected": "reject", "decided": "accept", "score": 0.83, "threshold": 0.7,
                "category": "phatic", "labels": ["plan"], "reason": "plan 0.83 at threshold 0.70"}]
})";

Value report() { return parse_json(kReport).value(); }

bool has(std::string_view page, std::string_view text) { return page.find(text) != std::string_view::npos; }

// Every tag is closed in its order; nothing else begins with '<'. What is wrong, or nothing.
std::string unbalanced(std::string_view page) {
  const std::set<std::string_view> kVoid{"meta", "br", "line", "rect", "circle", "path"};
  std::vector<std::string_view> open;
  const std::size_t style = page.find("<style>");
  const std::size_t style_end = page.find("</style>");
  for (std::size_t at = page.find('<'); at != std::string_view::npos; at = page.find('<', at + 1)) {
    if (at > style && at < style_end) return "in style";
    const std::size_t end = page.find('>', at);
    if (end == std::string_view::npos) return "no end";
    std::string_view tag = page.substr(at + 1, end - at - 1);
    if (tag.starts_with('!')) continue;
    const bool closes = tag.starts_with('/');
    if (closes) tag.remove_prefix(1);
    const bool empty = tag.ends_with('/');
    const std::string_view name = tag.substr(0, tag.find_first_of(" /"));
    if (std::ranges::count(tag, '"') % 2 != 0) return fmt::format("quotes in <{}>", tag);
    for (const std::string_view attribute : {" src", " href", " on"}) {
      if (tag.find(attribute) != std::string_view::npos) return fmt::format("an attribute of <{}>", tag);
    }
    if (closes) {
      if (open.empty() || open.back() != name) return fmt::format("</{}>", name);
      open.pop_back();
    } else if (!empty && !(kVoid.contains(name) && (name == "meta" || name == "br"))) {
      open.push_back(name);
    }
  }
  return open.empty() ? "" : fmt::format("<{}> stays open", open.back());
}

// What no page may have, whatever the tree was.
std::string broken(const std::string& page) {
  if (std::string wrong = unbalanced(page); !wrong.empty()) return wrong;
  if (utf8::invalid_at(page) != std::string::npos) return "no UTF-8";
  std::string small = page;
  std::ranges::transform(small, small.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  for (const std::string_view never :
       {"<script", "<img", "onerror=\"", "http://", "https://", "@import", "nan\"", "inf\"", ">nan", ">inf", "nan%", "inf%"}) {
    if (has(small, never)) return std::string(never);
  }
  for (std::size_t at = page.find("url("); at != std::string::npos; at = page.find("url(", at + 1)) {
    if (page[at + 4] != '#') return "url";
  }
  return "";
}

// Calls `then` with the tree once for each of its nodes, that node replaced.
void with_each_replaced(const Value& tree, const Value& by, const std::function<void(const Value&)>& then) {
  then(by);
  if (tree.is_list()) {
    for (std::size_t i = 0; i < tree.size(); ++i) {
      with_each_replaced(tree.items()[i], by,
                         [&](const Value& part) { then(tree.with({Value(static_cast<std::int64_t>(i))}, part).value()); });
    }
  } else if (tree.is_map()) {
    for (const Entry& entry : tree.entries()) {
      with_each_replaced(entry.value, by, [&](const Value& part) { then(tree.with({entry.key}, part).value()); });
    }
  }
}

}  // namespace

TEST_CASE("the report says what the tree has") {
  const std::string page = report_html(report());
  CHECK(broken(page) == "");
  for (const std::string_view text : {"<title>basic.yaml on samples.json</title>",
                                      "92.9%",
                                      "86.5% to 96.3%",
                                      "always <bdi>accept</bdi> gets 84.8%",
                                      "3,112",
                                      "1 more could not be scored",
                                      "&le; 4.8%",
                                      "half take less; 1 in 100 over 9.80 ms",
                                      "Only 17 texts should be rejected.",
                                      "Of the 3,091 accepted, 2 should not be (0.1%).",
                                      "Of the 17 that should be rejected, 2 got through (11.8%).",
                                      "Of the 3,095 that should be accepted, 6 were lost (0.2%).",
                                      "88.2% of the row",
                                      "With the threshold at 0.600",
                                      "is at most 4.8%, 95% sure; 70.0% of the texts are accepted",
                                      "target 5%",
                                      "Fixed sequence.",
                                      "By category",
                                      "94.1%",
                                      "<td>0.904</td>",
                                      "12 present, ECE 0.031",
                                      "longest",
                                      "1.41 s",
                                      "312 texts a second (112 in 360 ms)",
                                      "unavailable: <bdi>no counter may be read</bdi>",
                                      "accepted, should be rejected",
                                      "score 0.830, threshold 0.700",
                                      "53aa51172d14"}) {
    CHECK_MESSAGE(has(page, text), text);
  }
}

TEST_CASE("the time of a batch is not said to be that of a text") {
  CHECK(has(report_html(report()), "A text takes"));
  CHECK(has(report_html(report()), "a text: longest"));
  const std::string page = report_html(report().with({Value("latency"), Value("texts")}, Value(64)).value());
  CHECK(has(page, "A batch of 64 takes"));
  CHECK(has(page, "a batch of 64: longest"));
  CHECK(!has(page, "A text takes"));
  CHECK(!has(page, "a text: "));
}

TEST_CASE("bars are as high as what they count") {
  const std::string page = report_html(report());
  // 30 above and 15 below share 190 pixels.
  CHECK(has(page, fmt::format("height=\"{}\" class=\"accept-soft\"><title>30 rightly accepted, score 0.500 to 1.000</title>",
                              "126.7")));
  CHECK(has(page, "height=\"25.3\" class=\"accept\"><title>6 wrongly rejected, score 0.000 to 0.500</title>"));
  CHECK(has(page, "height=\"63.3\" class=\"reject-soft\"><title>15 rightly rejected"));
  CHECK(has(page, "height=\"8.4\" class=\"reject\"><title>2 wrongly accepted"));
}

TEST_CASE("what is not there is left out") {
  const std::string empty = report_html(Value());
  CHECK(broken(empty) == "");
  CHECK(has(empty, "<h1>Evaluation</h1>"));
  CHECK(!has(empty, "<section"));
  CHECK(!has(empty, "<svg"));
  const std::string page = report_html(
      parse_json(
          R"({"labels": [{"name": "plan", "f1": 0.5}], "risk": {"target": 0.05, "confidence": 0.9, "reason": "Too few."}})")
          .value());
  CHECK(has(page, "<th scope=\"col\">F1</th>"));
  CHECK(!has(page, "AUC"));
  CHECK(!has(page, "category"));
  CHECK(has(page, "No threshold keeps the share of wrong among the accepted below 5% with 90% certainty."));
  CHECK(has(page, "Too few."));
  CHECK(!has(page, "Decisions"));
}

TEST_CASE("a baseline that the interval does not rule out is told") {
  const Value low = report().with({Value("decision"), Value("accuracy"), Value("low")}, Value(0.8)).value();
  CHECK(has(report_html(low), "which the interval does not rule out"));
  CHECK(!has(report_html(report()), "which the interval does not rule out"));
}

TEST_CASE("whatever stands in a field, the page stays whole") {
  const double infinity = std::numeric_limits<double>::infinity();
  const Value deep = Value::list({Value::map({{Value("name"), Value("<b>")}, {Value("value"), Value("x")}}), Value(3)});
  std::size_t pages = 0;
  for (const Value& hostile :
       {Value("<script>alert(1)</script>"), Value("\" onerror=\"alert(1)\" x=\"'><img src=x>"),
        Value("</style></title></bdi><svg>"), Value("&lt;script&gt;\x01\x1b[31m\xff\xfe\xc3\xed\xa0\x80 \xe2\x80\xae"), Value(),
        Value(true), Value(-1), Value(std::numeric_limits<std::int64_t>::max()), Value(std::nan("")), Value(infinity),
        Value(-infinity), Value(1e308), Value(-1e308), Value(1e-308), Value(0.5), deep, Value::map({{Value(1), Value(2)}})}) {
    with_each_replaced(report(), hostile, [&](const Value& tree) {
      ++pages;
      const std::string wrong = broken(report_html(tree));
      CHECK_MESSAGE(wrong == "", wrong << " with " << to_json(hostile).value_or("a number"));
    });
  }
  CHECK(pages > 1500);
}

TEST_CASE("a text of a megabyte is cut, and so are lists without end") {
  std::string long_text;
  for (int i = 0; i < 500'000; ++i) long_text += "\xc3\xa4";
  std::vector<Value> mistakes;
  for (int i = 0; i < 1000; ++i)
    mistakes.push_back(Value::map({{Value("text"), Value(long_text)}, {Value("id"), Value(long_text)}}));
  const std::string page =
      report_html(Value::map({{Value("title"), Value(long_text)}, {Value("mistakes"), Value::list(std::move(mistakes))}}));
  CHECK(broken(page) == "");
  CHECK(page.size() < 500'000);
  CHECK(has(page, "&hellip; (500,000 characters)"));
  CHECK(has(page, "The first 200 of 1,000 are shown."));
  std::vector<Value> curve;
  for (int i = 0; i <= 100'000; ++i) {
    const double at = i / 1e5;
    curve.push_back(Value::map({{Value("threshold"), Value(1 - at)},
                                {Value("accepted"), Value(at)},
                                {Value("risk"), Value(at / 10)},
                                {Value("bound"), Value(at / 5)}}));
  }
  const std::string risk =
      report_html(Value::map({{Value("risk"), Value::map({{Value("curve"), Value::list(std::move(curve))}})}}));
  CHECK(risk.size() < 60'000);
  CHECK(has(risk, "from 0.0% to 100.0% accepted"));  // both ends are kept
}

TEST_CASE("texts in HTML") {
  CHECK(html::escape("a<b>&\"c\"'d'\n\t\x07\x7f\xff") ==
        "a&lt;b&gt;&amp;&quot;c&quot;&#39;d&#39;\n\t\xe2\x90\x87\xef\xbf\xbd\xef\xbf\xbd");
  CHECK(html::quoted("\xc3\xa4\xc3\xb6\xc3\xbc", 2) ==
        "<bdi>\xc3\xa4\xc3\xb6</bdi> <span class=\"cut\">&hellip; (3 characters)</span>");
  CHECK(html::quoted("abc", 3) == "<bdi>abc</bdi>");
}

TEST_CASE("numbers as people read them") {
  CHECK(html::count_text(0) == "0");
  CHECK(html::count_text(999) == "999");
  CHECK(html::count_text(1000) == "1,000");
  CHECK(html::count_text(1234567) == "1,234,567");
  CHECK(html::count_text(-1234) == "-1,234");
  CHECK(html::percent(0.94643) == "94.6%");
  CHECK(html::round_percent(0.05) == "5%");
  CHECK(html::round_percent(0.125) == "12.5%");
  CHECK(html::fixed(-0.001, 2) == "0.00");
  CHECK(html::fixed(-1.005, 1) == "-1.0");
  CHECK(html::milliseconds(0.8312) == "0.83 ms");
  CHECK(html::milliseconds(12.36) == "12.4 ms");
  CHECK(html::milliseconds(1371.6) == "1.37 s");
  CHECK(html::milliseconds(252'000) == "4 min 12 s");
  CHECK(ticks(0, 1, 5) == std::vector<double>{0, 0.2, 0.4, 0.6000000000000001, 0.8, 1});
  CHECK(ticks(0, 7, 3) == std::vector<double>{0, 2, 4, 6});
  CHECK(ticks(3, 3, 5) == std::vector<double>{3});
  CHECK(tick_text(0.6000000000000001, ticks(0, 1, 5)) == "0.6");
  CHECK(tick_text(20, ticks(0, 100, 5)) == "20");
}
