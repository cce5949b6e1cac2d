#include "base/dot.h"
#include "documents/extract.h"
#include "documents/stages.h"
#include "models/encoder_stage.h"

namespace thalweg::documents {

namespace {

enum : std::size_t { kQuestion, kHits, kTerms, kPassages, kSentences, kThreshold, kModel, kSimilarity };

constexpr std::string_view kNothing = "not in the documents";

Result<Source> source_of(const Value& hit) {
  Source source;
  const auto text = [&](std::string_view name, std::string& into, bool needed) -> Result<> {
    const Value* field = hit.find(name);
    if (field != nullptr && field->is_string()) {
      into = field->as_string();
    } else if (needed) {
      return fail(Code::invalid_argument, "a hit needs '{}', a string", name);
    }
    return {};
  };
  TRY(text("document", source.document, true));
  TRY(text("text", source.text, true));
  TRY(text("title", source.title, false));
  TRY(text("section", source.section, false));
  if (const Value* score = hit.find("score"); score != nullptr && score->is_number()) source.score = score->as_number();
  return source;
}

struct Asked {
  std::string question;
  std::vector<Source> sources;
  Rarity rarity;
  ExtractOptions options;
};

Result<Asked> read(const Call& call) {
  Asked asked;
  asked.question = call.argument(kQuestion).as_string();
  for (const Value& hit : call.argument(kHits).items()) asked.sources.push_back(TRY(source_of(hit)));
  if (call.argument(kPassages).is_int()) asked.rarity.passages = call.argument(kPassages).as_int();
  if (call.argument(kTerms).is_map()) {
    for (const Entry& term : call.argument(kTerms).entries()) {
      if (term.key.is_string() && term.value.is_int()) {
        asked.rarity.holding[std::string(term.key.as_string())] = term.value.as_int();
      }
    }
  }
  const std::int64_t most = call.argument(kSentences).as_int();
  if (most < 1) return fail(Code::invalid_argument, "'sentences' must be at least 1");
  asked.options = {static_cast<std::size_t>(most), call.argument(kThreshold).as_number(), call.argument(kSimilarity).as_number()};
  return asked;
}

Result<Value> answer(const Asked& asked, std::span<const double> similarities) {
  const auto analyzer = TRY(index::Analyzer::open());
  const Extract found = TRY(extract(analyzer, asked.question, asked.sources, asked.rarity, asked.options, similarities));
  std::string text;
  std::vector<Value> quotes;
  for (const Quote& quote : found.quotes) {
    const Source& source = asked.sources[quote.source];
    text += (text.empty() ? "" : " ") + quote.text;
    quotes.push_back(Value::map({{"document", source.document},
                                 {"title", source.title},
                                 {"section", source.section},
                                 {"text", quote.text},
                                 {"score", quote.score}}));
  }
  return Value::map({{"answered", !found.quotes.empty()},
                     {"text", found.quotes.empty() ? std::string(kNothing) : text},
                     {"sources", Value::list(std::move(quotes))},
                     {"support", found.support},
                     {"reason", found.reason.empty() ? Value() : Value(found.reason)}});
}

// The cosine of the first row and each other. Rows have length 1.
std::vector<double> cosines(const models::Rows& rows) {
  std::vector<double> all;
  for (std::size_t i = 1; i < rows.size(); ++i) all.push_back(dot(rows.row(0), rows.row(i)));
  return all;
}

class ExtractStage final : public Stage {
 public:
  explicit ExtractStage(std::shared_ptr<models::Models> models) : models_(std::move(models)) {}

  // The files of the model.
  [[nodiscard]] Result<Value> depends_on(std::span<const Value> arguments) const override {
    const Value& model = arguments[kModel];
    if (!model.is_string() || model.size() == 0) return Value();
    return Value(TRY(models_->identity(model.as_string())));
  }

