#include <unordered_set>

#include "documents/passages.h"
#include "documents/stages.h"

namespace thalweg::documents {

namespace {

enum : std::size_t { kDocuments, kSize, kOverlap };

struct Seen {
  std::unordered_set<std::string> texts;
};

class Passages final : public Stage {
 public:
  void run(std::span<Call*> calls) const override {
    for (Call* call : calls) {
      if (auto done = step(*call); !done) {
        call->finish(std::unexpected(done.error()));
      } else if (call->ended()) {
        call->finish(Value());
      }
    }
  }

 private:
  static Result<> step(Call& call) {
    if (call.state() == nullptr) call.state() = std::make_shared<Seen>();
    auto& seen = *static_cast<Seen*>(call.state().get());
    const std::int64_t size = call.argument(kSize).as_int();
    const std::int64_t overlap = call.argument(kOverlap).as_int();
    if (size < 50 || overlap < 0 || overlap > size / 2) {
      return fail(Code::invalid_argument, "'size' must be at least 50 and 'overlap' 0 to half of it, not {} and {}", size,
                  overlap);
    }
    for (const Value& item : call.items()) {
      TRY(call.context().check());
      if (const Value* error = item.find("error"); error != nullptr) {
        const Value* path = item.find("path");
        call.emit(Value::map({{"document", path == nullptr ? Value("") : *path}, {"error", *error}}));
        continue;
      }
      const Document document = TRY(document_from(item));
      for (const Passage& passage :
           cut(document, {.size = static_cast<std::size_t>(size), .overlap = static_cast<std::size_t>(overlap)})) {
        // The same manual in one file and in many gives the same passages under the same headings.
        if (!seen.texts.insert(passage.section + '\0' + passage.text).second) continue;
        call.emit(to_value(passage));
      }
    }
    return {};
  }
};

}  // namespace

void add_passages(Catalog& catalog) {
  catalog.add(
      {
          .name = "passages",
          .version = "1",
          .summary = "Cuts documents into passages for retrieval.",
          .description = "Cuts at ends of sentences, never across headings; code, tables and list items stay whole where they "
                         "fit. Passages met "
                         "before, under the same headings, are left out. Each is {id, document, title, section, ordinal, text, "
                         "hash}; the text is "
                         "a stretch of the document, word for word.",
          .example = R"yaml(name: cut
input: {folder: string}
stages:
  - {id: read, uses: read_documents, with: {folder: "{{ input.folder }}"}}
  - {id: cut, uses: passages, with: {documents: "{{ read }}", size: 600}}
output: "{{ cut }}"
)yaml",
          .fields =
              {
                  {.name = "documents",
                   .type = lang::parse_type("stream<map<string, dyn>>").value(),
                   .description = "as the stage `read_documents` gives them"},
                  {.name = "size",
                   .type = Type(Type::Kind::integer),
                   .description = "bytes aimed at",
                   .required = false,
                   .fallback = Value(900)},
                  {.name = "overlap",
                   .type = Type(Type::Kind::integer),
                   .description = "bytes of whole sentences at the end of a passage that begin the next one again",
                   .required = false,
                   .fallback = Value(120)},
              },
          .output = lang::parse_type("stream<map<string, dyn>>").value(),
      },
      [](const Configuration&) -> Result<std::unique_ptr<Stage>> { return std::make_unique<Passages>(); });
}

}  // namespace thalweg::documents
