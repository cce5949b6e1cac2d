#include "base/dot.h"
#include "models/encoder_stage.h"
#include "models/stages.h"

namespace thalweg::models {

namespace {

enum : std::size_t { kText, kTo, kModel };

class Similarity final : public EncoderStage {
 public:
  explicit Similarity(std::shared_ptr<Models> models) : EncoderStage(std::move(models), kModel) {}
  void start(CallRef call) const override {
    auto texts = texts_of(call->argument(kTo), "to");
    if (!texts) return call->finish(std::unexpected(texts.error()));
    texts->insert(texts->begin(), Text{.text = std::string(call->argument(kText).as_string())});
    const bool one = call->argument(kTo).is_string();
    encode(
        call,
        [texts = std::move(*texts)](const Encoder& encoder) mutable -> Result<std::vector<Text>> {
          TRY(need_vectors(encoder, "similarity"));
          return std::move(texts);
        },
        [one](const Encoder&, const Rows& rows) -> Result<Value> {
          if (one) return Value(dot(rows.row(0), rows.row(1)));
          std::vector<Value> scores;
          for (std::size_t i = 1; i < rows.size(); ++i) scores.emplace_back(dot(rows.row(0), rows.row(i)));
          return Value::list(std::move(scores));
        });
  }
};

}  // namespace

void add_similarity(Catalog& catalog, const std::shared_ptr<Models>& models) {
  catalog.add(
      {
          .name = "similarity",
          .version = "1",
          .summary = "Tells how near texts are in meaning: 1 for the same, about 0 for texts that have nothing in common.",
          .description =
              "The cosine similarity of the texts' vectors (see `embed`), -1 to 1: of a text to another, or to each text of a "
              "list.",
          .example = R"yaml(name: nearer
input: {text: string, a: string, b: string}
stages:
  - {id: near, uses: similarity, with: {text: "{{ input.text }}", to: ["{{ input.a }}", "{{ input.b }}"]}}
output: {first: "{{ near[0] > near[1] }}"}
tests:
  - input: {text: The cat sleeps., a: A kitten naps., b: Shares fell on Monday.}
    expect: {first: true}
)yaml",
          .fields = {{.name = "text", .type = Type(Type::Kind::string), .description = "a text"},
                     {.name = "to",
                      .type = Type(),
                      .description = "a text, or a list of texts",
                      .limits = Value::map({{"type", Value::list({"string", "array"})}})},
                     model_field("an embedding model: a name `thalweg models` lists, or a path")},
          .output = Type(),
          .output_of =
              [](const Configuration& configuration) {
                const Type to = configuration.type("to");
                if (to.kind() == Type::Kind::string) return Type(Type::Kind::real);
                return to.kind() == Type::Kind::list ? Type::list(Type(Type::Kind::real)) : Type();
              },
          .waits = true,
      },
      [models](const Configuration&) -> Result<std::unique_ptr<Stage>> { return std::make_unique<Similarity>(models); });
}

}  // namespace thalweg::models
