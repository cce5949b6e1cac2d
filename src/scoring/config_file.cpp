#include "scoring/config_file.h"

#include "base/error.h"
#include "base/kind_words.h"
#include "scoring/shipped.h"
#include "thalweg/json.h"

namespace thalweg::scoring {

Result<> lay_config(config::Layers& layers, const std::string& name) {
  if (const auto text = shipped_config(name)) return layers.text(name, std::string(*text), config::Format::yaml);
  return layers.file(name);
}

Result<config::Layers> config_layers(const std::string& name) {
  config::Layers layers;
  TRY(lay_config(layers, name));
  return layers;
}

Result<ConfigData> config_of(const Value& given) {
  config::Layers layers;
  if (given.is_string()) {
    layers = TRY(config_layers(std::string(given.as_string())));
  } else if (given.is_map()) {
    const std::string text = TRY(to_json(given));
    TRY(layers.text("config", text, config::Format::json));
  } else {
    return fail(Code::invalid_argument, "a configuration is a file's name or a map, not {}", in_words(given.kind()));
  }
  config::Tree tree = std::move(layers).build();
  return read_config(tree);
}

}  // namespace thalweg::scoring
