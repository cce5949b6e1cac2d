#include "scoring/score_config.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <tuple>

#include "config/reading.h"
#include "scoring/config_warnings.h"

namespace thalweg::scoring {

namespace {

using calibration::Calibrator;
using config::Section;
constexpr config::Range kShare{0, 1};
constexpr std::array<std::string_view, 4> kTypes{"sentence_embeddings", "zero_shot_classification", "text_generation",
                                                 "recorded"};

// A path in a file is relative to that file; one from elsewhere to the working folder.
std::string path_from(const config::Origin& origin, std::string given) {
  if (given.empty() || given.starts_with("shipped:") || origin.kind != config::Origin::Kind::file) return given;
  const std::filesystem::path path(given);
  return path.is_absolute() ? given : (std::filesystem::path(*origin.source).parent_path() / path).lexically_normal().string();
}

std::string path_of(Section section, std::string_view key) { return path_from(section.origin(key), section.text(key, "")); }

void only_for(Section section, std::string_view key, ModelType type, ModelType wanted) {
  if (type != wanted && section.has(key)) section.problem(key, fmt::format("only a model of type {} takes this", name(wanted)));
}

ModelConfig read_model(Section section) {
  ModelConfig model;
  const std::string type = section.choice("type", kTypes, kTypes[0]);
  if (const auto found = std::ranges::find(kTypes, type); found != kTypes.end())
    model.type = static_cast<ModelType>(found - kTypes.begin());
  model.model = section.text("model", "");
  // A path in the sense of the catalogue: a file's own path is taken from the configuration.
  if (model.model.contains('/') || model.model == "." || model.model == "..") {
    model.model = path_of(section, "model");
    if (!model.model.contains('/')) model.model.insert(0, "./");  // a bare name would be one of the catalogue
  }
  model.probe = path_of(section, "probe");
  model.scores = path_of(section, "scores");
  model.prompt = section.text("prompt", "");
  only_for(section, "probe", model.type, ModelType::sentence_embeddings);
  only_for(section, "scores", model.type, ModelType::recorded);
  only_for(section, "prompt", model.type, ModelType::text_generation);
  if (model.type == ModelType::recorded && section.has("model")) section.problem("model", "a recorded model has none");
  if (model.type == ModelType::zero_shot_classification && model.model.empty())
    section.problem("",
                    "a zero_shot_classification needs a 'model': a folder with a cross-encoder for natural language inference");
  for (const std::string_view part : {"{text}", "{hypothesis}"}) {
    if (!model.prompt.empty() && model.prompt.find(part) == std::string::npos)
      section.problem("prompt", fmt::format("has no {}", part));
  }
  return model;
}

TrainingConfig read_training(Section section) {
  TrainingConfig training;
  training.model = section.text("model", "");
  training.combiner = section.boolean("combiner", false);
  if (section.has("decided_by")) {
    Section told = section.section("decided_by");
    training.decided_by = Deciding{
        .rule = told.required_text("rule"), .calibrations = told.required_text("calibrations"), .model = told.text("model", "")};
  }
  if (!section.any("texts").is_list()) {
    if (std::string one = path_of(section, "texts"); !one.empty()) training.texts.push_back(std::move(one));
    return training;
  }
  for (std::string& one : section.texts("texts")) training.texts.push_back(path_from(section.origin("texts"), std::move(one)));
  return training;
}

// Without what a layer above took away.
Value set_entries(const Value& map) {
  if (!map.is_map()) return map;
  std::vector<Entry> entries;
  std::ranges::copy_if(map.entries(), std::back_inserter(entries), [](const Entry& entry) { return !entry.value.is_null(); });
  return Value::map(std::move(entries));
}

Calibrator read_calibration(Section section) {
  const bool legacy = section.has("platt_a") || section.has("platt_b");
  const double a = section.number("platt_a", 1.0);
  const double b = section.number("platt_b", 0.0);
  const Value given = set_entries(section.any("calibration"));
  if (given.is_null()) return legacy ? Calibrator::legacy(a, b) : Calibrator();
  if (legacy) section.problem("calibration", "a label has either platt_a and platt_b or calibration");
  auto read = Calibrator::from_value(given);
  if (read) return *read;
  section.problem("calibration", read.error().text());
  return {};
}

LabelConfig read_label(std::string_view name, Section section) {
  LabelConfig label;
  label.name = name;
  label.hypothesis = section.required_text("hypothesis");
  label.weight = section.number("weight", 0.50, kShare);
  label.threshold = section.number("threshold", 0.70, kShare);
  label.calibrator = read_calibration(section);
  label.veto = section.boolean("veto", false);
  return label;
}

CategoryConfig read_category(std::string_view name, Section section, const Section& score, std::size_t top_k) {
  CategoryConfig category;
  category.name = name;
  category.top_k = static_cast<std::size_t>(section.integer("top_k", static_cast<std::int64_t>(top_k), {.least = 1}, score));
  section.each(
      "labels", [&](std::string_view label, Section entry) { category.labels.push_back(read_label(label, entry)); }, true);
  std::ranges::sort(category.labels, {}, &LabelConfig::name);
  return category;
}

Modifiers read_modifiers(Section section) {
  Modifiers read;
  read.short_text_delta = section.number("short_text_delta", read.short_text_delta, kShare);
  read.long_text_delta = section.number("long_text_delta", read.long_text_delta, kShare);
  const auto least = section.integer("short_text_limit", 20, {.least = 1});
  const auto most = section.integer("long_text_limit", 200, {.least = 1});
  if (most <= least) section.problem("long_text_limit", fmt::format("must be above short_text_limit ({}), not {}", least, most));
  read.short_text_limit = static_cast<std::size_t>(least);
  read.long_text_limit = static_cast<std::size_t>(most);
  return read;
}

CombinerConfig read_combiner(Section section, const ScoreConfig& score) {
  CombinerConfig combiner;
  combiner.threshold = section.number("threshold", 0.5, kShare);
  combiner.bias = section.number("bias", 0);
  const Value weights = section.any("weights");
  if (!weights.is_map()) {
    section.problem("weights", "must be a map of labels to numbers");
    return combiner;
  }
  for (const Entry& entry : weights.entries()) {
    const std::string_view label = entry.key.as_string();
    if (!entry.value.is_number() || !std::isfinite(entry.value.as_number())) {
      section.problem("weights", fmt::format("the weight of '{}' must be a number", label));
    } else if (score.label(label) == nullptr) {
      section.problem("weights", fmt::format("there is no label '{}'", label));
    } else {
      combiner.weights.emplace_back(label, entry.value.as_number());
    }
  }
  return combiner;
}

ScoreConfig read_score(Section section) {
  ScoreConfig score;
  score.model = read_model(section.section("model"));
  if (section.has("training")) score.training = read_training(section.section("training"));
  score.threshold = section.number("threshold", 0.75, kShare);
  const auto top_k = static_cast<std::size_t>(section.integer("top_k", 2, {.least = 1}));
  score.max_characters =
      static_cast<std::size_t>(section.integer("max_characters", static_cast<std::int64_t>(score.max_characters), {.least = 1}));
  score.modifiers = read_modifiers(section.section("modifiers"));
  section.each(
      "categories",
      [&](std::string_view name, Section entry) { score.categories.push_back(read_category(name, entry, section, top_k)); },
      true);
  std::ranges::sort(score.categories, {}, &CategoryConfig::name);
  if (section.has("combiner")) score.combiner = read_combiner(section.section("combiner"), score);
  // One column of raw scores a name: so one name means one thing.
  for (const CategoryConfig& category : score.categories) {
    for (const LabelConfig& label : category.labels) {
      const LabelConfig* first = score.label(label.name);
      if (first->hypothesis != label.hypothesis || !(first->calibrator == label.calibrator))
        section.problem("categories", fmt::format("the label '{}' stands in several categories with different hypotheses or "
                                                  "calibrations; give one of them another name",
                                                  label.name));
    }
  }
  for (ConfigWarning& warning : warnings_of(score)) section.warning(warning.about, std::move(warning.message));
  return score;
}

ConfigData read(Section root) {
  ConfigData data;
  data.output = path_of(root, "output");
  data.strict = root.boolean("strict", false);
  data.concurrency = static_cast<std::size_t>(root.integer("concurrency", 4, {.least = 1, .most = kMostConcurrency}));
  data.batch_size = static_cast<std::size_t>(root.integer("batch_size", 8, {.least = 1, .most = kMostBatch}));
  data.score = read_score(root.required_section("layers").required_section("score"));
  return data;
}

}  // namespace

std::string_view name(ModelType type) noexcept { return kTypes[static_cast<std::size_t>(type)]; }

std::vector<const LabelConfig*> ScoreConfig::labels() const {
  std::vector<const LabelConfig*> all;
  for (const CategoryConfig& category : categories) {
    for (const LabelConfig& label : category.labels) all.push_back(&label);
  }
  // Of a name that stands in several categories the first entry.
  std::ranges::sort(all, [](const LabelConfig* a, const LabelConfig* b) { return std::tie(a->name, a) < std::tie(b->name, b); });
  const auto doubled = std::ranges::unique(all, {}, [](const LabelConfig* label) -> std::string_view { return label->name; });
  all.erase(doubled.begin(), doubled.end());
  return all;
}

const LabelConfig* ScoreConfig::label(std::string_view wanted) const noexcept {
  for (const CategoryConfig& category : categories) {
    const auto found = std::ranges::find(category.labels, wanted, &LabelConfig::name);
    if (found != category.labels.end()) return &*found;
  }
  return nullptr;
}

bool ScoreConfig::has_category(std::string_view wanted) const noexcept {
  return std::ranges::find(categories, wanted, &CategoryConfig::name) != categories.end();
}

config::Schema config_schema() {
  return {.keys = {"output", "strict", "concurrency", "batch_size", "layers"}, .read = [](Section root) { (void)read(root); }};
}

Result<ConfigData> read_config(config::Tree& tree) {
  config::Reading reading(tree);
  ConfigData data = read(reading.root());
  TRY(reading.finish(&tree));
  return data;
}

}  // namespace thalweg::scoring
