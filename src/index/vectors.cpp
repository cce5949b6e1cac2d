#include "index/vectors.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <unordered_map>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/dot.h"
#include "index/folder.h"

namespace thalweg::index {

namespace {

constexpr std::array<char, 8> kMagic{'t', 'h', 'a', 'l', 'v', 'e', 'c', '1'};

struct Header {
  std::array<char, 8> magic = kMagic;
  std::uint64_t dimensions = 0;
  std::uint64_t rows = 0;
  std::uint64_t checksum = 0;
  std::array<char, 32> reserved{};
};
static_assert(sizeof(Header) == 64);

std::unexpected<Error> broken(const std::string& path) {
  return fail(Code::data_loss, "its file {} is broken", path.substr(path.rfind('/') + 1));
}

bool before(const Ranked& a, const Ranked& b) noexcept { return a.score != b.score ? a.score > b.score : a.id < b.id; }

std::vector<Ranked> best(std::vector<Ranked> all, std::size_t limit) {
  const std::size_t count = std::min(limit, all.size());
  std::ranges::partial_sort(all, all.begin() + static_cast<std::ptrdiff_t>(count), before);
  all.resize(count);
  return all;
}

// Of the rows of one passage: see Vectors::similarity.
double together(std::span<const float> scores) noexcept {
  const double whole = scores.front();
  return scores.size() == 1 ? whole : 0.5 * whole + 0.5 * static_cast<double>(std::ranges::max(scores.subspan(1)));
}

}  // namespace

void VectorRows::add(std::uint64_t id, std::span<const float> row) {
  dimensions = row.size();
  ids.push_back(id);
  values.insert(values.end(), row.begin(), row.end());
}

void VectorRows::sort() {
  if (std::ranges::is_sorted(ids)) return;
  std::vector<std::size_t> order(ids.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [this](std::size_t i) { return std::pair(ids[i], i); });
  VectorRows sorted;
  sorted.values.reserve(values.size());
  for (const std::size_t i : order) sorted.add(ids[i], std::span(values).subspan(i * dimensions, dimensions));
  sorted.dimensions = dimensions;
  *this = std::move(sorted);
}

Result<> write_vectors(const std::string& path, const VectorRows& rows) {
  Header header{.dimensions = rows.dimensions, .rows = rows.ids.size()};
  XXH3_state_t state;
  XXH3_64bits_reset(&state);
  XXH3_64bits_update(&state, rows.ids.data(), rows.ids.size() * sizeof(std::uint64_t));
  XXH3_64bits_update(&state, rows.values.data(), rows.values.size() * sizeof(float));
  header.checksum = XXH3_64bits_digest(&state);
  const auto bytes = [](const auto& of) { return std::as_bytes(std::span(of)); };
  return write_file(path, {bytes(std::span(&header, 1)), bytes(rows.ids), bytes(rows.values)});
}

Result<Vectors> Vectors::open(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 && errno == ENOENT) return fail(Code::data_loss, "its file {} is missing", path.substr(path.rfind('/') + 1));
  if (file < 0) return std::unexpected(system_error(errno, "open " + path));
  struct stat about{};
  const bool known = ::fstat(file, &about) == 0 && S_ISREG(about.st_mode);
  const auto size = static_cast<std::size_t>(known ? about.st_size : 0);
  void* const mapped = size >= sizeof(Header) ? ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0) : MAP_FAILED;
  const int error = errno;
  ::close(file);
  if (size < sizeof(Header)) return broken(path);
  if (mapped == MAP_FAILED) return std::unexpected(system_error(error, "map " + path));
  Vectors vectors;
  vectors.mapping_ = std::shared_ptr<void>(mapped, [size](void* at) { ::munmap(at, size); });
  Header header;
  std::memcpy(&header, mapped, sizeof header);
  const std::size_t rest = size - sizeof header;
  constexpr std::uint64_t kMost = 1U << 20;
  // An index without passages has no rows, and none that would tell their length.
  if (header.magic != kMagic || header.dimensions > kMost || (header.dimensions == 0 && header.rows > 0)) return broken(path);
  const std::uint64_t of_row = sizeof(std::uint64_t) + header.dimensions * sizeof(float);
  if (rest % of_row != 0 || rest / of_row != header.rows) return broken(path);
  const char* const data = static_cast<const char*>(mapped) + sizeof header;
  if (XXH3_64bits(data, rest) != header.checksum) return broken(path);
  vectors.dimensions_ = header.dimensions;
  vectors.ids_ = {reinterpret_cast<const std::uint64_t*>(data), header.rows};
  if (!std::ranges::is_sorted(vectors.ids_)) return broken(path);
  vectors.values_ = {reinterpret_cast<const float*>(data + header.rows * sizeof(std::uint64_t)), header.rows * header.dimensions};
  return vectors;
}

std::vector<Ranked> Vectors::nearest(std::span<const float> query, std::size_t limit) const {
  std::vector<float> scores(size());
  for (std::size_t i = 0; i < size(); ++i) scores[i] = dot(query, row(i));
  std::vector<Ranked> passages;
  for (std::size_t first = 0; first < size();) {
    std::size_t end = first + 1;
    while (end < size() && ids_[end] == ids_[first]) ++end;
    passages.push_back({ids_[first], together(std::span(scores).subspan(first, end - first))});
    first = end;
  }
  return best(std::move(passages), limit);
}

std::optional<double> Vectors::similarity(std::span<const float> query, std::uint64_t id) const {
  const auto rows = std::ranges::equal_range(ids_, id);
  if (rows.empty()) return std::nullopt;
  std::vector<float> scores(rows.size());
  const auto first = static_cast<std::size_t>(rows.begin() - ids_.begin());
  for (std::size_t i = 0; i < scores.size(); ++i) scores[i] = dot(query, row(first + i));
  return together(scores);
}

std::vector<Ranked> fuse(std::span<const RankedList> lists, double k) {
  std::unordered_map<std::uint64_t, double> scores;
  for (const RankedList& list : lists) {
    for (std::size_t i = 0; i < list.hits.size(); ++i) {
      scores[list.hits[i].id] += list.weight / (k + static_cast<double>(i + 1));
    }
  }
  std::vector<Ranked> all;
  all.reserve(scores.size());
  for (const auto& [id, score] : scores) all.push_back({id, score});
  const std::size_t count = all.size();
  return best(std::move(all), count);
}

}  // namespace thalweg::index
