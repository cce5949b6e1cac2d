#include <algorithm>
#include <filesystem>
#include <unordered_map>

#include "base/json.h"
#include "index/folder.h"
#include "index/handle.h"
#include "index/keyword_index.h"

namespace thalweg::index {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kBatch = 256;  // passages handed over at once

struct Row {
  std::string document;
  std::string title;
  std::string section;
  std::string text;
  std::string source;
  std::uint64_t ordinal = 0;
};

struct Seen {
  std::string hash;
  bool came = false;       // with a passage of this run
  bool unchanged = false;  // its passages are in the index already
};

// Tantivy makes some of its files for their owner alone; who may read the folder's description may read the index.
void share(const std::string& folder) {
  std::error_code ignored;
  const fs::perms wanted = fs::status(folder + "/thalweg.json", ignored).permissions();
  if (ignored) return;
  for (fs::directory_iterator file(folder, ignored), end; !ignored && file != end; file.increment(ignored)) {
    std::error_code kept;  // another writer's file, or one just removed: stays as it is
    fs::permissions(file->path(), wanted, kept);
  }
}

Result<std::string_view> text_of(const Value& passage, std::string_view name) {
  const Value* field = passage.find(name);
  if (field == nullptr || !field->is_string()) return fail(Code::invalid_argument, "a passage needs '{}', a string", name);
  return field->as_string();
}

}  // namespace

struct IndexWriter::State {
  std::string folder;
  std::string place;  // where it is written: the folder itself, or FOLDER.new
  std::optional<WriteLock> lock;
  std::unique_ptr<KeywordIndex::Handle> handle;
  std::unordered_map<std::string, Seen> documents;
  std::vector<Row> rows;
  Summary summary;
  bool committed = false;

  [[nodiscard]] bool fresh() const noexcept { return place != folder; }

  ~State() {
    const bool broken_off = handle != nullptr && !committed;
    handle.reset();
    std::error_code ignored;
    if (fresh() && !committed) {
      fs::remove_all(place, ignored);
    } else if (broken_off && lock) {
      (void)reopen(*bridge::open().value(), 1);  // a new writer removes what this one wrote: the disk may be full of it
    }
  }

  Result<> begin(std::uint32_t threads) {
    const bridge::Table* table = TRY(bridge::open());
    std::error_code problem;
    if (const fs::path parent = fs::path(folder).parent_path(); !parent.empty()) {
      fs::create_directories(parent, problem);
      if (problem) return std::unexpected(system_error(problem.value(), "make the folder " + parent.string()));
    }
    if (fs::exists(folder, problem) && !fs::is_directory(folder, problem)) {
      return fail(Code::failed_precondition, "{} is a file: give a folder for the index", folder);
    }
    lock.emplace(TRY(WriteLock::take(folder)));
    if (fs::exists(folder, problem) && !fs::is_empty(folder, problem)) {
      place = folder;
      const auto opened = reopen(*table, threads);
      if (opened) return {};
      handle.reset();
      documents.clear();
      const Code code = opened.error().code();
      if (code == Code::not_found) {
        return fail(Code::failed_precondition, "{} holds other files and no index: give a folder of its own", folder);
      }
      // A damaged index, or another version's, is replaced by a new one; it stays until that is whole.
      if (code != Code::data_loss && code != Code::failed_precondition) return opened;
      if (!only_index_files(folder)) {
        return std::unexpected(Error(Code::failed_precondition,
                                     fmt::format("{} holds other files beside an index that cannot be used: take them away, or "
                                                 "give a folder of its own",
                                                 folder))
                                   .because(opened.error()));
      }
    }
    return create(*table, threads);
  }

  Result<> reopen(const bridge::Table& table, std::uint32_t threads) {
    TRY(check_description(folder));
    handle = std::make_unique<KeywordIndex::Handle>(&table);
    if (auto opened = bridge::call(table, table.index_open, folder, threads, &handle->index); !opened) {
      const Code code = opened.error().code();
      return code == Code::permission_denied || code == Code::resource_exhausted ? unwritable(opened.error(), folder)
                                                                                 : unreadable(opened.error(), folder);
    }
    return remember();
  }

  Result<> create(const bridge::Table& table, std::uint32_t threads) {
    std::error_code problem;
    place = building_place(folder);
    fs::remove_all(place, problem);  // left by a writer that died
    fs::create_directory(place, problem);
    if (problem) return std::unexpected(system_error(problem.value(), "make the folder " + place));
    if (auto made = bridge::call(table, table.index_create, place); !made) return unwritable(made.error(), folder);
    TRY(describe(place));
    handle = std::make_unique<KeywordIndex::Handle>(&table);
    if (auto opened = bridge::call(table, table.index_open, place, threads, &handle->index); !opened) {
      return unwritable(opened.error(), folder);
    }
    return {};
  }

