// What can be wrong with the folder of an index, and with the disk below it.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <random>

#include "index/fixture.h"

using namespace thalweg;
using namespace thalweg::index;

namespace {

Error error_of_reading(const std::string& folder, std::string_view question = "cats") {
  auto opened = PassageIndex::open(folder);
  auto found = opened ? opened->search(question) : std::unexpected(opened.error());
  REQUIRE_FALSE(found);
  return found.error();
}

// Told as damage, in words for people, with the way out; and that way works.
void check_damaged(const std::string& folder) {
  const Error error = error_of_reading(folder);
  const std::string text = error.text();
  CAPTURE(text);
  CHECK(error.code() == Code::data_loss);
  CHECK(text.contains("the index at " + folder + " is damaged: "));
  CHECK(text.contains("thalweg index DOCUMENTS --to " + folder));
  for (const char* inside : {"Error {", "kind:", "Arc", "Some(", "os error"}) CHECK_FALSE(text.contains(inside));
  fill(folder);
  CHECK(documents(folder, "cats").size() == 2);
  CHECK_FALSE(fs::exists(folder + ".new"));
}

void write(const fs::path& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

std::vector<fs::path> segment_files(const std::string& folder) {
  std::vector<fs::path> files;
  for (const auto& file : fs::directory_iterator(folder)) {
    if (file.path().filename().string().size() > 32) files.push_back(file.path());
  }
  std::ranges::sort(files);
  REQUIRE(files.size() >= 4);
  return files;
}

// What a disk of the size of a few passages says to many.
Result<IndexWriter::Summary> write_much(IndexWriter& writer) {
  std::mt19937 random(7);  // NOLINT: the same words each time
  for (int i = 0; i < 4000; ++i) {
    std::string text = fmt::format("Submarine number {} dives.", i);
    for (int word = 0; word < 40; ++word) text += fmt::format(" {:x}", random());
    if (const auto put = writer.put(passage(fmt::format("{}.html", i), text)); !put) break;  // commit() tells it again
  }
  return writer.commit();
}

// A file system of 256 KiB, where one may be mounted.
struct SmallDisk {
  fs::path path;
  bool there = false;
  explicit SmallDisk(fs::path at) : path(std::move(at)) {
    fs::create_directory(path);
    there = ::mount("tmpfs", path.c_str(), "tmpfs", 0, "size=256k") == 0;
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (there) CHECK(::umount(path.c_str()) == 0);
  }
};

}  // namespace

TEST_CASE("folders that are no index, or one of another format, are told apart") {
  const Scratch scratch;
  CHECK(error_of_reading(scratch.path("index")).code() == Code::not_found);
  CHECK(error_of_reading(scratch.path("index")).text().contains("thalweg index DOCUMENTS --to " + scratch.path("index")));
  fs::create_directory(scratch.path("index"));
  CHECK(error_of_reading(scratch.path("index")).code() == Code::not_found);
  CHECK(error_of_reading(scratch.path("index")).text().contains("holds no index"));
  write(scratch.path("index") + "/letter.txt", "Dear Ada");
  const auto refused = IndexWriter::open(scratch.path("index"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == Code::failed_precondition);
  CHECK(refused.error().text().contains("other files"));
  fs::remove_all(scratch.path("index"));

  write(scratch.path("index"), "a file");
  CHECK(error_of_reading(scratch.path("index")).code() == Code::not_found);
  CHECK_FALSE(IndexWriter::open(scratch.path("index")));
  fs::remove(scratch.path("index"));

  fill(scratch.path("index"));
  write(scratch.path("index") + "/thalweg.json", R"({"format":99,"analyzer":"english-1"})");
  CHECK(error_of_reading(scratch.path("index")).code() == Code::failed_precondition);
  CHECK(error_of_reading(scratch.path("index")).text().contains("another version"));
  fill(scratch.path("index"));  // replaces it
  CHECK(documents(scratch.path("index"), "cats").size() == 2);
}

TEST_CASE("a damaged index is told, and indexing again mends it") {
  const Scratch scratch;
  const std::string folder = scratch.path("index");
  fill(folder);
  SUBCASE("its description is broken") { write(folder + "/thalweg.json", "{"); }
  SUBCASE("its description is empty") { write(folder + "/thalweg.json", ""); }
  SUBCASE("its list of files is broken") { write(folder + "/meta.json", "{ broken"); }
  SUBCASE("its list of files is another JSON") { write(folder + "/meta.json", "[1, 2]"); }
  SUBCASE("its list of files is gone") { fs::remove(folder + "/meta.json"); }
  SUBCASE("nothing but its description is left") {
    for (const auto& file : fs::directory_iterator(folder)) {
      if (file.path().filename() != "thalweg.json") fs::remove(file.path());
    }
  }
  SUBCASE("its files are cut") {
    for (const auto& path : segment_files(folder)) fs::resize_file(path, 7);
  }
  SUBCASE("its files are empty") {
    for (const auto& path : segment_files(folder)) fs::resize_file(path, 0);
  }
  SUBCASE("its files are gone") {
    for (const auto& path : segment_files(folder)) fs::remove(path);
  }
  SUBCASE("its files are garbage") {
    for (const auto& path : segment_files(folder)) write(path, std::string(fs::file_size(path), '\x5A'));
  }
  check_damaged(folder);
}

TEST_CASE("each file of an index that is cut or gone is told") {
  const Scratch scratch;
  fill(scratch.path("index"));
  const auto kept = scratch.folder() / "kept";
  fs::copy(scratch.path("index"), kept);
  for (const auto& path : segment_files(scratch.path("index"))) {
    CAPTURE(path.string());
    fs::resize_file(path, fs::file_size(path) / 2);
    CHECK(error_of_reading(scratch.path("index")).code() == Code::data_loss);
    fs::remove(path);
    CHECK(error_of_reading(scratch.path("index")).code() == Code::data_loss);
    fs::copy(kept / path.filename(), path);
  }
  CHECK(documents(scratch.path("index"), "cats").size() == 2);
}

TEST_CASE("bytes that were changed in an index never end the program") {
  const Scratch scratch;
  fill(scratch.path("index"));
  std::mt19937 random(11);  // NOLINT: the same damage each time
  for (const auto& path : segment_files(scratch.path("index"))) {
    std::string bytes(fs::file_size(path), '\0');
    std::ifstream(path, std::ios::binary).read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    for (int i = 0; i < 40; ++i) {
      std::string changed = bytes;
      for (int change = 0; change < 4; ++change) changed[random() % changed.size()] = static_cast<char>(random());
      write(path, changed);
      const auto opened = PassageIndex::open(scratch.path("index"));
      const auto found = opened ? opened->search("cats barn sheep") : std::unexpected(opened.error());
      if (!found) CHECK(found.error().code() != Code::internal);
    }
    write(path, bytes);
  }
  CHECK(documents(scratch.path("index"), "cats").size() == 2);
}

TEST_CASE("a damaged index among other files is not replaced") {
  const Scratch scratch;
  fill(scratch.path("index"));
  write(scratch.path("index") + "/meta.json", "{ broken");
  write(scratch.path("index") + "/letter.txt", "Dear Ada");
  const auto refused = IndexWriter::open(scratch.path("index"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == Code::failed_precondition);
  CHECK(refused.error().text().contains("other files"));
  CHECK(refused.error().text().contains("meta.json"));
  CHECK(fs::exists(scratch.path("index") + "/letter.txt"));
}

TEST_CASE("a damaged index stays until the new one is whole") {
  const Scratch scratch;
  fill(scratch.path("index"));
  write(scratch.path("index") + "/meta.json", "{ broken");
  {
    auto writer = IndexWriter::open(scratch.path("index")).value();
    REQUIRE(writer.put(passage("a.html", "Cats chase mice.")));
  }
  CHECK(error_of_reading(scratch.path("index")).code() == Code::data_loss);
  CHECK_FALSE(fs::exists(scratch.path("index") + ".new"));
}

TEST_CASE("a lock is there while something is written, and those that were removed are made again") {
  const Scratch scratch;
  {
    const auto writer = IndexWriter::open(scratch.path("index")).value();
    CHECK(fs::exists(scratch.path("index") + ".lock"));
  }
  CHECK_FALSE(fs::exists(scratch.path("index") + ".lock"));
  fill(scratch.path("index"));
  CHECK_FALSE(fs::exists(scratch.path("index") + ".lock"));
  for (const auto& file : fs::directory_iterator(scratch.path("index"))) {
    if (file.path().extension() == ".lock") fs::remove(file.path());
  }
  CHECK(documents(scratch.path("index"), "cats").size() == 2);
  fill(scratch.path("index"));
  CHECK(documents(scratch.path("index"), "cats").size() == 2);
}

TEST_CASE("a folder without the right to write is told, and stays as it is") {
  const Scratch scratch;
  fill(scratch.path("index"));
  // As an ordinary user, since root may write anywhere; a scratch folder can be entered by its owner alone.
  fs::permissions(scratch.folder(), fs::perms(0755));
  const int status = in_child([&] {
    if (::geteuid() == 0 && ::seteuid(65534) != 0) return false;
    const auto reader = PassageIndex::open(scratch.path("index"));
    const auto writer = IndexWriter::open(scratch.path("index"));
    return reader && !writer && writer.error().code() == Code::permission_denied &&
           documents(scratch.path("index"), "cats").size() == 2;
  });
  CHECK(status == 0);
}

TEST_CASE("a limit on the size of files is told as a full disk, and the old index stays") {
  const Scratch scratch;
  fill(scratch.path("index"));
  const int status = in_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{2000, 2000};  // no file may grow beyond this: writing fails as on a full disk
    auto writer = IndexWriter::open(scratch.path("index"));
    if (!writer || ::setrlimit(RLIMIT_FSIZE, &small) != 0) return false;
    const auto committed = write_much(*writer);
    return !committed && committed.error().code() == Code::resource_exhausted;
  });
  CHECK(status == 0);
  CHECK(documents(scratch.path("index"), "cats").size() == 2);
}

TEST_CASE("a full disk is told, the old index stays and nothing new is left behind") {
  const Scratch scratch;
  const SmallDisk disk(scratch.folder() / "disk");
  if (!disk.there) {
    MESSAGE("passed over: no right to mount a small file system here");
    return;
  }
  const std::string folder = (disk.path / "index").string();
  fill(folder);
  {
    auto writer = IndexWriter::open(folder).value();
    const auto committed = write_much(writer);
    REQUIRE_FALSE(committed);
    CHECK(committed.error().code() == Code::resource_exhausted);
    CHECK(committed.error().text().contains("No space left on device"));
    CHECK(committed.error().text().contains("the old index is unchanged"));
    CHECK_FALSE(writer.put(passage("z.html", "One more.")));  // a writer that lost passages must not go on
    CHECK_FALSE(writer.commit());
  }
  CHECK(documents(folder, "cats").size() == 2);
  CHECK(documents(folder, "submarine").empty());
  fill(folder);  // there is room again
  {
    auto writer = IndexWriter::open((disk.path / "second").string()).value();
    CHECK(write_much(writer).error().code() == Code::resource_exhausted);
  }
  CHECK_FALSE(fs::exists(disk.path / "second"));
  CHECK_FALSE(fs::exists(disk.path / "second.new"));
}
