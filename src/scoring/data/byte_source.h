#pragma once
// The bytes of a file, piece by piece: what all readers of data stand on.

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/json_part.h"
#include "scoring/digest.h"
#include "thalweg/error.h"

namespace thalweg::scoring {

/// Waits until a descriptor can be read (true), or reading is to end (false).
using Readable = std::function<bool(int descriptor)>;

/// A file, standard input ("-"), or text that is there already, in UTF-8 without its byte order mark; unpacked where it is gzip.
/// Holds what is not taken yet, and knows its place and a hash of all that was taken.
///
///     ByteSource source = TRY(ByteSource::open("set.jsonl"));
///     while (TRY(source.more())) source.take(source.rest().size());
class ByteSource {
 public:
  /// Errors: not_found, permission_denied, invalid_argument (a folder).
  [[nodiscard]] static Result<ByteSource> open(std::string path, Readable readable = {});
  static constexpr std::size_t kPiece = std::size_t{256} << 10;  ///< bytes read at a time
  /// `text` must stay as long as it is read.
  [[nodiscard]] static ByteSource of(std::string name, std::string_view text, std::size_t piece = kPiece);
  ByteSource(ByteSource&& other) noexcept;
  ByteSource& operator=(ByteSource&&) = delete;
  ~ByteSource();

  /// Reads more behind rest(); false at the end. Errors: the file cannot be read any further, or is no gzip any more;
  /// invalid_argument for UTF-16; cancelled when reading was to end.
  [[nodiscard]] Result<bool> more();
  /// What was read and not taken; until the next more().
  [[nodiscard]] std::string_view rest() const noexcept { return std::string_view(buffer_).substr(at_); }
  /// Precondition: at most the size of rest().
  void take(std::size_t bytes);

  /// Where rest() begins.
  [[nodiscard]] JsonPlace place() const noexcept { return {line_, column_}; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// Of the file as it lies on the disk: how much was read, how much of it lies before rest() (of gzip about), and its size (0
  /// when unknown).
  [[nodiscard]] std::size_t bytes_read() const noexcept { return read_; }
  [[nodiscard]] std::size_t bytes_taken() const noexcept;
  [[nodiscard]] std::size_t bytes() const noexcept { return size_; }
  /// 32 hex digits (XXH3) over all bytes taken so far, unpacked: of the same content always the same.
  [[nodiscard]] std::string hash() const;

 private:
  struct Unpacking;
  ByteSource();
  Result<bool> piece();
  Result<bool> unpack();
  Result<> begin();

  std::string name_;
  int descriptor_ = -1;
  Readable readable_;
  std::string_view text_;  // of(): what comes
  std::size_t piece_ = kPiece;
  std::string buffer_;
  std::size_t at_ = 0;
  std::string packed_;  // read, not unpacked
  std::unique_ptr<Unpacking> unpacking_;
  ContentHash hash_;
  bool begun_ = false, ended_ = false;
  std::size_t read_ = 0, taken_ = 0, size_ = 0;
  std::size_t line_ = 1, column_ = 1;
};

}  // namespace thalweg::scoring
