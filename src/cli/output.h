#pragma once
// Where results go: standard output, or a file that appears whole or not at all.

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/error.h"

namespace thalweg::cli {

/// A buffered writer. Not thread-safe.
class Output {
 public:
  /// Standard output; flushed at the end of a line when that is a terminal.
  Output();
  /// Writes to a temporary file beside `path`; commit() renames it. Without commit() nothing is left behind, and what stood there
  /// before is untouched. Errors: permission_denied (read-only folder), not_found (no such folder), ...
  [[nodiscard]] static Result<Output> file(std::string path);
  /// Writes to "PATH.part", where what is flushed can be read while it grows; commit() gives it its name. Without commit() it
  /// stays until another writer of `path` writes its first byte. One writer at a time. Errors: those of file(); aborted while
  /// another program writes it.
  [[nodiscard]] static Result<Output> growing(std::string path);
  Output(Output&& other) noexcept;
  Output& operator=(Output&&) = delete;
  ~Output();

  Result<> write(std::string_view text);
  Result<> flush();
  /// Flushes and, for a file, gives it its name. To be called once, last.
  Result<> commit();

  [[nodiscard]] bool terminal() const noexcept { return terminal_; }
  /// True once a reader of standard output has gone (closed pipe): no error to report, no use in going on.
  [[nodiscard]] bool closed() const noexcept { return closed_; }

 private:
  Output(int descriptor, std::string path, std::string temporary);
  int descriptor_;
  std::string path_;       // empty: standard output
  std::string temporary_;  // empty once renamed, or when path_ is no plain file (/dev/null, a pipe)
  bool stays_ = false;     // the temporary one, without commit()
  bool begun_ = true;      // false: an older part is still in it
  std::string buffer_;
  bool terminal_ = false;
  bool closed_ = false;
};

/// What a command reads it does not write over. Errors: invalid_argument when `output` is the same file as one of `inputs`, by
/// whatever name. Empty names, "-" and what is no plain file (a device, a pipe) are nobody's.
Result<> keep_inputs(const std::string& output, std::initializer_list<std::string> inputs);

/// Prints to standard error at once, whole; control characters as printable() has them.
void print_error(std::string_view text);

/// The same, byte by byte.
void print_error_raw(std::string_view text);

}  // namespace thalweg::cli
