#pragma once
// The models a machine has, by name: a file that programs share.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "models/encoder.h"
#include "models/files.h"
#include "thalweg/value.h"

namespace thalweg::models {

enum class ModelKind : std::uint8_t { embedding, classifier, language };
[[nodiscard]] std::string_view name(ModelKind kind) noexcept;

/// How fast a model was on this machine, when it was last measured.
struct Measured {
  std::string processor;
  std::int64_t threads = 0;
  double load_ms = 0;
  double rate = 0;     ///< texts/s of about 50 tokens, or tokens/s while answering
  double prefill = 0;  ///< language models: prompt tokens/s
  std::int64_t memory_bytes = 0;
  Timestamp at;
};

struct CatalogueEntry {
  ModelKind kind = ModelKind::embedding;
  std::string path;                      ///< absolute: a folder, or a GGUF file
  std::string licence;                   ///< as its files or its owner say, "unknown" when nobody does
  std::string runs_on;                   ///< "cpu, OpenVINO, f32"
  Precision precision = Precision::f32;  ///< an encoder is computed in
  std::vector<ModelFile> files;
  std::optional<Measured> measured;
};

/// Read whole, changed under a lock, replaced in one step: several programs may use it at once.
///
///     const auto catalogue = TRY(Catalogue::read(default_model_folder()));
///     const CatalogueEntry* entry = catalogue.find("minilm");
class Catalogue {
 public:
  /// An absent file is an empty catalogue. Errors: data_loss (broken), those of the system.
  [[nodiscard]] static Result<Catalogue> read(const std::string& folder);
  /// Reads, changes and writes under a lock that other programs wait for. Copies in copies_in() that no entry stands on any more
  /// are deleted then. Errors: of `change`, then nothing is written; of the system.
  static Result<> change(const std::string& folder, const std::function<Result<>(Catalogue&)>& change);

  [[nodiscard]] const CatalogueEntry* find(std::string_view name) const noexcept;
  /// Errors: not_found, with the names there are.
  [[nodiscard]] Result<const CatalogueEntry*> get(std::string_view name) const;
  void put(std::string_view name, CatalogueEntry entry);
  /// Errors: as get().
  Result<> remove(std::string_view name);
  [[nodiscard]] const std::map<std::string, CatalogueEntry, std::less<>>& entries() const noexcept { return entries_; }

 private:
  [[nodiscard]] static Result<Catalogue> parse(const Value& all);
  [[nodiscard]] Value to_value() const;
  std::map<std::string, CatalogueEntry, std::less<>> entries_;
};

/// Where copies of models with other weights are made: FOLDER/files, absolute. What lies there goes with its entry.
[[nodiscard]] std::string copies_in(const std::string& folder);

/// $THALWEG_HOME/models, $XDG_CACHE_HOME/thalweg/models or ~/.cache/thalweg/models.
[[nodiscard]] std::string default_model_folder();

/// {kind, path, licence, bytes, hash, files, ...}, as `thalweg models --json` prints it.
[[nodiscard]] Value to_value(const CatalogueEntry& entry);

/// Whether the files are those that were added, and none is read that was not there then: sizes and times first, hashes only
/// where those differ. Returns them with the times they have now, without those that the entry counts and nothing reads any more:
/// hash_of() them is what an entry added today would have. Errors: not_found, data_loss (which file, and what to do).
[[nodiscard]] Result<std::vector<ModelFile>> check_files(std::string_view name, const CatalogueEntry& entry, bool read_all);

}  // namespace thalweg::models
