// JSON beside simdjson's on-demand reader on the same documents: every string unescaped and every number read, nothing kept.
// A program of its own, as thalweg itself does not link simdjson.
#include <simdjson.h>

#include <cstdio>

#include "base/json.h"
#include "bench/json.h"

using namespace thalweg;

namespace {

std::size_t read(simdjson::ondemand::value value) {
  switch (value.type()) {
    case simdjson::ondemand::json_type::array: {
      std::size_t sum = 0;
      for (auto item : value.get_array()) sum += read(item.value());
      return sum;
    }
    case simdjson::ondemand::json_type::object: {
      std::size_t sum = 0;
      for (auto field : value.get_object()) {
        sum += std::string_view(field.unescaped_key()).size();
        sum += read(field.value());
      }
      return sum;
    }
    case simdjson::ondemand::json_type::number: {
      const simdjson::ondemand::number number = value.get_number();
      return static_cast<std::size_t>(number.as_double());
    }
    case simdjson::ondemand::json_type::string:
      return std::string_view(value.get_string()).size();
    case simdjson::ondemand::json_type::boolean:
      return bool(value.get_bool()) ? 1 : 0;
    default:
      return value.is_null() ? 1 : 0;
  }
}

}  // namespace

int main() {
  const auto clock = make_system_clock();
  bench::Report report(*clock);
  for (const auto& [name, text] : bench::json_documents()) {
    const simdjson::padded_string padded(text);
    simdjson::ondemand::parser parser;
    const auto theirs = [&] {
      auto document = parser.iterate(padded);
      bench::keep(read(document.get_value().value()));
    };
    const auto ours = [&] { bench::keep(parse_json(text)); };
    report.rate("simdjson.read." + name, "MB/s", static_cast<double>(text.size()) / 1e6, theirs);
    report.rate("json.parse." + name, "MB/s", static_cast<double>(text.size()) / 1e6, ours);
    report.ratio("json.parse/simdjson.read." + name, ours, theirs);
  }
  std::fputs(bench::to_text(report.results()).c_str(), stdout);
}
