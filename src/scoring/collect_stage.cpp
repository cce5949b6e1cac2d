#include "scoring/stages.h"
#include "thalweg/scoring/pipeline_result.h"

namespace thalweg::scoring {

namespace {

enum : std::size_t { kLayers, kMeta };

// A map's own `meta` becomes the layer's; {error: {...}} as `try` gives it becomes the layer's error.
Result<LayerResult> layer_of(const Value& value) {
  LayerResult layer;
  if (!value.is_map()) {
    layer.output = value;
    return layer;
  }
  if (const Value* meta = value.find("meta"); meta != nullptr && meta->is_map()) layer.meta = *meta;
  const Value* error = value.find("error");
  const Value* code = error == nullptr ? nullptr : error->find("code");
  const Value* message = error == nullptr ? nullptr : error->find("message");
  if (code != nullptr && code->is_string() && code_named(code->as_string()) != Code::ok) {
    layer.output = std::unexpected(Error(code_named(code->as_string()),
                                         std::string(message != nullptr && message->is_string() ? message->as_string() : "")));
    return layer;
  }
  std::vector<Entry> rest;
  for (const Entry& entry : value.entries()) {
    if (!entry.key.is_string() || entry.key.as_string() != "meta") rest.push_back(entry);
  }
  layer.output = Value::map(std::move(rest));
  return layer;
}

Result<Value> collect(Call& call) {
  PipelineResult result;
  if (const Value& meta = call.argument(kMeta); meta.is_map()) {
    for (const Entry& entry : meta.entries()) result.with_meta(entry.key.as_string(), entry.value);
  }
  for (const Entry& entry : call.argument(kLayers).entries())
    result.with_layer(entry.key.as_string(), TRY(layer_of(entry.value)));
  return result.to_value();
}

}  // namespace

void add_collect(Catalog& catalog) {
  catalog.add(
      {
          .name = "collect",
          .version = "1",
          .summary = "Ends a pipeline in one result with an entry for each of its layers.",
          .description =
              "Gives {meta, layers: {NAME: {meta, output}}}, what C++ programs read as a PipelineResult. A layer that is a map "
              "with "
              "a `meta`, as `score` gives it, keeps it as its own metadata; one of the form {error: {code, message}}, as `try` "
              "gives it, is a failed layer.",
          .example = R"yaml(name: two-gates
input: {message: string}
stages:
  - {id: gate, uses: score, with: {text: "{{ input.message }}"}}
  - {id: length, uses: set, with: {characters: "{{ size(input.message) }}"}}
  - {id: all, uses: collect, with: {layers: {score: "{{ gate }}", length: "{{ length }}"}, meta: {text: "{{ input.message }}"}}}
tests:
  - input: {message: See you later!}
    expect: {meta: {text: See you later!}, layers: {score: {output: {decision: reject}}, length: {output: {characters: 14}}}}
)yaml",
          .fields = {{.name = "layers",
                      .type = lang::parse_type("map<string, dyn>").value(),
                      .description = "by name, what each layer gave"},
                     {.name = "meta",
                      .type = lang::parse_type("map<string, dyn>?").value(),
                      .description = "metadata of the whole",
                      .required = false}},
          .output = lang::parse_type("{meta: dyn, layers: dyn}").value(),
      },
      [](const Configuration&) -> Result<std::unique_ptr<Stage>> { return stage_of(collect); });
}

}  // namespace thalweg::scoring
