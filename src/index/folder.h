#pragma once
// The folder around an index: what is written beside Tantivy's files, and how a new one takes its place.

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>

#include "base/error.h"

namespace thalweg::index {

/// thalweg.json in the folder of an index: which format, made how. Raise the format when fields or analyzer change.
inline constexpr int kFormat = 2;
inline constexpr const char* kAnalyzer = "english-1";

/// Writes a file of these parts that is whole on the disk when this returns, and gone when it fails. Errors: those of the system.
[[nodiscard]] Result<> write_file(const std::string& path, std::initializer_list<std::span<const std::byte>> parts);

/// Writes the description into a folder.
[[nodiscard]] Result<> describe(const std::string& folder);

/// Checks the description. Errors: not_found (no folder, or no index in it), failed_precondition (another format), data_loss.
[[nodiscard]] Result<> check_description(const std::string& folder);

/// "index the documents again with: thalweg index DOCUMENTS --to FOLDER".
[[nodiscard]] std::string index_again(const std::string& folder);

/// The file of vectors that belongs to a commit, by a number that no other commit of the index has, and whether a name is one.
[[nodiscard]] std::string vector_file(std::uint64_t number);
[[nodiscard]] bool is_vector_file(std::string_view name) noexcept;

/// Which commit is the last one of an index: each puts a new meta.json in the place of the old one.
struct CommitMark {
  std::uint64_t device = 0;
  std::uint64_t file = 0;
  std::int64_t size = 0;
  std::int64_t seconds = 0;
  std::int64_t nanoseconds = 0;
  bool operator==(const CommitMark&) const = default;
};
/// Nothing where no commit is.
[[nodiscard]] std::optional<CommitMark> last_commit(const std::string& folder);

/// Whether a folder holds nothing but files of an index, so that all of it can be replaced.
[[nodiscard]] bool only_index_files(const std::string& folder);

/// Gives the finished index at `place` the name `folder`, in one step; one that is there already is removed after it. Errors:
/// those of the system; the old index is whole then.
[[nodiscard]] Result<> put_in_place(const std::string& place, const std::string& folder);

/// Where a new index for `folder` is built.
[[nodiscard]] std::string building_place(const std::string& folder);

/// The exclusive right to write the index at `folder`, held until destroyed, ended by the system when the process dies. A file
/// beside the folder, there only as long.
class WriteLock {
 public:
  /// Errors: unavailable (another process or writer has it), permission_denied and the system's others.
  [[nodiscard]] static Result<WriteLock> take(const std::string& folder);
  WriteLock(WriteLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}
  WriteLock& operator=(WriteLock&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    path_.swap(other.path_);
    return *this;
  }
  ~WriteLock();

 private:
  WriteLock(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  int descriptor_;
  std::string path_;
};

}  // namespace thalweg::index
