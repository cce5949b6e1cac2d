#include "scoring/report/report_html.h"

#include "scoring/report/html.h"
#include "scoring/report/sections.h"
#include "scoring/report/style.h"

namespace thalweg::scoring {

std::string report_html(const Value& report) {
  const std::string_view title = html::text(report, "title");
  std::string page = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
      "<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n",
      html::escape(title.empty() ? "Evaluation" : title.substr(0, 300)), kReportStyle);
  page += head_section(report);
  page += decision_section(report);
  page += risk_section(report);
  page += group_sections(report);
  page += label_section(report);
  page += reliability_section(report);
  page += mistake_section(report);
  page += speed_section(report);
  page += about_section(report);
  return page + "</main>\n</body>\n</html>\n";
}

}  // namespace thalweg::scoring
