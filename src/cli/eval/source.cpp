#include "cli/eval/source.h"

#include <algorithm>
#include <filesystem>

#include "base/printable.h"
#include "base/utf8.h"
#include "scoring/digest.h"
#include "scoring/shipped.h"

namespace thalweg::cli {

namespace fs = std::filesystem;

void EvalSource::declare(Options& options) {
  options.value("-c,--config", "FILE", config_, "the configuration, or the name of a shipped one (memory)", Completes::file);
  layers_.declare(options);
  session_.declare(options);
}

void EvalSource::declare_run(Options& options) {
  declare(options);
  options.value("--concurrency", "N", concurrency_, "batches worked on at once (as the configuration says)");
  options.value("--batch-size", "N", batch_size_, "texts a batch (as the configuration says)");
  options.flag("--strict", strict_, "a sample with an unknown category or label ends the command");
}

Result<EvalConfig> EvalSource::read() const {
  EvalConfig out{
      .path = config_.empty() ? std::string(scoring::kShippedConfig) : config_, .data = {}, .settings = {}, .hash = {}};
  const config::Schema schema = scoring::config_schema();
  const auto shipped = fs::exists(out.path) ? std::nullopt : scoring::shipped(out.path + ".yaml");
  config::Layers layers =
      shipped ? TRY(layers_.read_text(out.path, std::string(*shipped), schema.keys)) : TRY(layers_.read(out.path, schema.keys));
  if (concurrency_ != 0) TRY(layers.set("concurrency", Value(concurrency_), "--concurrency"));
  if (batch_size_ != 0) TRY(layers.set("batch_size", Value(batch_size_), "--batch-size"));
  if (strict_) TRY(layers.set("strict", Value(true), "--strict"));
  config::Tree tree = std::move(layers).build();
  auto read = scoring::read_config(tree);
  for (const config::Warning& warning : tree.warnings) print_error(fmt::format("thalweg: warning: {}\n", warning.text()));
  out.data = TRY(std::move(read));
  out.settings = tree.to_value();
  const std::string text = TRY(to_json(out.settings));
  out.hash = scoring::digest({&text, 1});
  return out;
}

Result<std::string> results_folder(const std::string& option, const EvalConfig& config, const std::string& data) {
  std::string folder = !option.empty() ? option : config.data.output;
  if (folder.empty()) {
    std::string stem = data == "-" ? "standard-input" : fs::path(data).filename().string();
    for (const std::string_view end : {".gz", ".json", ".jsonl", ".ndjson", ".csv", ".tsv"}) {
      if (stem.size() > end.size() && stem.ends_with(end)) stem.resize(stem.size() - end.size());
    }
    folder = stem + ".eval";
  }
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    const Error made = system_error(error.value(), fmt::format("make the folder of results '{}'", folder));
    return fail(made.code(), "{}; name another one with --output", made.message());
  }
  return folder;
}

void show_progress(Progress& progress, std::string_view what, std::size_t done, const scoring::ByteSource& source) {
  const double read = static_cast<double>(source.bytes_read());
  const double total = read > 0 ? static_cast<double>(done) * static_cast<double>(source.bytes()) / read : 0;
  progress.on_progress(what, static_cast<std::int64_t>(done),
                       std::max(static_cast<std::int64_t>(total), static_cast<std::int64_t>(done)), "texts");
}

std::string percent(double share) { return fmt::format("{:.1f} %", share * 100); }

std::string one_line(std::string_view text, std::size_t most) {
  std::string out;
  std::size_t characters = 0;
  for (const char c : text) {
    if ((c & 0xC0) != 0x80 && ++characters > most) return out + "...";
    out += c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
  }
  return out;
}

void print_problems(const scoring::Problems& problems, std::size_t most) {
  std::size_t shown = 0;
  for (const scoring::Problem& problem : problems.kept()) {
    if (++shown > most) break;
    print_error(fmt::format("thalweg: {}{}\n", scoring::is_warning(problem.kind) ? "warning: " : "", problem.text()));
  }
  const std::size_t all = problems.errors() + problems.warnings();
  if (all > most) print_error(fmt::format("thalweg: and {} more like these; 'thalweg eval validate' lists them\n", all - most));
}

}  // namespace thalweg::cli
