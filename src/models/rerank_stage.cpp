#include <algorithm>
#include <cmath>

#include "base/dot.h"
#include "models/encoder_stage.h"
#include "models/stages.h"

namespace thalweg::models {

namespace {

enum : std::size_t { kQuestion, kHits, kFields, kTopK, kModel };

struct Asked {
  std::string question;
  std::vector<Value> hits;
  std::vector<std::string> passages;
  std::size_t limit;
};

Result<Asked> read(Call& call) {
  Asked asked{.question = std::string(call.argument(kQuestion).as_string()), .hits = {}, .passages = {}, .limit = SIZE_MAX};
  if (const Value& limit = call.argument(kTopK); limit.is_int()) {
    if (limit.as_int() < 1) return fail(Code::invalid_argument, "'top_k' must be at least 1, not {}", limit.as_int());
    asked.limit = static_cast<std::size_t>(limit.as_int());
  }
  const Value fields = call.take(kFields);
  const Value hits = call.take(kHits);
  for (const Value& hit : hits.items()) {
    std::string passage;
    bool any = false;
    for (const Value& name : fields.items()) {
      const Value* const field = hit.find(name.as_string());
      if (field == nullptr || field->is_null()) continue;
      if (!field->is_string())
        return fail(Code::invalid_argument, "'{}' of hits[{}] is no string", name.as_string(), asked.hits.size());
      any = true;
      if (!passage.empty() && field->size() > 0) passage += '\n';
      passage += field->as_string();
    }
    if (!any) return fail(Code::invalid_argument, "hits[{}] has none of the fields it is to be compared by", asked.hits.size());
    asked.hits.push_back(hit);
    asked.passages.push_back(std::move(passage));
  }
  return asked;
}

Result<std::vector<Text>> texts_for(const Encoder& encoder, const Asked& asked) {
  std::vector<Text> texts;
  if (encoder.kind() == EncoderKind::classifier) {
    if (encoder.width() != 1) {
      return fail(Code::invalid_argument,
                  "rerank needs a cross-encoder with one score or an embedding model; this classifier has {} labels",
                  encoder.width());
    }
    for (const std::string& passage : asked.passages)
      texts.push_back({.text = asked.question, .pair = passage, .has_pair = true});
    return texts;
  }
  texts.push_back({.text = asked.question});
  for (const std::string& passage : asked.passages) texts.push_back({.text = passage});
  return texts;
}

Value answer_of(const Encoder& encoder, const Rows& rows, const Asked& asked) {
  const bool crosses = encoder.kind() == EncoderKind::classifier;
  std::vector<std::pair<double, std::size_t>> order;
  for (std::size_t i = 0; i < asked.hits.size(); ++i) {
    order.emplace_back(crosses ? 1 / (1 + std::exp(-static_cast<double>(rows.row(i)[0]))) : dot(rows.row(0), rows.row(i + 1)), i);
  }
  std::ranges::sort(order,
                    [](const auto& a, const auto& b) { return std::pair(-a.first, a.second) < std::pair(-b.first, b.second); });
  if (order.size() > asked.limit) order.resize(asked.limit);
  std::vector<Value> hits;
  for (const auto& [score, hit] : order) hits.push_back(Value(asked.hits[hit]).set("score", score));
  return Value::list(std::move(hits));
}

// The hits' own type, with a score.
Type type_of_hits(const Configuration& configuration) {
  const Type hit = configuration.type("hits").argument(0);
  if (!hit.is(Type::Kind::object)) return lang::parse_type("list<map<string, dyn>>").value();
  std::vector<Type::Field> fields(hit.fields().begin(), hit.fields().end());
  std::erase_if(fields, [](const Type::Field& field) { return field.name == "score"; });
  fields.push_back({"score", Type(Type::Kind::real)});
  return Type::list(Type::object(std::move(fields)));
}

class Rerank final : public EncoderStage {
 public:
  explicit Rerank(std::shared_ptr<Models> models) : EncoderStage(std::move(models), kModel) {}
  void start(CallRef call) const override {
    auto read_in = read(*call);
    if (!read_in) return call->finish(std::unexpected(read_in.error()));
    if (read_in->hits.empty()) return call->finish(Value::list());
    const auto asked = std::make_shared<const Asked>(std::move(*read_in));
    encode(
        call, [asked](const Encoder& encoder) { return texts_for(encoder, *asked); },
        [asked](const Encoder& encoder, const Rows& rows) -> Result<Value> { return answer_of(encoder, rows, *asked); });
  }
};

}  // namespace

void add_rerank(Catalog& catalog, const std::shared_ptr<Models>& models) {
  catalog.add(
      {
          .name = "rerank",
          .version = "1",
          .summary = "Puts hits into the order of how well they answer a question.",
          .description =
              "Each hit keeps its fields, and its `score` becomes the cosine similarity of question and passage, or, with a "
              "cross-encoder (a folder of Hugging Face with one label, by path), what that model says of the pair, 0 to 1. Hits "
              "of "
              "one score keep their order. A passage longer than the model takes is read in parts; a cross-encoder's best part "
              "counts.",
          .example = R"yaml(name: best-first
input: {question: string}
stages:
  - id: best
    uses: rerank
    with:
      question: "{{ input.question }}"
      hits:
        - {document: cats.md, text: Cats sleep most of the day.}
        - {document: rivers.md, text: A thalweg is the line of lowest elevation along a valley.}
      top_k: 1
output: {document: "{{ best[0].document }}"}
tests:
  - input: {question: Where is a river deepest?}
    expect: {document: rivers.md}
)yaml",
          .fields = {{.name = "question", .type = Type(Type::Kind::string), .description = "in plain words"},
                     {.name = "hits",
                      .type = lang::parse_type("list<map<string, dyn>>").value(),
                      .description = "passages, as `retrieve` finds them"},
                     {.name = "fields",
                      .type = lang::parse_type("list<string>").value(),
                      .description = "what of a hit is compared, joined",
                      .required = false,
                      .fallback = Value::list({"text"})},
                     {.name = "top_k",
                      .type = lang::parse_type("int?").value(),
                      .description = "keep at most so many of them",
                      .required = false},
                     model_field("an embedding model or a cross-encoder: a name `thalweg models` lists, or a path")},
          .output = lang::parse_type("list<map<string, dyn>>").value(),
          .output_of = type_of_hits,
          .waits = true,
      },
      [models](const Configuration&) -> Result<std::unique_ptr<Stage>> { return std::make_unique<Rerank>(models); });
}

}  // namespace thalweg::models
