#include "scoring/models/kept_vectors.h"

#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "base/machine.h"
#include "scoring/digest.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace thalweg::scoring {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kForm = "thalweg vectors 2";

std::string checksum(std::string_view bytes) { return fmt::format("{:016x}", XXH3_64bits(bytes.data(), bytes.size())); }

// Header, numbers, checksum: the size follows from the header.
std::string header(const std::string& key, std::size_t count, std::size_t width) {
  return fmt::format("{}\n{} {} {}\n", kForm, key, count, width);
}

std::optional<models::Rows> read(const fs::path& path, const std::string& key, std::size_t count, std::size_t width) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const std::string head = header(key, count, width);
  const std::size_t size = count * width * sizeof(float);
  if (bytes.size() != head.size() + size + 16 || !bytes.starts_with(head)) return std::nullopt;
  const std::string_view checked(bytes.data(), head.size() + size);
  if (!bytes.ends_with(checksum(checked))) return std::nullopt;
  models::Rows rows{.width = width, .values = std::vector<float>(count * width)};
  std::memcpy(rows.values.data(), bytes.data() + head.size(), size);
  return rows;
}

// Whole or not at all. That it fails costs the next start some milliseconds, nothing else.
void write(const fs::path& path, const std::string& key, const models::Rows& rows) {
  std::error_code problem;
  fs::create_directory(path.parent_path(), problem);
  if (problem) return;
  std::string bytes = header(key, rows.size(), rows.width);
  bytes.append(reinterpret_cast<const char*>(rows.values.data()), rows.values.size() * sizeof(float));
  bytes += checksum(bytes);
  const fs::path next = fmt::format("{}.{}", path.string(), ::getpid());
  std::ofstream file(next, std::ios::binary | std::ios::trunc);
  file << bytes;
  file.close();
  if (file) fs::rename(next, path, problem);
  if (!file || problem) fs::remove(next, problem);
}

}  // namespace

Result<models::Rows> kept_vectors(const std::string& folder, const std::string& identity, const std::vector<std::string>& texts,
                                  models::Encoder& encoder, const Context& context) {
  if (texts.empty()) return models::Rows{.width = encoder.width(), .values = {}};
  // Another processor may round otherwise.
  std::vector<std::string> parts{std::string(kForm), identity, processor_name()};
  parts.insert(parts.end(), texts.begin(), texts.end());
  const std::string key = digest(parts);
  const fs::path path = fs::path(folder) / (key + ".vectors");
  if (!folder.empty()) {
    if (auto rows = read(path, key, texts.size(), encoder.width())) return std::move(*rows);
  }
  std::vector<models::Text> asked;
  for (const std::string& text : texts) asked.push_back({.text = text});
  models::Rows rows = TRY(encoder.encode(std::move(asked), context));
  if (!folder.empty()) write(path, key, rows);
  return rows;
}

}  // namespace thalweg::scoring
