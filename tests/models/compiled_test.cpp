// Compiled networks kept in files.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "models/encoder.h"
#include "models/minilm.h"
#include "scratch.h"
#include "thalweg/context.h"

using namespace thalweg;
using namespace thalweg::models;

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_in(const std::string& folder) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder)) found.push_back(entry.path());
  return found;
}

ino_t inode(const fs::path& path) {
  struct stat about{};
  REQUIRE(::stat(path.c_str(), &about) == 0);
  return about.st_ino;
}

std::vector<float> encoded(const EncoderOptions& options) {
  const auto clock = make_system_clock();
  std::vector<float> all;
  const auto encoder = open_encoder(kMiniLm, options).value();
  for (const char* const text :
       {"x", "where the river runs deepest", "a text of a few more words, so that it is longer than others"}) {
    const auto rows = encoder->encode({{.text = text}}, Context(*clock)).value();
    all.insert(all.end(), rows.values.begin(), rows.values.end());
  }
  return all;
}

}  // namespace

TEST_CASE("a compiled network is kept in a file and gives the same bits from there") {
  const Scratch scratch;
  const EncoderOptions options{.cache_folder = scratch.path("compiled")};
  const auto fresh = encoded({});
  CHECK(encoded(options) == fresh);
  REQUIRE(files_in(options.cache_folder).size() == 1);
  const fs::path file = files_in(options.cache_folder).front();
  const auto before = fs::last_write_time(file) - std::chrono::hours(1);
  const auto size = fs::file_size(file);
  fs::last_write_time(file, before);
  CHECK(encoded(options) == fresh);
  CHECK(fs::last_write_time(file) > before);  // its use is seen
  CHECK(fs::file_size(file) == size);
  // Another precision is another network.
  if (!open_encoder(kMiniLm, {.precision = Precision::bf16})) return;  // the processor has none
  CHECK(encoded({.precision = Precision::bf16, .cache_folder = options.cache_folder}) != fresh);
  CHECK(files_in(options.cache_folder).size() == 2);
}

TEST_CASE("a kept network that is cut off or damaged is passed over and written anew") {
  const Scratch scratch;
  const EncoderOptions options{.cache_folder = scratch.path("compiled")};
  const auto fresh = encoded(options);
  const fs::path file = files_in(options.cache_folder).front();
  const auto size = fs::file_size(file);
  const std::ifstream held(file);  // so that its number is not given again
  SUBCASE("cut off") { fs::resize_file(file, size / 2); }
  SUBCASE("empty") { fs::resize_file(file, 0); }
  SUBCASE("its beginning is something else") {
    std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
    bytes << std::string(4096, 'x');
  }
  SUBCASE("a bit of a weight is turned over") {
    std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
    const auto place = static_cast<std::streamoff>(size / 5 * 4);
    const int one = bytes.seekg(place).get();
    bytes.seekp(place).put(static_cast<char>(one ^ 1));
  }
  SUBCASE("its middle is cut out") {
    const std::string bytes = bytes_of(file.string());
    std::ofstream(file, std::ios::binary) << bytes.substr(0, 1'000'000) + bytes.substr(bytes.size() - 1'000'000);
  }
  const auto damaged = inode(file);
  CHECK(encoded(options) == fresh);
  const auto written = inode(file);
  CHECK(written != damaged);
  CHECK(encoded(options) == fresh);
  CHECK(inode(file) == written);  // from which it was read now
  CHECK(files_in(options.cache_folder).size() == 1);
}

TEST_CASE("where nothing can be kept, models are opened all the same") {
  const Scratch scratch;
  const auto fresh = encoded({});
  CHECK(encoded({.cache_folder = scratch.path("no/such/parent")}) == fresh);
  CHECK(encoded({.cache_folder = scratch.write("a file", "")}) == fresh);
  CHECK(bytes_of(scratch.path("a file")).empty());
}

TEST_CASE("kept networks that were not used for longest make room") {
  const Scratch scratch;
  const EncoderOptions options{.cache_folder = scratch.path("compiled")};
  fs::create_directory(options.cache_folder);
  for (const char* const name : {"/older", "/newer"}) {
    std::ofstream(options.cache_folder + name) << name;
    fs::resize_file(options.cache_folder + name, 1ULL << 30);  // sparse
  }
  fs::last_write_time(options.cache_folder + "/older",
                      fs::last_write_time(options.cache_folder + "/newer") - std::chrono::hours(1));
  encoded(options);
  CHECK_FALSE(fs::exists(options.cache_folder + "/older"));
  CHECK(fs::exists(options.cache_folder + "/newer"));
  CHECK(files_in(options.cache_folder).size() == 2);
}
