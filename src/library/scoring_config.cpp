#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "models/catalogue.h"
#include "models/models.h"
#include "scoring/config_file.h"
#include "scoring/data/sample_reader.h"
#include "scoring/text_scorer.h"
#include "thalweg/pipe.h"
#include "thalweg/scoring.h"

namespace thalweg::scoring {

struct Config::State {
  ConfigData data;
  Value settings;
  Value stage;  ///< what the stage `score` takes: the scoring part, files named by whole paths
  std::vector<std::string> warnings;
  std::vector<std::string> labels;
  std::vector<std::string> categories;
};

struct Config::Layers::Sources {
  config::Layers layers;
  std::optional<Error> error;
  bool any = false;
};

namespace {

constexpr std::string_view kPrefix = "THALWEG_";

std::vector<std::pair<std::string, std::string>> variables() {
  std::vector<std::pair<std::string, std::string>> all;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    const std::size_t equals = text.find('=');
    if (text.starts_with(kPrefix) && equals != std::string_view::npos)
      all.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return all;
}

// Where a definition is run from does not matter.
std::string whole(const std::string& path) {
  if (path.empty() || path.starts_with("shipped:")) return path;
  std::error_code error;
  const auto absolute = std::filesystem::absolute(path, error);
  return error ? path : absolute.string();
}

// Only what is set: a default would be a setting of its own there.
Value stage_config(const Value& set, const ScoreConfig& config) {
  const ModelConfig& model = config.model;
  const Value* const layers = set.find("layers");
  Value score = *layers->find("score");
  const auto path = [&score](std::string_view key, const std::string& file) {
    const Value* const there = score.find("model");
    if (there == nullptr || there->find(key) == nullptr || there->find(key)->is_null()) return;
    score = std::move(score).set("model", Value(*there).set(key, Value(whole(file))));
  };
  path("probe", model.probe);
  path("scores", model.scores);
  if (model.model.find('/') != std::string::npos) path("model", model.model);
  if (const Value* const training = score.find("training"); training != nullptr && training->is_map()) {
    std::vector<Value> texts;
    for (const std::string& file : config.training.texts) texts.emplace_back(whole(file));
    score =
        std::move(score).set("training", Value(*training).set("texts", texts.empty() ? Value() : Value::list(std::move(texts))));
  }
  return Value::map({{"layers", Value::map({{"score", score}})}});
}

}  // namespace

Config::Layers::Layers() : sources_(std::make_unique<Sources>()) {}
Config::Layers::Layers(Layers&&) noexcept = default;
Config::Layers& Config::Layers::operator=(Layers&&) noexcept = default;
Config::Layers::~Layers() = default;

// Each lays one source on those before, unless one of them failed.
template <class Lay>
Config::Layers& Config::Layers::lay(Lay lay) {
  if (!sources_->error) {
    if (const Result<> laid = lay(sources_->layers); !laid) sources_->error = laid.error();
  }
  return *this;
}

Config::Layers& Config::Layers::file(const std::string& path) {
  return lay([&](config::Layers& layers) { return lay_config(layers, path); });
}
Config::Layers& Config::Layers::text(std::string text, std::string_view name) {
  return lay([&](config::Layers& layers) { return layers.text(name, std::move(text), config::Format::by_content); });
}
Config::Layers& Config::Layers::environment() {
  return lay([](config::Layers& layers) { return layers.environment(kPrefix, variables(), config_schema().keys); });
}
Config::Layers& Config::Layers::set(std::string_view path, const Value& value) {
  return lay([&](config::Layers& layers) { return layers.set(path, value, fmt::format("set({})", path)); });
}

Result<Config> Config::Layers::read() {
  if (sources_->error) return std::unexpected(*sources_->error);
  config::Tree tree = config::Layers(sources_->layers).build();
  const auto state = std::make_shared<State>();
  const Value set = tree.to_value();
  state->data = TRY(read_config(tree));
  state->settings = tree.to_value();
  state->stage = stage_config(set, state->data.score);
  for (const config::Warning& warning : tree.warnings) state->warnings.push_back(warning.text());
  for (const LabelConfig* label : state->data.score.labels()) state->labels.push_back(label->name);
  for (const CategoryConfig& category : state->data.score.categories) state->categories.push_back(category.name);
  return Config(state);
}

Result<Config> Config::read(const std::string& path) { return Layers().file(path).read(); }
Result<Config> Config::parse(std::string text, std::string_view name) { return Layers().text(std::move(text), name).read(); }

const std::string& Config::output() const noexcept { return state_->data.output; }
bool Config::strict() const noexcept { return state_->data.strict; }
std::size_t Config::concurrency() const noexcept { return state_->data.concurrency; }
std::size_t Config::batch_size() const noexcept { return state_->data.batch_size; }
double Config::threshold() const noexcept { return state_->data.score.threshold; }
const std::vector<std::string>& Config::labels() const noexcept { return state_->labels; }
const std::vector<std::string>& Config::categories() const noexcept { return state_->categories; }
const Value& Config::settings() const noexcept { return state_->settings; }
const std::vector<std::string>& Config::warnings() const noexcept { return state_->warnings; }

Result<ScoreLayer> Config::build_scorer(const Runtime& runtime) const {
  const auto& models = runtime.stage_types().models();
  if (models == nullptr) {
    return fail(Code::failed_precondition, "this runtime has no models: make it with Runtime(0, StageTypes::all())");
  }
  auto scorer =
      TRY(TextScorer::open(state_->data.score, {.models = models, .folder = models::default_model_folder()}, runtime.context()));
  std::shared_ptr<const ScoreConfig> score(state_, &state_->data.score);
  return ScoreLayer(runtime, std::move(score), std::move(scorer), {.batch_size = batch_size(), .concurrency = concurrency()});
}
Result<ScoreLayer> Config::build_scorer() const { return build_scorer(Runtime(0, StageTypes::all())); }

Pipe<TextContext, ScoreResult> Config::pipe(std::string name) const {
  return Pipe<TextContext, ScoreResult>(std::move(name), std::make_shared<const thalweg::detail::Step>(thalweg::detail::Step{
                                                             .does = thalweg::detail::Does::stage,
                                                             .value = Value::map({{"config", state_->stage}}),
                                                             .text = "score",
                                                             .field = "text",
                                                             .part = "text"}));
}
Result<Pipeline<TextContext, ScoreResult>> Config::build_pipeline(const Runtime& runtime) const { return pipe().build(runtime); }
Result<Pipeline<TextContext, ScoreResult>> Config::build_pipeline() const {
  return build_pipeline(Runtime(0, StageTypes::all()));
}

Result<Dataset> Config::open(const std::string& path) const {
  return Dataset(TRY(SampleReader::open(path, sample_rules(state_->data.score, strict()))));
}

}  // namespace thalweg::scoring
