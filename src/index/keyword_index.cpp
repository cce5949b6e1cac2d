#include "index/keyword_index.h"

#include "base/json.h"
#include "index/folder.h"
#include "index/handle.h"
#include "index/terms.h"

namespace thalweg::index {

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

Result<KeywordIndex> KeywordIndex::open(const std::string& folder) {
  TRY(check_description(folder));
  auto handle = std::make_shared<Handle>(TRY(bridge::open()));
  const bridge::Table& table = *handle->table;
  if (auto opened = bridge::call(table, table.index_open, folder, 0U, &handle->index); !opened)
    return unreadable(opened.error(), folder);
  auto info = bridge::call(table, table.index_info, handle->index);
  if (!info) return unreadable(info.error(), folder);
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
  if (!answer) return unreadable(answer.error(), folder_);
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
