#include "models/encoder_stage.h"
#include "models/stages.h"

namespace thalweg::models {

namespace {

enum : std::size_t { kText, kModel };

class Embed final : public EncoderStage {
 public:
  explicit Embed(std::shared_ptr<Models> models) : EncoderStage(std::move(models), kModel) {}
  void start(CallRef call) const override {
    auto texts = texts_of(call->argument(kText), "text");
    if (!texts) return call->finish(std::unexpected(texts.error()));
    const bool one = call->argument(kText).is_string();
    encode(
        call,
        [texts = std::move(*texts)](const Encoder& encoder) mutable -> Result<std::vector<Text>> {
          TRY(need_vectors(encoder, "embed"));
          return std::move(texts);
        },
        [one](const Encoder&, const Rows& rows) -> Result<Value> {
          if (one) return Value::floats(rows.row(0));
          std::vector<Value> vectors;
          for (std::size_t i = 0; i < rows.size(); ++i) vectors.push_back(Value::floats(rows.row(i)));
          return Value::list(std::move(vectors));
        });
  }
};

}  // namespace

void add_embed(Catalog& catalog, const std::shared_ptr<Models>& models) {
  catalog.add(
      {
          .name = "embed",
          .version = "1",
          .summary = "Makes a vector of a text, or of each text of a list.",
          .description =
              "Vectors have length 1, so that their dot product is the cosine similarity. A text's vector depends on the text "
              "alone, not on what else is computed. Longer texts than the model takes are cut at sentences, and the "
              "parts' vectors averaged by their tokens.",
          .example = R"yaml(name: vector
input: {text: string}
stages:
  - {id: vector, uses: embed, with: {text: "{{ input.text }}"}}
output: {dimensions: "{{ size(vector) }}"}
tests:
  - input: {text: A thalweg is the line of lowest elevation along a valley.}
    expect: {dimensions: 384}
)yaml",
          .fields = {{.name = "text",
                      .type = Type(),
                      .description = "a text, or a list of texts",
                      .limits = Value::map({{"type", Value::list({"string", "array"})}})},
                     model_field("an embedding model: a name `thalweg models` lists, or a path")},
          .output = Type(),
          .output_of =
              [](const Configuration& configuration) {
                const Type text = configuration.type("text");
                if (text.kind() == Type::Kind::string) return Type(Type::Kind::floats);
                return text.kind() == Type::Kind::list ? Type::list(Type(Type::Kind::floats)) : Type();
              },
          .waits = true,
      },
      [models](const Configuration&) -> Result<std::unique_ptr<Stage>> { return std::make_unique<Embed>(models); });
}

}  // namespace thalweg::models
