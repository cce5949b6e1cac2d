#include "index/stages.h"

#include <sys/stat.h>

#include <map>
#include <memory>
#include <mutex>

#include "index/passage_index.h"

namespace thalweg::index {

namespace {

Type type(std::string_view text) { return lang::parse_type(text).value(); }

// --- index
// -----------------------------------------------------------------------------------------------------------------------

enum : std::size_t { kPassages, kTo, kPrune };

struct Writing {
  std::optional<IndexWriter> writer;
  std::int64_t passages = 0;
  std::vector<Value> skipped;
};

class Index final : public Stage {
 public:
  void run(std::span<Call*> calls) const override {
    for (Call* call : calls) {
      if (auto wrote = step(*call); !wrote) {
        call->finish(std::unexpected(wrote.error()));
      } else if (wrote->has_value()) {
        call->finish(std::move(**wrote));
      }
    }
  }

 private:
  // The output when the last passage has come.
  static Result<std::optional<Value>> step(Call& call) {
    if (call.state() == nullptr) call.state() = std::make_shared<Writing>();
    auto& writing = *static_cast<Writing*>(call.state().get());
    if (!writing.writer) writing.writer.emplace(TRY(IndexWriter::open(std::string(call.argument(kTo).as_string()))));
    for (Value& item : call.items()) {
      if (item.find("error") != nullptr) {
        writing.skipped.push_back(std::move(item));
        continue;
      }
      TRY(writing.writer->put(item));
      ++writing.passages;
    }
    TRY(call.context().check());
    call.progress(writing.passages, 0, "passages");
    if (!call.ended()) return std::nullopt;
    const auto summary = TRY(writing.writer->commit(call.argument(kPrune).as_bool()));
    writing.writer.reset();
    return Value::map({{"index", call.argument(kTo)},
                       {"passages", summary.passages},
                       {"written", summary.written},
                       {"unchanged", summary.unchanged},
                       {"removed", summary.removed},
                       {"skipped", Value::list(std::move(writing.skipped))}});
  }
};

Contract index_contract() {
  return {
      .name = "index",
      .version = "1",
      .summary = "Writes passages into a keyword index on disk.",
      .description =
          "All or nothing: readers see the old index until the last passage is in, and after a failure. A document whose hash "
          "has not "
          "changed is left as it is. Items with an `error` (documents that could not be read) are listed in the output. One "
          "writer at a "
          "time: a second one fails with UNAVAILABLE.",
      .example = R"yaml(name: make-searchable
input: {folder: string, to: string}
stages:
  - {id: read, uses: read_documents, with: {folder: "{{ input.folder }}"}}
  - {id: cut, uses: passages, with: {documents: "{{ read }}"}}
  - {id: write, uses: index, with: {passages: "{{ cut }}", to: "{{ input.to }}"}}
output: "{{ write }}"
)yaml",
      .fields =
          {
              {.name = "passages", .type = type("stream<map<string, dyn>>"), .description = "as the stage `passages` makes them"},
              {.name = "to", .type = Type(Type::Kind::string), .description = "the folder of the index, made when missing"},
              {.name = "prune",
               .type = Type(Type::Kind::boolean),
               .description = "drop documents that were in the index and do not come again",
               .required = false,
               .fallback = Value(true)},
          },
      .output = type(
          "{index: string, passages: int, written: int, unchanged: int, removed: int, skipped: list<{document: string, error: "
          "string}>}"),
      .deterministic = false,
      .effects = true,
  };
}

// --- retrieve
// --------------------------------------------------------------------------------------------------------------------

enum : std::size_t { kIndex, kText, kTopK };

// The indexes a stage asked lately, open for as long as they are on the disk what they were.
class OpenIndexes {
 public:
  Result<std::shared_ptr<const PassageIndex>> open(const std::string& folder) {
    struct stat now{};
    const bool there = ::stat((folder + "/meta.json").c_str(), &now) == 0;  // a commit puts a new file in its place
    {
      const std::lock_guard lock(mutex_);
      const auto known = opened_.find(folder);
      if (known != opened_.end() && there && same(known->second.meta, now)) return known->second.index;
    }
    auto index = std::make_shared<const PassageIndex>(TRY(PassageIndex::open(folder)));
    const std::lock_guard lock(mutex_);
    if (opened_.size() >= kMost) opened_.clear();
    opened_[folder] = {now, index};
    return index;
  }

 private:
  static constexpr std::size_t kMost = 8;
  struct Opened {
    struct stat meta{};
    std::shared_ptr<const PassageIndex> index;
  };
  static bool same(const struct stat& a, const struct stat& b) noexcept {
    return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
           a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
  }
  std::mutex mutex_;
  std::map<std::string, Opened> opened_;
};

Result<Value> retrieve(Call& call, OpenIndexes& indexes) {
  const std::int64_t limit = call.argument(kTopK).as_int();
  if (limit < 1 || limit > 10'000) return fail(Code::invalid_argument, "'top_k' must be 1 to 10000, not {}", limit);
  const auto index = TRY(indexes.open(std::string(call.argument(kIndex).as_string())));
  Found found = TRY(index->search(call.argument(kText).as_string(), {.limit = static_cast<std::uint32_t>(limit)}));
  std::vector<Value> hits;
  for (Hit& hit : found.hits) hits.push_back(std::move(hit.passage).set("score", hit.score));
  std::vector<Entry> terms;
  for (const auto& term : found.terms) terms.push_back({term.stem, term.passages});
  return Value::map(
      {{"hits", Value::list(std::move(hits))}, {"terms", Value::map(std::move(terms))}, {"passages", found.passages}});
}

Contract retrieve_contract() {
  return {
      .name = "retrieve",
      .version = "1",
      .summary = "Finds the passages of a keyword index that fit a question best.",
      .description =
          "BM25 over text, headings and titles, English words stemmed, words without content left out, neighbouring words "
          "counting again "
          "as phrases. An index stays open between calls, and is opened anew when it was written. `terms` says of each word stem "
          "how many passages hold it. Fails with NOT_FOUND when there is no index, "
          "DATA_LOSS "
          "when it is damaged.",
      .example = R"yaml(name: find
input: {question: string, index: string}
stages:
  - {id: find, uses: retrieve, with: {index: "{{ input.index }}", text: "{{ input.question }}", top_k: 4}}
output: "{{ find.hits }}"
)yaml",
      .fields =
          {
              {.name = "index", .type = Type(Type::Kind::string), .description = "the folder of the index"},
              {.name = "text", .type = Type(Type::Kind::string), .description = "a question, or words"},
              {.name = "top_k",
               .type = Type(Type::Kind::integer),
               .description = "at most so many passages",
               .required = false,
               .fallback = Value(10)},
          },
      .output =
          type("{hits: list<{id: string, document: string, title: string, section: string, ordinal: int, text: string, score: "
               "double}>, terms: map<string, int>, passages: int}"),
      .deterministic = false,  // the index may change
  };
}

}  // namespace

void register_stages(Catalog& catalog) {
  catalog.add(index_contract(), [](const Configuration&) -> Result<std::unique_ptr<Stage>> { return std::make_unique<Index>(); });
  catalog.add(retrieve_contract(), [](const Configuration&) -> Result<std::unique_ptr<Stage>> {
    return stage_of([indexes = std::make_unique<OpenIndexes>()](Call& call) { return retrieve(call, *indexes); });
  });
}

}  // namespace thalweg::index
