#pragma once
// An index of passages on disk: by keywords (Tantivy behind the bridge) and, made with a model, by vectors.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "index/manifest.h"
#include "index/vectors.h"
#include "thalweg/value.h"

namespace thalweg::index {

struct SearchOptions {
  std::uint32_t limit = 10;
  // How much a term counts in each field, and how much a pair of neighbours counts on top of its terms.
  float text = 1.0F;
  float section = 0.8F;
  float title = 0.3F;
  float phrase = 0.5F;
};

struct Hit {
  std::uint64_t id = 0;
  double score = 0;  ///< BM25 with k1 = 1.2, b = 0.75, summed over terms, fields and phrases
  Value passage;     ///< as it was put
};

struct Found {
  std::vector<Hit> hits;  ///< best first
  /// The question's terms with how many passages hold them (in the field where most do): for weighing sentences.
  struct TermCount {
    std::string stem;
    std::int64_t passages = 0;
  };
  std::vector<TermCount> terms;
  std::int64_t passages = 0;  ///< in the index
};

/// An index in a folder of its own, opened for reading. Holds the state of the last commit before it was opened. Thread-safe.
class PassageIndex {
 public:
  /// Errors: not_found (no folder, or no index in it), failed_precondition (made by another version of thalweg), data_loss
  /// (damaged), permission_denied; each says how to index again. unavailable: written again each time it was tried.
  [[nodiscard]] static Result<PassageIndex> open(const std::string& folder);

  /// The passages that fit a question best: any of its terms, rare ones counting more, also in headings and titles.
  [[nodiscard]] Result<Found> search(std::string_view question, const SearchOptions& options = {}) const;

  /// The passages whose vectors are nearest to the query's, by cosine. Errors: failed_precondition (no vectors, or of another
  /// length).
  [[nodiscard]] Result<std::vector<Ranked>> nearest(std::span<const float> query, std::size_t limit) const;
  /// The cosine of the query and a passage. Precondition: as nearest().
  [[nodiscard]] std::optional<double> similarity(std::span<const float> query, std::uint64_t id) const {
    return vectors_->similarity(query, id);
  }
  /// Passages by their numbers, in that order. Errors: data_loss (one is not there).
  [[nodiscard]] Result<std::vector<Value>> fetch(std::span<const std::uint64_t> ids) const;

  [[nodiscard]] std::int64_t passages() const noexcept { return passages_; }
  /// Which model made its vectors; nothing when it has none.
  [[nodiscard]] const std::optional<VectorModel>& model() const noexcept { return model_; }
  [[nodiscard]] const std::string& folder() const noexcept { return folder_; }

 private:
  struct Handle;
  PassageIndex() = default;
  static Result<PassageIndex> open_once(const std::string& folder);
  std::string folder_;
  std::shared_ptr<const Handle> handle_;
  std::int64_t passages_ = 0;
  std::optional<VectorModel> model_;
  std::optional<Vectors> vectors_;
  friend class IndexWriter;
};

/// Writes passages, all or nothing: readers see the old index until commit() returns, and again after a crash before that. A new
/// index is built in FOLDER.new, which takes its name with the commit; so is one for a damaged index, or another version's, which
/// it then replaces. Documents whose hash has not changed are left as they are.
/// One writer at a time, over all processes.
class IndexWriter {
 public:
  struct Summary {
    std::int64_t passages = 0;   ///< in the index now
    std::int64_t written = 0;    ///< put by this writer
    std::int64_t unchanged = 0;  ///< passages left as they were
    std::int64_t removed = 0;    ///< documents that were there before and did not come again
  };

  /// Errors: unavailable (another process is writing), failed_precondition (the folder holds other files), permission_denied,
  /// resource_exhausted (disk full).
  /// With a model every passage needs vectors: of an index made with another one (or none) nothing is unchanged.
  [[nodiscard]] static Result<IndexWriter> open(const std::string& folder, std::optional<VectorModel> model = {},
                                                std::uint32_t threads = 1);
  IndexWriter(IndexWriter&&) noexcept;
  IndexWriter& operator=(IndexWriter&&) noexcept;
  /// Without a commit nothing has happened.
  ~IndexWriter();

  /// A passage: a map with id, document, title, section, text (strings), ordinal (int) and hash (of its document). All passages
  /// of a document come with the same hash. Returns its number, or nothing when it is in the index unchanged. Errors:
  /// invalid_argument (a field is missing), those of the disk.
  Result<std::optional<std::uint64_t>> put(const Value& passage);

  /// The vectors of a passage that was put: rows of one length. From any thread, also beside put().
  Result<> set_vectors(std::uint64_t id, std::span<const float> rows, std::size_t dimensions);

  /// Makes it last. With `prune`, documents that did not come are dropped. The writer is done then. Errors: also internal, when a
  /// passage has no vectors although there is a model.
  [[nodiscard]] Result<Summary> commit(bool prune = true);

 private:
  struct State;
  explicit IndexWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace thalweg::index
