// The stage `retrieve`.

#include <algorithm>
#include <array>
#include <unordered_map>

#include "index/open_indexes.h"
#include "index/stages.h"

namespace thalweg::index {

namespace {

enum : std::size_t { kIndex, kText, kTopK, kMode, kFusion };

enum class Mode : std::uint8_t { keyword, dense, hybrid };
constexpr auto kModes = std::to_array<std::string_view>({"keyword", "dense", "hybrid"});

constexpr auto kFusions = std::to_array<std::string_view>({"scores", "reciprocal_rank"});

// What a point of BM25 is worth in cosine. Measured on 80 questions over Debian's manuals: equally good from 0.003 to 0.007.
constexpr double kKeywordWeight = 0.005;

// How many of each list are fused, at least.
constexpr std::size_t kCandidates = 100;

struct Question {
  std::shared_ptr<const PassageIndex> index;
  std::string text;
  std::size_t top_k = 0;
  Mode mode = Mode::keyword;
  bool by_rank = false;
};

// Without a mode: the best that the index can do.
Result<Mode> mode_of(const Value& given, const PassageIndex& index) {
  if (!given.is_string()) return index.model() ? Mode::hybrid : Mode::keyword;
  const auto known = std::ranges::find(kModes, given.as_string());
  if (known == kModes.end())
    return fail(Code::invalid_argument, "'mode' is one of keyword, dense, hybrid, not '{}'", given.as_string());
  const auto mode = static_cast<Mode>(known - kModes.begin());
  if (mode != Mode::keyword && !index.model()) {
    return fail(Code::failed_precondition, "the index at {} has no vectors: index with a model, or search by keywords",
                index.folder());
  }
  return mode;
}

Result<Question> question_of(const Call& call, OpenIndexes& indexes) {
  const std::int64_t limit = call.argument(kTopK).as_int();
  if (limit < 1 || limit > 10'000) return fail(Code::invalid_argument, "'top_k' must be 1 to 10000, not {}", limit);
  Question question{TRY(indexes.open(std::string(call.argument(kIndex).as_string()))),
                    std::string(call.argument(kText).as_string()),
                    static_cast<std::size_t>(limit),
                    {}};
  question.mode = TRY(mode_of(call.argument(kMode), *question.index));
  const std::string_view fusion = call.argument(kFusion).as_string();
  if (std::ranges::find(kFusions, fusion) == kFusions.end()) {
    return fail(Code::invalid_argument, "'fusion' is one of scores, reciprocal_rank, not '{}'", fusion);
  }
  question.by_rank = fusion == kFusions[1];
  return question;
}

Value output(const Question& question, const Found& words, std::vector<Value> hits) {
  std::vector<Entry> terms;
  for (const auto& term : words.terms) terms.push_back({term.stem, term.passages});
  return Value::map({{"hits", Value::list(std::move(hits))},
                     {"terms", Value::map(std::move(terms))},
                     {"passages", words.passages},
                     {"mode", kModes.at(static_cast<std::size_t>(question.mode))},
                     {"model", question.mode == Mode::keyword ? Value() : Value(question.index->model()->name)}});
}

Result<Value> by_keywords(const Question& question) {
  Found found = TRY(question.index->search(question.text, {.limit = static_cast<std::uint32_t>(question.top_k)}));
  std::vector<Value> hits;
  for (Hit& hit : found.hits) hits.push_back(std::move(hit.passage).set("score", hit.score).set("keyword_score", hit.score));
  return output(question, found, std::move(hits));
}

// The passages of both lists by cosine + kKeywordWeight * BM25; who is not among the words has 0 of it.
std::vector<Ranked> by_scores(const PassageIndex& index, std::span<const float> query, std::span<const Ranked> keywords,
                              std::span<const Ranked> meanings) {
  std::unordered_map<std::uint64_t, double> scores;
  for (const Ranked& hit : meanings) scores.emplace(hit.id, hit.score);
  for (const Ranked& hit : keywords) {
    const auto [at, fresh] = scores.try_emplace(hit.id, 0);
    if (fresh) at->second = index.similarity(query, hit.id).value_or(0);
    at->second += kKeywordWeight * hit.score;
  }
  std::vector<Ranked> all;
  for (const auto& [id, score] : scores) all.push_back({id, score});
  std::ranges::sort(all, [](const Ranked& a, const Ranked& b) { return std::pair(-a.score, a.id) < std::pair(-b.score, b.id); });
  return all;
}

// Dense and hybrid: with the question's vector.
Result<Value> by_meaning(const Question& question, std::span<const float> query) {
  const PassageIndex& index = *question.index;
  const std::size_t depth = std::max(question.top_k, kCandidates);
  const std::vector<Ranked> meanings = TRY(index.nearest(query, depth));
  Found words = TRY(index.search(question.text, {.limit = static_cast<std::uint32_t>(depth)}));
  std::vector<Ranked> keywords;
  for (const Hit& hit : words.hits) keywords.push_back({hit.id, hit.score});
  std::vector<Ranked> ranked = meanings;
  if (question.mode == Mode::hybrid) {
    const std::array<RankedList, 2> lists{RankedList{keywords, 1}, RankedList{meanings, 1}};
    ranked = question.by_rank ? fuse(lists) : by_scores(index, query, keywords, meanings);
  }
  ranked.resize(std::min(ranked.size(), question.top_k));

  std::unordered_map<std::uint64_t, Hit*> known;
  for (Hit& hit : words.hits) known.emplace(hit.id, &hit);
  std::vector<std::uint64_t> missing;
  for (const Ranked& hit : ranked) {
    if (!known.contains(hit.id)) missing.push_back(hit.id);
  }
  const std::vector<Value> fetched = TRY(index.fetch(missing));
  std::vector<Value> hits;
  std::size_t next = 0;
  for (const Ranked& hit : ranked) {
    const auto word = known.find(hit.id);
    Value passage = word == known.end() ? fetched[next++] : word->second->passage;
    passage = std::move(passage).set("score", hit.score);
    if (const auto cosine = index.similarity(query, hit.id)) passage = std::move(passage).set("similarity", *cosine);
    if (word != known.end()) passage = std::move(passage).set("keyword_score", word->second->score);
    hits.push_back(std::move(passage));
  }
  return output(question, words, std::move(hits));
}

class Retrieve final : public Stage {
 public:
  explicit Retrieve(std::shared_ptr<models::Models> models) : models_(std::move(models)) {}

  void start(CallRef call) const override {
    auto question = question_of(*call, *indexes_);
    if (!question) return call->finish(std::unexpected(question.error()));
    if (question->mode == Mode::keyword) return call->finish(by_keywords(*question));
    if (auto same = indexes_->check_model(*question->index, *models_); !same) return call->finish(std::unexpected(same.error()));
    const std::string model = question->index->model()->name;
    auto working = call->working();
    models_->encoder(model, [models = models_, working = std::move(working), call = std::move(call),
                             question = std::move(*question)](Result<std::shared_ptr<models::Encoder>> encoder) mutable {
      if (!encoder) return call->finish(std::unexpected(encoder.error()));
      std::vector<models::Text> text(1);
      text.front().text = question.text;
      const Context context = call->context();
      (*encoder)->encode(
          std::move(text), context,
          [models, working, encoder = *encoder, call, question = std::move(question)](Result<models::Rows> rows) mutable {
            if (!rows) return call->finish(std::unexpected(rows.error()));
            // Not on the model's thread, which others wait for.
            models->later([working, call, question = std::move(question), rows = std::move(*rows)] {
              call->finish(by_meaning(question, rows.row(0)));
            });
          });
    });
  }

 private:
  std::shared_ptr<models::Models> models_;
  std::unique_ptr<OpenIndexes> indexes_ = std::make_unique<OpenIndexes>();
};

}  // namespace

void add_retrieve(Catalog& catalog, const std::shared_ptr<models::Models>& models) {
  catalog.add(
      {
          .name = "retrieve",
          .version = "2",
          .summary = "Finds the passages of an index that fit a question best, by keywords, by meaning, or both.",
          .description =
              "`keyword`: BM25 over text, headings and titles, English words stemmed, words without content left out, "
              "neighbouring words counting again as phrases. `dense`: the passages whose vectors are nearest to the question's, "
              "by the model that the index was made with: a passage counts by the mean of its own cosine and that of its best "
              "sentence; every vector is looked at. `hybrid`: the first 100 of both lists together, by cosine + 0.005 BM25 "
              "(`fusion: scores`), or by reciprocal rank (k = 60). Without `mode`: hybrid where the index has vectors, else "
              "keyword. A hit's `score` is that of the "
              "mode; `similarity` (cosine) and `keyword_score` (BM25) stand beside it where they are known. `terms` says of "
              "each word stem of the question how many passages hold it, `model` which one made the vectors that were used. An "
              "index stays open between calls, and is opened anew "
              "when it was written. Fails with NOT_FOUND when there is no index, DATA_LOSS when it is damaged, "
              "FAILED_PRECONDITION when the model is not the one that made the vectors.",
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
                  {.name = "mode",
                   .type = lang::parse_type("string?").value(),
                   .description = "keyword, dense or hybrid; the best that the index can do when not given",
                   .required = false,
                   .limits = Value::map({{"enum", Value::list({"keyword", "dense", "hybrid"})}})},
                  {.name = "fusion",
                   .type = Type(Type::Kind::string),
                   .description = "hybrid: scores or reciprocal_rank; scores measured better (docs/models.md)",
                   .required = false,
                   .fallback = Value("scores"),
                   .limits = Value::map({{"enum", Value::list({"scores", "reciprocal_rank"})}})},
              },
          .output =
              lang::parse_type("{hits: list<{id: string, document: string, title: string, section: string, ordinal: int, text: "
                               "string, score: double, similarity: double?, keyword_score: double?}>, terms: map<string, int>, "
                               "passages: int, mode: string, model: string?}")
                  .value(),
          .waits = true,
          .deterministic = false,  // the index may change
      },
      [models](const Configuration&) -> Result<std::unique_ptr<Stage>> { return std::make_unique<Retrieve>(models); });
}

}  // namespace thalweg::index
