#include "documents/grounding.h"
#include "documents/stages.h"

namespace thalweg::documents {

namespace {

enum : std::size_t { kText, kSources, kQuestion, kLeast };

Result<Value> check(Call& call) {
  std::vector<std::string> sources;
  for (const Value& source : call.argument(kSources).items()) {
    const Value* const text = source.is_map() ? source.find("text") : &source;
    if (text == nullptr || !text->is_string()) {
      return fail(Code::invalid_argument, "'sources[{}]' is no string, and has no 'text' that is one", sources.size());
    }
    sources.emplace_back(text->as_string());
  }
  const double least = call.argument(kLeast).as_number();
  if (!(least >= 0 && least <= 1)) return fail(Code::invalid_argument, "'least' must be from 0 to 1, not {}", least);
  const auto analyzer = TRY(index::Analyzer::open());
  const Value& question = call.argument(kQuestion);
  Grounding found = TRY(grounding(analyzer, call.argument(kText).as_string(), sources,
                                  question.is_string() ? question.as_string() : std::string_view(), least, call.context()));
  const bool grounded = found.unsupported.empty();
  const auto sentences = static_cast<std::int64_t>(found.sentences);
  std::vector<Value> unsupported(std::make_move_iterator(found.unsupported.begin()),
                                 std::make_move_iterator(found.unsupported.end()));
  return Value::map({{"grounded", grounded},
                     {"share", found.share},
                     {"sentences", sentences},
                     {"unsupported", Value::list(std::move(unsupported))}});
}

}  // namespace

void add_grounding(Catalog& catalog) {
  catalog.add(
      {
          .name = "grounding",
          .version = "1",
          .summary = "Tells whether a text says what its sources say, sentence by sentence.",
          .description =
              "A sentence is borne out when enough of its words of content stand in the sources or in the question, and when it "
              "denies no more and no less (\"not\", \"never\", \"can't\") than the source's sentence that has most of them; the "
              "others are `unsupported`. A test of words, for what language models write: it finds what they made up, not every "
              "wrong conclusion.",
          .example = R"yaml(name: check-an-answer
input: {text: string}
stages:
  - id: check
    uses: grounding
    with:
      text: "{{ input.text }}"
      sources: [{text: A package should not change a file that belongs to another package.}]
output: {grounded: "{{ check.grounded }}", unsupported: "{{ check.unsupported }}"}
tests:
  - input: {text: Packages should not change files of another package.}
    expect: {grounded: true}
  - input: {text: A package should change a file that belongs to another package.}
    expect: {grounded: false}
  - input: {text: Packages should not change files. Run pip install to repair Python.}
    expect: {unsupported: [Run pip install to repair Python.]}
)yaml",
          .fields =
              {
                  {.name = "text", .type = Type(Type::Kind::string), .description = "what was written"},
                  {.name = "sources",
                   .type = Type::list({}),
                   .description = "what it was written from: strings, or maps with a `text` such as those of `extract`"},
                  {.name = "question",
                   .type = lang::parse_type("string?").value(),
                   .description = "whose words may stand in it, too",
                   .required = false},
                  {.name = "least",
                   .type = Type(Type::Kind::real),
                   .description = "the least share of a sentence's words",
                   .required = false,
                   .fallback = Value(0.7),
                   .limits = Value::map({{"minimum", 0}, {"maximum", 1}})},
              },
          .output = lang::parse_type("{grounded: bool, share: double, sentences: int, unsupported: list<string>}").value(),
      },
      [](const Configuration&) -> Result<std::unique_ptr<Stage>> { return stage_of(check); });
}

}  // namespace thalweg::documents