  // The documents that the last commit knew, with their hashes.
  Result<> remember() {
    auto info = bridge::call(*handle->table, handle->table->index_info, handle->index);
    if (!info) return unreadable(info.error(), folder);
    const Value facts = TRY(parse_json(*info));
    const Value* payload = facts.find("payload");
    if (payload == nullptr || !payload->is_string()) return {};
    auto manifest = parse_json(payload->as_string());
    if (!manifest || !manifest->is_map()) {
      return unreadable(Error(Code::data_loss, "its list of documents is broken"), folder);
    }
    for (const Entry& entry : manifest->entries()) {
      documents[std::string(entry.key.as_string())].hash = entry.value.is_string() ? entry.value.as_string() : "";
    }
    return {};
  }

  Result<> flush() {
    std::vector<bridge::Passage> lent;
    lent.reserve(rows.size());
    for (const Row& row : rows) lent.push_back({row.document, row.title, row.section, row.text, row.source, row.ordinal});
    if (auto put = bridge::call(*handle->table, handle->table->index_put, handle->index, lent.data(), lent.size()); !put) {
      return unwritable(put.error(), folder);
    }
    summary.written += static_cast<std::int64_t>(rows.size());
    rows.clear();
    return {};
  }

  Result<> remove(const std::string& document) {
    if (auto removed = bridge::call(*handle->table, handle->table->index_remove, handle->index, document); !removed) {
      return unwritable(removed.error(), folder);
    }
    return {};
  }
};

IndexWriter::IndexWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
IndexWriter::IndexWriter(IndexWriter&&) noexcept = default;
IndexWriter& IndexWriter::operator=(IndexWriter&&) noexcept = default;
IndexWriter::~IndexWriter() = default;

Result<IndexWriter> IndexWriter::open(const std::string& folder, std::uint32_t threads) {
  auto state = std::make_unique<State>();
  state->folder = folder;
  while (state->folder.size() > 1 && state->folder.ends_with('/')) state->folder.pop_back();
  state->place = state->folder;
  TRY(state->begin(std::max(threads, 1U)));
  return IndexWriter(std::move(state));
}

Result<> IndexWriter::put(const Value& passage) {
  Row row;
  row.document = TRY(text_of(passage, "document"));
  row.title = TRY(text_of(passage, "title"));
  row.section = TRY(text_of(passage, "section"));
  row.text = TRY(text_of(passage, "text"));
  const std::string_view hash = TRY(text_of(passage, "hash"));
  const Value* ordinal = passage.find("ordinal");
  if (ordinal == nullptr || !ordinal->is_int()) return fail(Code::invalid_argument, "a passage needs 'ordinal', an int");
  row.ordinal = static_cast<std::uint64_t>(ordinal->as_int());

  Seen& seen = state_->documents[row.document];
  if (!seen.came) {
    seen.came = true;
    seen.unchanged = !seen.hash.empty() && seen.hash == hash;
    if (!seen.unchanged && !state_->fresh()) TRY(state_->remove(row.document));
    seen.hash = hash;
  } else if (seen.hash != hash) {
    return fail(Code::invalid_argument, "passages of {} come with different hashes", row.document);
  }
  if (seen.unchanged) {
    ++state_->summary.unchanged;
    return {};
  }
  row.source = TRY(to_json(passage));
  state_->rows.push_back(std::move(row));
  return state_->rows.size() < kBatch ? Result<>() : state_->flush();
}

Result<IndexWriter::Summary> IndexWriter::commit(bool prune) {
  State& state = *state_;
  TRY(state.flush());
  MapBuilder manifest;
  for (auto& [document, seen] : state.documents) {
    if (prune && !seen.came) {
      TRY(state.remove(document));
      ++state.summary.removed;
    } else {
      TRY(manifest.add(document, seen.hash));
    }
  }
  const std::string payload = TRY(to_json(manifest.build()));
  const bridge::Table& table = *state.handle->table;
  if (auto done = bridge::call(table, table.index_commit, state.handle->index, payload); !done)
    return unwritable(done.error(), state.folder);
  auto info = bridge::call(table, table.index_info, state.handle->index);
  if (!info) return unwritable(info.error(), state.folder);
  state.summary.passages = TRY(parse_json(*info)).find("passages")->as_int();
  state.handle.reset();  // ends the writer's threads before the folder moves
  share(state.place);
  if (state.fresh()) TRY(put_in_place(state.place, state.folder));
  state.committed = true;
  return state.summary;
}

}  // namespace thalweg::index