  void start(CallRef call) const override {
    auto asked = read(*call);
    if (!asked) return call->finish(std::unexpected(asked.error()));
    const Value& model = call->argument(kModel);
    if (!model.is_string() || model.size() == 0 || asked->sources.empty()) return call->finish(answer(*asked, {}));
    models_->encoder(model.as_string(), [models = models_, working = call->working(), call,
                                         asked = std::move(*asked)](Result<std::shared_ptr<models::Encoder>> encoder) mutable {
      if (!encoder) return call->finish(std::unexpected(encoder.error()));
      if (auto fit = models::need_vectors(**encoder, "extract"); !fit) return call->finish(std::unexpected(fit.error()));
      std::vector<models::Text> texts{{asked.question, {}, false}};
      for (std::string& text : sentence_texts(asked.sources)) texts.push_back({std::move(text), {}, false});
      (*encoder)->encode(
          std::move(texts), call->context(),
          [models, working, encoder = *encoder, call, asked = std::move(asked)](Result<models::Rows> rows) mutable {
            if (!rows) return call->finish(std::unexpected(rows.error()));
            models->later([working, call, asked = std::move(asked), rows = std::move(*rows)] {
              call->finish(answer(asked, cosines(rows)));
            });
          });
    });
  }

 private:
  std::shared_ptr<models::Models> models_;
};

}  // namespace

void add_extract(Catalog& catalog, const std::shared_ptr<models::Models>& models) {
  catalog.add(
      {
          .name = "extract",
          .version = "2",
          .summary = "Quotes the sentences of passages that answer a question, or says that none does.",
          .description =
              "A sentence counts by the question's words that it and what stands around it hold, rare words more, and by "
              "how sentences read that answer such a question (what is, how, when, where, who, how many, ...); with a "
              "`model` most by how near it is in meaning. `support` is the share of words (or, with a model, the best "
              "sentence's cosine); below the threshold the answer is \"not in the documents\" and `reason` says why, as "
              "it is, with a model, when the question names or asks for something that stands nowhere in the index, or "
              "asks for a number that no near sentence has. Always the same for the same arguments.",
          .example = R"yaml(name: quote
input: {question: string}
stages:
  - id: answer
    uses: extract
    with:
      question: "{{ input.question }}"
      hits:
        - {document: rivers.md, text: "A thalweg is the line of lowest elevation along a valley. Boats follow it."}
output: {text: "{{ answer.text }}"}
tests:
  - input: {question: What is a thalweg?}
    expect: {text: A thalweg is the line of lowest elevation along a valley.}
  - input: {question: Who invented the bicycle?}
    expect: {text: not in the documents}
)yaml",
          .fields =
              {
                  {.name = "question", .type = Type(Type::Kind::string), .description = "in plain words"},
                  {.name = "hits", .type = Type::list({}), .description = "passages: {document, text, title, section, score}"},
                  {.name = "terms",
                   .type = lang::parse_type("map<string, int>?").value(),
                   .description =
                       "of each word stem how many passages hold it, as `retrieve` tells; without it all words weigh the same",
                   .required = false},
                  {.name = "passages",
                   .type = lang::parse_type("int?").value(),
                   .description = "how many passages there are, as `retrieve` tells",
                   .required = false},
                  {.name = "sentences",
                   .type = Type(Type::Kind::integer),
                   .description = "at most so many",
                   .required = false,
                   .fallback = Value(3)},
                  {.name = "threshold",
                   .type = Type(Type::Kind::real),
                   .description = "the least support by words",
                   .required = false,
                   .fallback = Value(ExtractOptions{}.threshold)},
                  {.name = "model",
                   .type = lang::parse_type("string?").value(),
                   .description = "an embedding model, by name or path; without one, or when empty: by words alone",
                   .required = false},
                  {.name = "similarity",
                   .type = Type(Type::Kind::real),
                   .description = "with a model: the least cosine of the best sentence",
                   .required = false,
                   .fallback = Value(ExtractOptions{}.similarity)},
              },
          .output =
              lang::parse_type(
                  "{answered: bool, text: string, sources: list<{document: string, title: string, section: string, text: string, "
                  "score: double}>, support: double, reason: string?}")
                  .value(),
          .waits = true,
      },
      [models](const Configuration&) -> Result<std::unique_ptr<Stage>> { return std::make_unique<ExtractStage>(models); });
}

}  // namespace thalweg::documents
