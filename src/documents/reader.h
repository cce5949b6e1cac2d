#pragma once
// From files to documents.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "documents/document.h"

namespace thalweg::documents {

struct ReadLimits {
  std::uint64_t bytes = 64U << 20;  ///< of a file, and of what a gzipped one unpacks to
};

/// Reads a text, Markdown or HTML file, gzipped or not; the format by its content first and its name second. The document's path
/// is `path` as given. Errors, all with the path: not_found and the system's others; resource_exhausted (larger than the limit);
/// data_loss (broken gzip); invalid_argument (no text: a PDF, an image, ...; HTML beyond all measure).
[[nodiscard]] Result<Document> read_file(const std::string& path, const ReadLimits& limits = {});

/// The same for bytes in memory; `path` is only a name.
[[nodiscard]] Result<Document> read_bytes(std::string bytes, std::string_view path, const ReadLimits& limits = {});

/// What a gzip stream (also of several members) unpacks to. Errors: data_loss, resource_exhausted beyond `most` bytes.
[[nodiscard]] Result<std::string> unzipped(std::string_view bytes, std::uint64_t most);

struct FindOptions {
  /// File names or paths to take, with *, ? and ** (any folders). Empty: the formats that can be read, by their endings.
  std::vector<std::string> patterns;
  /// Not these. What search pages, indexes and sources of generated manuals are called is left out in any case, when `patterns`
  /// is empty.
  std::vector<std::string> exclude;
};

/// The files below the folders (and files named directly), sorted, each once, by the shortest path that leads to it: of a file or
/// folder met again, through a symbolic or hard link, nothing is taken the second time. Symbolic links are followed, also out of
/// the folder: who put one there wants it read. Those that lead nowhere are passed over. Without patterns a text or Markdown file
/// is left out when the same name with .html stands beside it. Errors: not_found when a folder is missing, permission_denied,
/// invalid_argument when nothing was found.
[[nodiscard]] Result<std::vector<std::string>> find_files(const std::vector<std::string>& folders,
                                                          const FindOptions& options = {});

/// Whether a path matches a pattern: * and ? stay within a name, ** crosses folders; a pattern without / is matched against the
/// name.
[[nodiscard]] bool matches(std::string_view pattern, std::string_view path);

}  // namespace thalweg::documents
