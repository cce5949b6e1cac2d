#include "cli/config_source.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

namespace thalweg::cli {

namespace {

constexpr std::string_view kPrefix = "THALWEG_";

std::vector<std::pair<std::string, std::string>> variables() {
  std::vector<std::pair<std::string, std::string>> all;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    const std::size_t equals = std::min(text.find('='), text.size());
    if (text.starts_with(kPrefix)) all.emplace_back(text.substr(0, equals), text.substr(std::min(equals + 1, text.size())));
  }
  return all;
}

// No more of it than a file may have, and one byte to tell.
std::string standard_input() {
  std::string text(kMaxDefinitionBytes + 1, '\0');
  std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::cin.gcount()));
  return text;
}

}  // namespace

void ConfigSource::declare(Options& options) {
  options.values("--set", "PATH=VALUE", set_, "set one setting (JSON, else text), as in --set layers.score.threshold=0.8");
  options.value("--environment", "NAME", environment_,
                "also read NAME's file beside the file: basic.NAME.yaml (as $THALWEG_ENVIRONMENT)");
  options.flag("--no-includes", no_includes_, "refuse $include");
}

Result<config::Layers> ConfigSource::read(const std::string& path, std::span<const std::string_view> known) const {
  config::Layers layers = TRY(read_files(path));
  TRY(add_options(layers, known));
  return layers;
}

Result<config::Layers> ConfigSource::read_files(const std::string& path) const {
  config::Layers layers;
  const config::FileOptions file{.required = true, .includes = !no_includes_};
  if (path == "-") {
    TRY(layers.text("standard input", standard_input(), config::Format::by_content, file));
  } else if (!path.empty()) {
    TRY(layers.file(path, file));
  }
  const char* const variable = std::getenv("THALWEG_ENVIRONMENT");
  const std::string named = !environment_.empty() ? environment_ : variable == nullptr ? "" : variable;
  if (named.find_first_of("/ \t\n") != std::string::npos) {
    return fail(Code::invalid_argument, "'{}' is no name of an environment, such as dev or prod", named);
  }
  if (!named.empty() && !path.empty() && path != "-") {  // that of the variable need not be there: it holds for all files
    TRY(layers.file(config::variant_path(path, named), {.required = !environment_.empty(), .includes = !no_includes_}));
  }
  return layers;
}

Result<config::Layers> ConfigSource::read_text(const std::string& name, std::string text,
                                               std::span<const std::string_view> known) const {
  config::Layers layers;
  TRY(layers.text(name, std::move(text), config::Format::yaml, {.includes = !no_includes_}));
  TRY(add_options(layers, known));
  return layers;
}

Result<> ConfigSource::add_options(config::Layers& layers, std::span<const std::string_view> known) const {
  TRY(layers.environment(kPrefix, variables(), known));
  for (const std::string& assignment : set_) TRY(layers.set(assignment, "--set"));
  return {};
}

}  // namespace thalweg::cli
