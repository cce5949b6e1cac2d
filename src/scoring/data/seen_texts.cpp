#include "scoring/data/seen_texts.h"

#include <unistd.h>

#include <algorithm>
#include <span>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace thalweg::scoring {

namespace {
constexpr unsigned kFilterBits = 23;
constexpr std::size_t kPage = 256;      // entries read at a look-up
constexpr std::size_t kStretch = 4096;  // entries read at once when all are

std::size_t filter_place(std::uint64_t hash) noexcept { return hash >> (64 - kFilterBits); }

// As hashes are spread evenly: how many of `size` entries lie within `distance`.
std::size_t entries_within(std::uint64_t distance, std::size_t size) noexcept {
  return static_cast<std::size_t>(static_cast<unsigned __int128>(distance) * size >> 64U);
}
}  // namespace

// By the hash's upper bits, so that the table may have any size.
std::size_t SeenTexts::slot(std::uint64_t hash) const noexcept {
  std::size_t at = entries_within(hash, hashes_.size());
  while (hashes_[at] != 0 && hashes_[at] != hash) at = at + 1 == hashes_.size() ? 0 : at + 1;
  return at;
}

void SeenTexts::grow() {
  const std::size_t size = std::max<std::size_t>(1024, hashes_.size() + hashes_.size() / 2);
  const std::vector<std::uint64_t> hashes = std::exchange(hashes_, std::vector<std::uint64_t>(size));
  const std::vector<std::uint32_t> rows = std::exchange(rows_, std::vector<std::uint32_t>(size));
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    if (hashes[i] == 0) continue;
    const std::size_t at = slot(hashes[i]);
    hashes_[at] = hashes[i];
    rows_[at] = rows[i];
  }
}

std::optional<std::pair<std::uint32_t, bool>> SeenTexts::meet(std::string_view text, std::size_t row, bool mark) {
  if (count_ >= most_) move_to_file();
  if (count_ * 8 >= hashes_.size() * 7) grow();
  const auto told = [](std::uint64_t kept) { return std::pair(static_cast<std::uint32_t>(kept >> 1U), (kept & 1U) != 0); };
  const std::uint64_t hash = std::max<std::uint64_t>(XXH3_64bits(text.data(), text.size()), 1);
  const std::size_t at = slot(hash);
  if (hashes_[at] != 0) return told(rows_[at]);
  if (in_file_ > 0 && perhaps_[filter_place(hash)]) {
    if (const auto kept = find_in_file(hash)) return told(*kept);
  }
  hashes_[at] = hash;
  rows_[at] = static_cast<std::uint32_t>(std::min<std::size_t>(row, kMostRow)) << 1U | static_cast<std::uint32_t>(mark);
  ++count_;
  return std::nullopt;
}

void SeenTexts::move_to_file() {
  std::vector<Entry> entries;
  entries.reserve(count_);
  for (std::size_t i = 0; i < hashes_.size(); ++i) {
    if (hashes_[i] != 0) entries.push_back({hashes_[i], rows_[i]});
  }
  std::ranges::sort(entries, {}, &Entry::hash);
  File file = merged(entries);
  if (!file) {
    most_ = SIZE_MAX;
    return;
  }
  file_ = std::move(file);
  in_file_ += entries.size();
  perhaps_.resize(std::size_t{1} << kFilterBits);
  for (const Entry& entry : entries) perhaps_[filter_place(entry.hash)] = true;
  std::ranges::fill(hashes_, 0);
  count_ = 0;
}

// What the file holds and these, in a new one; null pointer when it cannot be written.
SeenTexts::File SeenTexts::merged(const std::vector<Entry>& more) const {
  File file(std::tmpfile());
  if (!file) return nullptr;
  const auto write = [&](const Entry& entry) { std::fwrite(&entry, sizeof entry, 1, file.get()); };
  auto next = more.begin();
  std::vector<Entry> stretch(kStretch);
  for (std::size_t at = 0; at < in_file_;) {
    const std::size_t count = read(at, stretch);
    if (count == 0) return nullptr;
    for (const Entry& old : std::span(stretch).first(count)) {
      while (next != more.end() && next->hash < old.hash) write(*next++);
      write(old);
    }
    at += count;
  }
  while (next != more.end()) write(*next++);
  if (std::fflush(file.get()) != 0 || std::ferror(file.get()) != 0) return nullptr;
  return file;
}

std::size_t SeenTexts::read(std::size_t at, std::vector<Entry>& out) const {
  const std::size_t wanted = std::min(out.size(), in_file_ - at) * sizeof(Entry);
  std::size_t got = 0;
  while (got < wanted) {
    const ssize_t read = ::pread(::fileno(file_.get()), reinterpret_cast<char*>(out.data()) + got, wanted - got,
                                 static_cast<off_t>(at * sizeof(Entry) + got));
    if (read <= 0) return 0;
    got += static_cast<std::size_t>(read);
  }
  return wanted / sizeof(Entry);
}

// Reads where it should stand, and by what is there, where it must: mostly one or two pages.
std::optional<std::uint64_t> SeenTexts::find_in_file(std::uint64_t hash) {
  page_.resize(kPage);
  std::size_t low = 0, high = in_file_;
  std::size_t guess = entries_within(hash, in_file_);
  while (low < high) {
    const std::size_t last = std::max(low, high - std::min(high, kPage));
    const std::size_t at = std::clamp(guess - std::min(guess, kPage / 2), low, last);
    const std::size_t count = read(at, page_);
    if (count == 0) return std::nullopt;
    const auto page = std::span(page_).first(count);
    if (hash < page.front().hash) {
      high = at;
      guess = at - std::min(at, entries_within(page.front().hash - hash, in_file_));
    } else if (hash > page.back().hash) {
      low = at + count;
      guess = low + entries_within(hash - page.back().hash, in_file_);
    } else {
      const auto found = std::ranges::lower_bound(page, hash, {}, &Entry::hash);
      return found->hash == hash ? std::optional(found->row) : std::nullopt;
    }
  }
  return std::nullopt;
}

}  // namespace thalweg::scoring
