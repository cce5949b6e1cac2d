// Data sets in files that are packed, broken off or large.
#include <doctest/doctest.h>
#include <zlib.h>

#include <fstream>

#include "base/machine.h"
#include "dataset_rows.h"
#include "must.h"
#include "scoring/data/dataset.h"
#include "scratch.h"

using namespace thalweg;
using namespace thalweg::scoring;
using namespace thalweg::scoring::test;

namespace {
// Its samples, and the hash of what was read.
std::pair<std::size_t, std::string> counted(DatasetReader reader) {
  std::size_t samples = 0;
  while (must(reader.next())) ++samples;
  return {samples, reader.source().hash()};
}
}  // namespace

TEST_CASE("packed files are read like others, and broken ones are told") {
  const Scratch folder;
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += row(fmt::format("s{}", i)) + "\n";
  const auto pack = [&](const std::string& path, std::string_view content) {
    gzFile file = ::gzopen(path.c_str(), "ab");  // another member behind what is there
    ::gzwrite(file, content.data(), static_cast<unsigned>(content.size()));
    ::gzclose(file);
  };
  const std::string path = folder / "s.jsonl.gz";
  pack(path, std::string_view(text).substr(0, 777'777));
  pack(path, std::string_view(text).substr(777'777));
  const auto packed = counted(must(DatasetReader::open(path)));
  CHECK(packed.first == 20'000);
  CHECK(packed == counted(must(DatasetReader::open(ByteSource::of("s.jsonl", text)))));
  // How much of the file the samples so far took, whatever was read ahead of them.
  for (const std::string& one : {path, folder.write("s.jsonl", text)}) {
    DatasetReader reader = must(DatasetReader::open(one));
    const auto share = [&] {
      return static_cast<double>(reader.source().bytes_taken()) / static_cast<double>(reader.source().bytes());
    };
    CHECK(share() == 0);
    for (int quarter = 1; quarter <= 4; ++quarter) {
      for (int i = 0; i < 5'000; ++i) REQUIRE(must(reader.next()));
      CHECK(share() == doctest::Approx(quarter / 4.0).epsilon(0.1));
    }
    CHECK_FALSE(must(reader.next()));
    CHECK(share() == 1);
  }
  const std::string bytes = bytes_of(path);
  std::ofstream(folder / "half.jsonl.gz", std::ios::binary) << bytes.substr(0, bytes.size() / 2);
  DatasetReader half = must(DatasetReader::open(folder / "half.jsonl.gz"));
  Result<std::optional<Sample>> sample = half.next();
  while (sample && *sample) sample = half.next();
  REQUIRE(!sample);
  CHECK(sample.error().text().contains("is no whole gzip file: it breaks off"));
  CHECK(DatasetReader::open(folder / "none.json").error().code() == Code::not_found);
  CHECK(DatasetReader::open(folder.path()).error().code() == Code::invalid_argument);
}

#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)  // which hold memory that was freed
TEST_CASE("a large file is read in the memory of a row") {
  const Scratch folder;
  for (const std::string name : {"large.json", "large.jsonl", "large.csv"}) {
    CAPTURE(name);
    const std::string path = folder / name;
    {
      std::ofstream file(path);
      const std::string text(300, 'x');
      if (name == "large.csv") file << "id,text,expected_decision,expected_labels,primary_category\n";
      if (name == "large.json") file << "{\"samples\": [";
      for (int i = 0; i < 200'000; ++i) {
        if (name == "large.csv") {
          file << 's' << i << ',' << text << ",accept,a|b,c\n";
        } else {
          file << (i > 0 && name == "large.json" ? "," : "")
               << row(fmt::format("s{}", i), fmt::format(R"(, "notes": "{}")", text)) << (name == "large.jsonl" ? "\n" : "");
        }
      }
      if (name == "large.json") file << "]}";
    }
    const auto before = peak_memory();
    DatasetReader reader = must(DatasetReader::open(path));
    std::size_t samples = 0;
    while (must(reader.next())) ++samples;
    CHECK(samples == 200'000);
    CHECK(reader.source().bytes_read() == reader.source().bytes());
    CHECK(peak_memory() - before < 8'000'000);  // the file has 70 MB and more
  }
}
#endif
