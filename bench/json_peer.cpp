// JSON on the same documents beside simdjson's on-demand reader (every string unescaped and every number read, nothing kept)
// and beside yyjson's reader and printer (a tree, as ours).
#include <simdjson.h>
#include <yyjson.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "bench/json.h"
#include "thalweg/json.h"

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
    const double megabytes = static_cast<double>(text.size()) / 1e6;
    const simdjson::padded_string padded(text);
    simdjson::ondemand::parser parser;
    const auto theirs = [&] {
      auto document = parser.iterate(padded);
      bench::keep(read(document.get_value().value()));
    };
    const auto ours = [&] { bench::keep(parse_json(text)); };
    report.rate("simdjson.read." + name, "MB/s", megabytes, theirs);
    report.rate("json.parse." + name, "MB/s", megabytes, ours);
    report.ratio("json.parse/simdjson.read." + name, ours, theirs);

    const auto tree = [&] { yyjson_doc_free(yyjson_read(text.data(), text.size(), YYJSON_READ_NOFLAG)); };
    report.rate("yyjson.parse." + name, "MB/s", megabytes, tree);
    report.ratio("json.parse/yyjson.parse." + name, ours, tree);

    const Value value = parse_json(text).value();
    const std::unique_ptr<yyjson_doc, decltype(&yyjson_doc_free)> document(
        yyjson_read(text.data(), text.size(), YYJSON_READ_NOFLAG), yyjson_doc_free);
    const auto their_print = [&] {
      char* printed = yyjson_write(document.get(), YYJSON_WRITE_NOFLAG, nullptr);
      bench::keep(printed);
      std::free(printed);
    };
    const auto our_print = [&] { bench::keep(to_json(value)); };
    report.rate("yyjson.print." + name, "MB/s", megabytes, their_print);
    report.rate("json.print." + name, "MB/s", megabytes, our_print);
    report.ratio("json.print/yyjson.print." + name, our_print, their_print);
  }
  std::fputs(bench::to_text(report.results()).c_str(), stdout);
}
