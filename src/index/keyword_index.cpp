#include "index/keyword_index.h"

#include "base/json.h"
#include "index/folder.h"
#include "index/handle.h"
#include "index/terms.h"

namespace thalweg::index {

std::unexpected<Error> explained(const Error& error, const std::string& folder) {
  switch (error.code()) {
    case Code::data_loss:
    case Code::internal:
      return fail(Code::data_loss, "the index at {} is damaged ({}): delete the folder and index again", folder, error.message());
    case Code::failed_precondition:
      return fail(error.code(), "the index at {} cannot be used by this version ({}): delete the folder and index again", folder,
                  error.message());
    case Code::resource_exhausted:
      return fail(error.code(), "no space left for the index at {} ({}): free some and index again; the old index is unchanged",
                  folder, error.message());
    case Code::permission_denied:
      return fail(error.code(), "no right to write the index at {} ({})", folder, error.message());
    default:
      return fail(error.code(), "the index at {}: {}", folder, error.message());
  }
}

Result<KeywordIndex> KeywordIndex::open(const std::string& folder) {
  TRY(check_description(folder));
  auto handle = std::make_shared<Handle>(TRY(bridge::open()));
  const bridge::Table& table = *handle->table;
  if (auto opened = bridge::call(table, table.index_open, folder, 0U, &handle->index); !opened)
    return explained(opened.error(), folder);
  auto info = bridge::call(table, table.index_info, handle->index);
  if (!info) return explained(info.error(), folder);
  const Value facts = TRY(parse_json(*info));
  return KeywordIndex(folder, std::move(handle), facts.find("passages")->as_int());
}

Result<Found> KeywordIndex::search(std::string_view question, const SearchOptions& options) const {
  const bridge::Table& table = *handle_->table;
  const Analyzer analyzer = TRY(Analyzer::open());
  const std::vector<QueryTerm> terms = TRY(query_terms(analyzer, question));
  std::vector<bridge::Term> wanted;
  for (const QueryTerm& term : terms) wanted.push_back({term.stem, 1.0F, term.distance});
  const bridge::SearchOptions how{options.limit, options.text, options.section, options.title, options.phrase};
  auto answer = bridge::call(table, table.index_search, handle_->index, wanted.data(), wanted.size(), &how);
  if (!answer) return explained(answer.error(), folder_);
  const Value said = TRY(parse_json(*answer));
  Found found;
  found.passages = said.find("passages")->as_int();
  const auto counts = said.find("terms")->items();
  for (std::size_t i = 0; i < terms.size(); ++i) found.terms.push_back({terms[i].stem, counts[i].as_int()});
  for (const Value& hit : said.find("hits")->items()) {
    found.hits.push_back({hit.find("score")->as_number(), *hit.find("source")});
  }
  return found;
}

}  // namespace thalweg::index
