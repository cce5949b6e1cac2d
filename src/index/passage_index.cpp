#include "index/passage_index.h"

#include "index/folder.h"
#include "index/handle.h"
#include "index/terms.h"
#include "thalweg/json.h"

namespace thalweg::index {

namespace {

constexpr int kTries = 10;

}  // namespace

std::unexpected<Error> unreadable(const Error& error, const std::string& folder) {
  switch (error.code()) {
    case Code::internal:  // the library does not expect broken files everywhere: its words tell a reader nothing
      return fail(Code::data_loss, "the index at {} is damaged: its files do not fit together; {}", folder, index_again(folder));
    case Code::data_loss:
    case Code::not_found:
      return fail(Code::data_loss, "the index at {} is damaged: {}; {}", folder, error.message(), index_again(folder));
    case Code::failed_precondition:
      return fail(error.code(), "the index at {} was made by another version of thalweg: {}; {}", folder, error.message(),
                  index_again(folder));
    case Code::permission_denied:
      return fail(error.code(), "no right to read the index at {}: {}", folder, error.message());
    default:
      return fail(error.code(), "the index at {}: {}", folder, error.message());
  }
}

std::unexpected<Error> unwritable(const Error& error, const std::string& folder) {
  switch (error.code()) {
    case Code::resource_exhausted:
      return fail(error.code(), "no space left for the index at {} ({}): free some and index again; the old index is unchanged",
                  folder, error.message());
    case Code::permission_denied:
      return fail(error.code(), "no right to write the index at {}: {}", folder, error.message());
    case Code::unavailable:
    case Code::invalid_argument:
      return fail(error.code(), "the index at {}: {}", folder, error.message());
    case Code::data_loss:  // in what was there before: the next writer would meet it again
      return fail(error.code(), "the index at {} is damaged: {}; delete it, then {}", folder, error.message(),
                  index_again(folder));
    default:
      return fail(error.code(), "the index at {} could not be written: {}; the old index is unchanged", folder, error.message());
  }
}

// The passages, what the commit says of them and their vectors are three files, read one after another, and a writer removes the
// old ones with its commit: what was read holds, good or bad, when no commit came between.
Result<PassageIndex> PassageIndex::open(const std::string& folder) {
  for (int tries = 0; tries < kTries; ++tries) {
    const auto before = last_commit(folder);
    auto opened = open_once(folder);
    if (last_commit(folder) == before) return opened;
  }
  return fail(Code::unavailable, "the index at {} was written anew each of the {} times it was opened: try again later", folder,
              kTries);
}

Result<PassageIndex> PassageIndex::open_once(const std::string& folder) {
  TRY(check_description(folder));
  auto handle = std::make_shared<Handle>(TRY(bridge::open()));
  const bridge::Table& table = *handle->table;
  if (auto opened = bridge::call(table, table.index_open, folder, 0U, &handle->index); !opened)
    return unreadable(opened.error(), folder);
  PassageIndex index;
  index.folder_ = folder;
  index.handle_ = std::move(handle);
  auto info = TRY(index.handle_->info(folder));
  index.passages_ = info.passages;
  index.model_ = std::move(info.manifest.model);
  if (!index.model_) return index;
  auto vectors = Vectors::open(fmt::format("{}/{}", folder, info.manifest.vectors));
  if (!vectors) return unreadable(vectors.error(), folder);
  index.vectors_ = std::move(*vectors);
  return index;
}

Result<PassageIndex::Handle::Info> PassageIndex::Handle::info(const std::string& folder) const {
  auto told = bridge::call(*table, table->index_info, index);
  if (!told) return unreadable(told.error(), folder);
  const Value facts = TRY(parse_json(*told));
  Info info{facts.find("passages")->as_int(), {}};
  const Value* payload = facts.find("payload");
  if (payload == nullptr || !payload->is_string()) return info;  // nothing was committed yet
  auto manifest = Manifest::parse(payload->as_string());
  if (!manifest) return unreadable(manifest.error(), folder);
  info.manifest = std::move(*manifest);
  return info;
}

Result<std::vector<Ranked>> PassageIndex::nearest(std::span<const float> query, std::size_t limit) const {
  if (!vectors_) {
    return fail(Code::failed_precondition, "the index at {} has no vectors: index with a model, or search by keywords", folder_);
  }
  if (vectors_->size() > 0 && query.size() != vectors_->dimensions()) {
    return fail(Code::failed_precondition, "the vectors of the index at {} have {} dimensions, the question's {}; {}", folder_,
                vectors_->dimensions(), query.size(), index_again(folder_));
  }
  return vectors_->nearest(query, limit);
}

Result<std::vector<Value>> PassageIndex::fetch(std::span<const std::uint64_t> ids) const {
  const bridge::Table& table = *handle_->table;
  auto answer = bridge::call(table, table.index_fetch, handle_->index, ids.data(), ids.size());
  if (!answer) return unreadable(answer.error(), folder_);
  const Value found = TRY(parse_json(*answer));
  for (const Value& passage : found.items()) {
    if (passage.is_null()) return unreadable(Error(Code::data_loss, "a passage that has vectors is missing"), folder_);
  }
  return std::vector<Value>(found.items().begin(), found.items().end());
}

Result<Found> PassageIndex::search(std::string_view question, const SearchOptions& options) const {
  const bridge::Table& table = *handle_->table;
  const Analyzer analyzer = TRY(Analyzer::open());
  const std::vector<QueryTerm> terms = TRY(query_terms(analyzer, question));
  std::vector<bridge::Term> wanted;
  for (const QueryTerm& term : terms) wanted.push_back({term.stem, 1.0F, term.distance});
  const bridge::SearchOptions how{options.limit, options.text, options.section, options.title, options.phrase};
  auto answer = bridge::call(table, table.index_search, handle_->index, wanted.data(), wanted.size(), &how);
  if (!answer) return unreadable(answer.error(), folder_);
  const Value said = TRY(parse_json(*answer));
  Found found;
  found.passages = said.find("passages")->as_int();
  const auto counts = said.find("terms")->items();
  for (std::size_t i = 0; i < terms.size(); ++i) found.terms.push_back({terms[i].stem, counts[i].as_int()});
  for (const Value& hit : said.find("hits")->items()) {
    const auto id = static_cast<std::uint64_t>(hit.find("id")->as_int());
    found.hits.push_back({id, hit.find("score")->as_number(), *hit.find("source")});
  }
  return found;
}

}  // namespace thalweg::index
