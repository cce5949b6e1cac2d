#pragma once
// Where texts were met first, in constant memory.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace thalweg::scoring {

/// 64-bit hashes of texts with the row of each: the last ones in a table in memory, those before in a temporary file without a
/// name, sorted, 16 bytes a text; 3 MB of memory, however many there are. A table of bits tells most texts that are new from
/// those in the file without reading it. Where no file can be written all stay in memory. Of a million texts two different ones
/// are taken for the same with a probability of 3e-8. Not thread-safe.
class SeenTexts {
 public:
  static constexpr std::uint32_t kMostRow = UINT32_MAX >> 1;

  /// `most`: texts in memory.
  explicit SeenTexts(std::size_t most = 1U << 16U) : most_(most) {}

  /// The row and mark that the same text was met with first; else nothing, and this is it.
  std::optional<std::pair<std::uint32_t, bool>> meet(std::string_view text, std::size_t row, bool mark);
  [[nodiscard]] std::size_t size() const noexcept { return count_ + in_file_; }
  [[nodiscard]] std::size_t in_file() const noexcept { return in_file_; }

 private:
  struct Entry {
    std::uint64_t hash;
    std::uint64_t row;  // the mark is its lowest bit
  };
  struct Close {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
  };
  using File = std::unique_ptr<std::FILE, Close>;

  void grow();
  [[nodiscard]] std::size_t slot(std::uint64_t hash) const noexcept;  ///< where it is, or belongs
  void move_to_file();
  [[nodiscard]] File merged(const std::vector<Entry>& more) const;
  [[nodiscard]] std::optional<std::uint64_t> find_in_file(std::uint64_t hash);
  /// Entries from there on, fewer at the end of the file; none when it cannot be read.
  [[nodiscard]] std::size_t read(std::size_t at, std::vector<Entry>& out) const;

  std::size_t most_;
  std::vector<std::uint64_t> hashes_;  // 0: free
  std::vector<std::uint32_t> rows_;    // the mark is the lowest bit
  std::size_t count_ = 0;
  File file_;
  std::size_t in_file_ = 0;
  std::vector<bool> perhaps_;  // in the file, by the hash's upper bits
  std::vector<Entry> page_;
};

}  // namespace thalweg::scoring
