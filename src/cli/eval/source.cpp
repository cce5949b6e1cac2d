#include "cli/eval/source.h"

#include <algorithm>
#include <filesystem>

#include "base/printable.h"
#include "base/utf8.h"
#include "scoring/data/scores_file.h"
#include "scoring/digest.h"
#include "scoring/shipped.h"
#include "thalweg/json.h"

namespace thalweg::cli {

namespace fs = std::filesystem;

namespace {

// The data set that raw scores in a folder are of; empty when there are none.
std::string data_of_scores(const std::string& folder) {
  auto reader = scoring::ScoresReader::open((fs::path(folder) / "scores.json").string());
  if (!reader || !reader->next()) return {};  // the header stands before the first row
  const Value* const data = reader->header().find("data");
  return data != nullptr && data->is_string() ? std::string(data->as_string()) : "";
}

// The data set that the summary in a folder tells of, or else its raw scores; empty when there are neither.
std::string data_in(const std::string& folder) {
  const auto text = scoring::read_named_file((fs::path(folder) / "summary.json").string());
  const auto summary = text ? parse_json(*text) : Result<Value>(Value());
  const Value* const data = summary ? summary->find("data") : nullptr;
  const Value* const path = data == nullptr ? nullptr : data->find("path");
  return path != nullptr && path->is_string() ? std::string(path->as_string()) : data_of_scores(folder);
}

// A folder that was not asked for by --output is not taken from another data set.
Result<> same_data(const std::string& folder, const std::string& data) {
  const std::string there = data_in(folder);
  std::error_code ignored;
  if (there.empty() || there == data || fs::weakly_canonical(there, ignored) == fs::weakly_canonical(data, ignored)) return {};
  return fail(Code::invalid_argument, "the folder of results '{}' holds those of '{}'; name one for '{}' with --output", folder,
              there, data);
}

}  // namespace

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
  const auto shipped = scoring::shipped_config(out.path);
  if (!shipped && out.path.find_first_of("/.") == std::string::npos && !fs::exists(out.path))
    return fail(Code::invalid_argument, "there is no configuration '{}', neither a file nor a shipped one ({})", out.path,
                scoring::kShippedConfig);
  config::Layers layers = TRY(
      as_usage(shipped ? layers_.read_text(out.path, std::string(*shipped), schema.keys) : layers_.read(out.path, schema.keys)));
  if (concurrency_) TRY(layers.set("concurrency", Value(*concurrency_), "--concurrency"));
  if (batch_size_) TRY(layers.set("batch_size", Value(*batch_size_), "--batch-size"));
  if (strict_) TRY(layers.set("strict", Value(true), "--strict"));
  config::Tree tree = std::move(layers).build();
  out.data = TRY(scoring::read_config(tree));
  for (const config::Warning& warning : tree.warnings) print_error(fmt::format("thalweg: warning: {}\n", warning.text()));
  out.settings = tree.to_value();
  const std::string text = TRY(to_json(out.settings));
  out.hash = scoring::digest({&text, 1});
  return out;
}

std::string results_folder_name(const std::string& option, const EvalConfig& config, const std::string& data) {
  std::string folder = !option.empty() ? option : config.data.output;
  if (!folder.empty()) return folder;
  std::string stem = data == "-" ? "standard-input" : fs::path(data).filename().string();
  for (const std::string_view end : {".gz", ".json", ".jsonl", ".ndjson", ".csv", ".tsv"}) {
    if (stem.size() > end.size() && stem.ends_with(end)) stem.resize(stem.size() - end.size());
  }
  return stem + ".eval";
}

Result<ResultsFolder> ResultsFolder::open(const std::string& option, const EvalConfig& config, const std::string& data) {
  ResultsFolder folder(results_folder_name(option, config, data));
  if (option.empty()) TRY(same_data(folder.path_, data));
  std::error_code error;
  for (fs::path missing(folder.path_); !missing.empty() && !fs::exists(missing, error); missing = missing.parent_path())
    folder.made_.push_back(missing.string());
  fs::create_directories(folder.path_, error);
  if (error) {
    const Error made = system_error(error.value(), fmt::format("make the folder of results '{}'", folder.path_));
    return fail(made.code(), "{}; name another one with --output", made.message());
  }
  return folder;
}

ResultsFolder::~ResultsFolder() {
  std::error_code ignored;
  for (const std::string& made : made_) fs::remove(made, ignored);  // not where something is in it
}

void show_progress(Progress& progress, std::string_view what, std::size_t done, std::size_t met,
                   const scoring::ByteSource& source) {
  const auto taken = static_cast<double>(source.bytes_taken());
  std::size_t total = 0;  // not known of a pipe
  if (taken > 0 && source.bytes() > 0)
    total = std::max(done, static_cast<std::size_t>(static_cast<double>(met) * static_cast<double>(source.bytes()) / taken));
  progress.on_progress(what, static_cast<std::int64_t>(done), static_cast<std::int64_t>(total), "texts");
}

Result<double> number_option(std::string_view option, const std::string& text) {
  const auto value = parse_json(text);
  if (!value || !value->is_number()) return fail(Code::invalid_argument, "{} '{}' is no number", option, text);
  return value->as_number();
}

Result<double> share_option(std::string_view option, const std::string& text) {
  const double value = TRY(number_option(option, text));
  if (!(value > 0 && value < 1))
    return fail(Code::invalid_argument, "{} must be between 0 and 1, such as {}, not {}", option,
                option == "--confidence" ? "0.95" : "0.05", text);
  return value;
}

std::string percent(double share) { return fmt::format("{:.1f} %", share * 100); }

std::string beginning_of(std::string_view text, std::size_t most) {
  std::size_t characters = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if ((text[at] & 0xC0) != 0x80 && ++characters > most) return fmt::format("{}...", text.substr(0, at));
  }
  return std::string(text);
}

std::string one_line(std::string_view text, std::size_t most) {
  std::string out = beginning_of(text, most);
  std::ranges::replace_if(out, [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return printable_line(out);
}

Error as_usage(const Error& error) {
  switch (error.code()) {
    case Code::not_found:
    case Code::permission_denied:
    case Code::failed_precondition:
    case Code::already_exists:
    case Code::out_of_range:
      break;
    default:
      return error;
  }
  Error same(Code::invalid_argument, error.message());
  if (!error.path().empty()) same = same.at(error.path());
  return error.cause() == nullptr ? same : same.because(*error.cause());
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
