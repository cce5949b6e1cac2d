#include "documents/extract.h"
#include "documents/stages.h"

namespace thalweg::documents {

namespace {

enum : std::size_t { kQuestion, kHits, kTerms, kPassages, kSentences, kThreshold };

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

Result<Value> run(Call& call) {
  std::vector<Source> sources;
  for (const Value& hit : call.argument(kHits).items()) sources.push_back(TRY(source_of(hit)));
  Rarity rarity;
  if (call.argument(kPassages).is_int()) rarity.passages = call.argument(kPassages).as_int();
  if (call.argument(kTerms).is_map()) {
    for (const Entry& term : call.argument(kTerms).entries()) {
      if (term.key.is_string() && term.value.is_int()) rarity.holding[std::string(term.key.as_string())] = term.value.as_int();
    }
  }
  const std::int64_t most = call.argument(kSentences).as_int();
  if (most < 1) return fail(Code::invalid_argument, "'sentences' must be at least 1");
  const auto analyzer = TRY(index::Analyzer::open());
  const ExtractOptions options{static_cast<std::size_t>(most), call.argument(kThreshold).as_number()};
  const Extract found = TRY(extract(analyzer, call.argument(kQuestion).as_string(), sources, rarity, options));

  std::string text;
  std::vector<Value> quotes;
  for (const Quote& quote : found.quotes) {
    const Source& source = sources[quote.source];
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
                     {"support", found.support}});
}

}  // namespace

void add_extract(Catalog& catalog) {
  catalog.add(
      {
          .name = "extract",
          .version = "1",
          .summary = "Quotes the sentences of passages that answer a question, or says that none does.",
          .description = "No model: a sentence counts by the question's words that it and what stands around it hold, rare words "
                         "more, and by how "
                         "sentences read that answer such a question (what is, how, when, where, who, how many, ...). `support` "
                         "is that share, 0 to "
                         "1; below `threshold` the answer is \"not in the documents\". Always the same for the same arguments.",
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
                   .description = "the least support",
                   .required = false,
                   .fallback = Value(ExtractOptions{}.threshold)},
              },
          .output =
              lang::parse_type(
                  "{answered: bool, text: string, sources: list<{document: string, title: string, section: string, text: string, "
                  "score: double}>, support: double}")
                  .value(),
      },
      [](const Configuration&) -> Result<std::unique_ptr<Stage>> { return stage_of(run); });
}

}  // namespace thalweg::documents
