#include <algorithm>
#include <filesystem>
#include <mutex>

#include "index/folder.h"
#include "index/handle.h"
#include "index/passage_index.h"
#include "thalweg/json.h"

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
  std::uint64_t id = 0;
};

struct Seen {
  Manifest::DocumentEntry entry;
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
  std::unique_ptr<PassageIndex::Handle> handle;
  std::optional<VectorModel> model;
  std::optional<Vectors> old_vectors;  // of the last commit, when its model is the same and they are whole
  std::map<std::string, Seen, std::less<>> documents;
  std::uint64_t next = 1;
  std::vector<Row> rows;
  Summary summary;
  bool committed = false;
  std::mutex mutex;
  VectorRows vectors;            // of what this writer put, under the mutex
  std::size_t with_vectors = 0;  // passages, under the mutex

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
      old_vectors.reset();
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
    handle = std::make_unique<PassageIndex::Handle>(&table);
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
    handle = std::make_unique<PassageIndex::Handle>(&table);
    if (auto opened = bridge::call(table, table.index_open, place, threads, &handle->index); !opened) {
      return unwritable(opened.error(), folder);
    }
    return {};
  }

  // The documents that the last commit knew.
  Result<> remember() {
    auto info = TRY(handle->info(folder));
    next = info.manifest.next;
    if (model && info.manifest.model == model) {
      auto opened = Vectors::open(fmt::format("{}/{}", folder, info.manifest.vectors));
      if (opened) {
        old_vectors = std::move(*opened);
      } else if (opened.error().code() != Code::data_loss) {
        return unreadable(opened.error(), folder);
      }
    }
    for (auto& [document, entry] : info.manifest.documents) {
      if (model && !old_vectors) entry.hash.clear();  // it has no vectors, damaged ones or another model's: it has to come again
      documents[document].entry = std::move(entry);
    }
    remove_vectors_but(info.manifest.vectors);
    return {};
  }

  // Files of vectors that no commit knows: of a writer that died, or of the commit before.
  void remove_vectors_but(const std::string& name) const {
    std::error_code ignored;
    for (fs::directory_iterator file(folder, ignored), end; !ignored && file != end; file.increment(ignored)) {
      const std::string found = file->path().filename().string();
      std::error_code kept;  // stays until the next writer
      if (is_vector_file(found) && found != name) fs::remove(file->path(), kept);
    }
  }

  // The vectors of all passages of the manifest: those kept from the last commit and the new ones.
  Result<VectorRows> all_vectors(const Manifest& manifest) {
    const std::lock_guard guard(mutex);
    if (with_vectors != static_cast<std::size_t>(summary.written)) {
      return fail(Code::internal, "{} of {} passages have vectors", with_vectors, summary.written);
    }
    if (!old_vectors) return std::move(vectors);
    std::vector<Manifest::Range> live;
    for (const auto& [document, entry] : manifest.documents) {
      live.insert(live.end(), entry.passages.begin(), entry.passages.end());
    }
    std::ranges::sort(live, {}, &Manifest::Range::first);
    VectorRows all;
    for (std::size_t i = 0; i < old_vectors->size(); ++i) {
      const std::uint64_t id = old_vectors->ids()[i];
      const auto after = std::ranges::upper_bound(live, id, {}, &Manifest::Range::first);
      if (after != live.begin() && id < std::prev(after)->last) all.add(id, old_vectors->row(i));
    }
    if (!vectors.ids.empty() && !all.ids.empty() && vectors.dimensions != all.dimensions) {
      return fail(Code::internal, "vectors of {} dimensions beside others of {}", vectors.dimensions, all.dimensions);
    }
    if (all.dimensions == 0) all.dimensions = vectors.dimensions;
    all.ids.insert(all.ids.end(), vectors.ids.begin(), vectors.ids.end());
    all.values.insert(all.values.end(), vectors.values.begin(), vectors.values.end());
    return all;
  }

  Result<> flush() {
    std::vector<bridge::Passage> lent;
    lent.reserve(rows.size());
    for (const Row& row : rows) lent.push_back({row.document, row.title, row.section, row.text, row.source, row.id});
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

Result<IndexWriter> IndexWriter::open(const std::string& folder, std::optional<VectorModel> model, std::uint32_t threads) {
  auto state = std::make_unique<State>();
  state->folder = folder;
  state->model = std::move(model);
  while (state->folder.size() > 1 && state->folder.ends_with('/')) state->folder.pop_back();
  state->place = state->folder;
  TRY(state->begin(std::max(threads, 1U)));
  return IndexWriter(std::move(state));
}

Result<std::optional<std::uint64_t>> IndexWriter::put(const Value& passage) {
  Row row;
  row.document = TRY(text_of(passage, "document"));
  row.title = TRY(text_of(passage, "title"));
  row.section = TRY(text_of(passage, "section"));
  row.text = TRY(text_of(passage, "text"));
  const std::string_view hash = TRY(text_of(passage, "hash"));

  Seen& seen = state_->documents[row.document];
  if (!seen.came) {
    seen.came = true;
    seen.unchanged = !seen.entry.hash.empty() && seen.entry.hash == hash;
    if (!seen.unchanged) {
      if (!state_->fresh()) TRY(state_->remove(row.document));
      seen.entry = {std::string(hash), {}};
    }
  } else if (seen.entry.hash != hash) {
    return fail(Code::invalid_argument, "passages of {} come with different hashes", row.document);
  }
  if (seen.unchanged) {
    ++state_->summary.unchanged;
    return std::nullopt;
  }
  const std::uint64_t id = row.id = state_->next++;
  auto& ranges = seen.entry.passages;
  if (!ranges.empty() && ranges.back().last == id) {
    ranges.back().last = id + 1;
  } else {
    ranges.push_back({id, id + 1});
  }
  row.source = TRY(to_json(passage));
  state_->rows.push_back(std::move(row));
  if (state_->rows.size() >= kBatch) TRY(state_->flush());
  return id;
}

Result<> IndexWriter::set_vectors(std::uint64_t id, std::span<const float> rows, std::size_t dimensions) {
  const std::lock_guard lock(state_->mutex);
  if (dimensions == 0 || rows.empty() || rows.size() % dimensions != 0 ||
      (state_->vectors.dimensions != 0 && state_->vectors.dimensions != dimensions)) {
    return fail(Code::internal, "{} numbers are no vectors of {} dimensions", rows.size(), dimensions);
  }
  for (std::size_t at = 0; at < rows.size(); at += dimensions) state_->vectors.add(id, rows.subspan(at, dimensions));
  ++state_->with_vectors;
  return {};
}

Result<IndexWriter::Summary> IndexWriter::commit(bool prune) {
  State& state = *state_;
  TRY(state.flush());
  Manifest manifest;
  manifest.model = state.model;
  for (auto& [document, seen] : state.documents) {
    if (prune && !seen.came) {
      TRY(state.remove(document));
      ++state.summary.removed;
    } else {
      manifest.documents.emplace(document, seen.entry);
    }
  }
  if (state.model) {
    VectorRows rows = TRY(state.all_vectors(manifest));
    rows.sort();
    manifest.vectors = vector_file(state.next++);
    if (auto wrote = write_vectors(fmt::format("{}/{}", state.place, manifest.vectors), rows); !wrote) {
      return unwritable(wrote.error(), state.folder);
    }
  }
  manifest.next = state.next;
  const std::string payload = TRY(manifest.to_json());
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
  state.remove_vectors_but(manifest.vectors);
  return state.summary;
}

}  // namespace thalweg::index
