#include "index/vectors.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <thread>

#include "base/dot.h"
#include "index/fixture.h"

using namespace thalweg;
using namespace thalweg::index;

namespace {

const VectorModel kModel{"minilm", "abc/f32"};

// A vector that points along one axis, a little bent.
std::vector<float> along(std::size_t axis, float bent = 0) {
  std::vector<float> row(4, bent);
  row[axis] = 1;
  return row;
}

void put(IndexWriter& writer, const Value& passage, std::vector<float> rows) {
  const auto id = writer.put(passage);
  REQUIRE_MESSAGE(id, (id ? "" : id.error().text()));
  if (*id) REQUIRE(writer.set_vectors(**id, rows, 4));
}

void fill_with_vectors(const std::string& folder) {
  auto writer = IndexWriter::open(folder, kModel).value();
  put(writer, passage("a.html", "Cats chase mice."), along(0));
  put(writer, passage("b.html", "Dogs guard sheep."), along(1));
  put(writer, passage("c.html", "Owls hunt at night."), along(2));
  const auto done = writer.commit();
  REQUIRE_MESSAGE(done, (done ? "" : done.error().text()));
}

Names nearest(const std::string& folder, const std::vector<float>& query) {
  const auto index = PassageIndex::open(folder);
  REQUIRE_MESSAGE(index, (index ? "" : index.error().text()));
  std::vector<std::uint64_t> ids;
  for (const Ranked& hit : index->nearest(query, 10).value()) ids.push_back(hit.id);
  Names names;
  for (const Value& found : index->fetch(ids).value()) names.emplace_back(found.find("document")->as_string());
  return names;
}

std::size_t vector_files(const std::string& folder) {
  return static_cast<std::size_t>(
      std::ranges::count_if(fs::directory_iterator(folder), [](const auto& file) { return file.path().extension() == ".f32"; }));
}

fs::path vector_file(const std::string& folder) {
  for (const auto& file : fs::directory_iterator(folder)) {
    if (file.path().extension() == ".f32") return file.path();
  }
  FAIL("no vectors");
  return {};
}

}  // namespace

TEST_CASE("rows come back from the file as they were, and the nearest are those of a plain search") {
  const Scratch scratch;
  const std::string path = (scratch.folder() / "some.f32").string();
  std::mt19937 random(3);  // NOLINT: the same numbers each time
  std::normal_distribution<float> normal;
  for (const std::size_t dimensions : {1U, 3U, 16U, 37U, 384U}) {
    CAPTURE(dimensions);
    VectorRows rows;
    for (std::uint64_t id = 1; id <= 200; ++id) {
      for (std::uint64_t copy = 0; copy <= id % 3; ++copy) {
        std::vector<float> row(dimensions);
        for (float& value : row) value = normal(random);
        rows.add(id, row);
      }
    }
    REQUIRE(write_vectors(path, rows));
    const auto vectors = Vectors::open(path).value();
    REQUIRE(vectors.size() == rows.ids.size());
    REQUIRE(vectors.dimensions() == dimensions);
    std::vector<float> query(dimensions);
    for (float& value : query) value = normal(random);
    // By definition: the mean of a passage's first row and the best of its others.
    std::vector<double> first(201, -1e9), others(201, -1e9), best(201, -1e9);
    for (std::size_t i = 0; i < vectors.size(); ++i) {
      double sum = 0;
      for (std::size_t d = 0; d < dimensions; ++d)
        sum += static_cast<double>(rows.values[i * dimensions + d]) * static_cast<double>(query[d]);
      const std::uint64_t id = rows.ids[i];
      if (first[id] < -1e8) {
        first[id] = sum;
      } else {
        others[id] = std::max(others[id], sum);
      }
      best[id] = others[id] < -1e8 ? first[id] : (first[id] + others[id]) / 2;
      CHECK(dot(vectors.row(i), query) == doctest::Approx(sum).epsilon(1e-4));
    }
    const auto found = vectors.nearest(query, 10);
    REQUIRE(found.size() == 10);
    std::vector<double> sorted(best.begin() + 1, best.end());
    std::ranges::sort(sorted, std::greater<>());
    for (std::size_t i = 0; i < found.size(); ++i) {
      CHECK(found[i].score == doctest::Approx(best[found[i].id]).epsilon(1e-4));
      CHECK(found[i].score == doctest::Approx(sorted[i]).epsilon(1e-4));
    }
    CHECK(vectors.nearest(query, 1000).size() == 200);
    for (const std::uint64_t id : {1U, 17U, 200U})
      CHECK(vectors.similarity(query, id).value() == doctest::Approx(best[id]).epsilon(1e-4));
    CHECK_FALSE(vectors.similarity(query, 201));
  }
}

TEST_CASE("reciprocal rank fusion by hand") {
  const std::vector<Ranked> words{{1, 9.0}, {2, 8.0}, {3, 7.0}};
  const std::vector<Ranked> meanings{{3, 0.9}, {4, 0.8}};
  const std::array<RankedList, 2> lists{RankedList{words}, RankedList{meanings, 2}};
  const auto fused = fuse(lists, 60);
  REQUIRE(fused.size() == 4);
  CHECK(fused[0].id == 3);
  CHECK(fused[0].score == doctest::Approx(1.0 / 63 + 2.0 / 61));
  CHECK(fused[1].id == 4);
  CHECK(fused[1].score == doctest::Approx(2.0 / 62));
  CHECK(fused[2].id == 1);
  CHECK(fused[3].id == 2);
  CHECK(fuse({}, 60).empty());
}

TEST_CASE("vectors are written with the passages, kept with the unchanged and dropped with the gone") {
  const Scratch scratch;
  fill_with_vectors(scratch.path("index"));
  CHECK(nearest(scratch.path("index"), along(1, 0.1F)).front() == "b.html");
  CHECK(PassageIndex::open(scratch.path("index"))->model() == kModel);
  auto writer = IndexWriter::open(scratch.path("index"), kModel).value();
  CHECK_FALSE(writer.put(passage("a.html", "Cats chase mice.")).value());
  put(writer, passage("b.html", "Wolves frighten sheep.", "", "2"), along(3));
  const auto summary = writer.commit().value();
  CHECK(summary.unchanged == 1);
  CHECK(summary.written == 1);
  CHECK(nearest(scratch.path("index"), along(0, 0.1F)) == Names{"a.html", "b.html"});
  CHECK(nearest(scratch.path("index"), along(3, 0.1F)) == Names{"b.html", "a.html"});
  CHECK(vector_files(scratch.path("index")) == 1);
}

TEST_CASE("another model makes everything anew, no model drops the vectors") {
  const Scratch scratch;
  fill_with_vectors(scratch.path("index"));
  {
    auto writer = IndexWriter::open(scratch.path("index"), VectorModel{"minilm", "abc/bf16"}).value();
    put(writer, passage("a.html", "Cats chase mice."), along(2));
    CHECK(writer.commit().value().written == 1);
    CHECK(nearest(scratch.path("index"), along(2)) == Names{"a.html"});
  }
  {
    auto writer = IndexWriter::open(scratch.path("index")).value();
    CHECK_FALSE(writer.put(passage("a.html", "Cats chase mice.")).value());
    REQUIRE(writer.commit());
  }
  CHECK(vector_files(scratch.path("index")) == 0);
  const auto refused = PassageIndex::open(scratch.path("index"))->nearest(along(0), 3);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == Code::failed_precondition);
  // Once more with the model: what was written without is not "unchanged".
  auto again = IndexWriter::open(scratch.path("index"), kModel).value();
  put(again, passage("a.html", "Cats chase mice."), along(1));
  CHECK(again.commit().value().written == 1);
  CHECK(nearest(scratch.path("index"), along(1)) == Names{"a.html"});
}

TEST_CASE("a passage without its vectors is no commit, and a writer that was broken off leaves the old ones") {
  const Scratch scratch;
  fill_with_vectors(scratch.path("index"));
  {
    auto writer = IndexWriter::open(scratch.path("index"), kModel).value();
    REQUIRE(writer.put(passage("d.html", "Bees.", "", "9")));
    const auto refused = writer.commit();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code() == Code::internal);
    CHECK_FALSE(writer.set_vectors(1, along(0), 3));
  }
  CHECK(nearest(scratch.path("index"), along(1, 0.1F)).size() == 3);
  std::ofstream(scratch.path("index") + "/vectors-99.f32") << "left behind";
  auto writer = IndexWriter::open(scratch.path("index"), kModel).value();
  CHECK(vector_files(scratch.path("index")) == 1);
}

TEST_CASE("damaged vectors are told, and indexing again mends them") {
  for (const auto& [what, damage] : std::vector<std::pair<const char*, std::function<void(const fs::path&)>>>{
           {"missing", [](const fs::path& file) { fs::remove(file); }},
           {"empty", [](const fs::path& file) { fs::resize_file(file, 0); }},
           {"cut in the header", [](const fs::path& file) { fs::resize_file(file, 40); }},
           {"cut", [](const fs::path& file) { fs::resize_file(file, fs::file_size(file) - 4); }},
           {"longer", [](const fs::path& file) { fs::resize_file(file, fs::file_size(file) + 24); }},
           {"changed", [](const fs::path& file) {
              std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
              bytes.seekp(100);
              bytes.put('x');
            }}}) {
    CAPTURE(what);
    const Scratch scratch;
    fill_with_vectors(scratch.path("index"));
    damage(vector_file(scratch.path("index")));
    const auto opened = PassageIndex::open(scratch.path("index"));
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code() == Code::data_loss);
    CHECK(opened.error().text().contains("vectors-"));
    fill_with_vectors(scratch.path("index"));
    CHECK(nearest(scratch.path("index"), along(1)).size() == 3);
    CHECK(PassageIndex::open(scratch.path("index"))->passages() == 3);
  }
}

TEST_CASE("an index without passages has a model all the same, and can be filled") {
  const Scratch scratch;
  const auto check_empty = [&] {
    const auto index = PassageIndex::open(scratch.path("index"));
    REQUIRE_MESSAGE(index, (index ? "" : index.error().text()));
    CHECK(index->passages() == 0);
    CHECK(index->model() == kModel);
    CHECK(index->nearest(along(0), 3).value().empty());
    CHECK_FALSE(index->similarity(along(0), 1));
  };
  REQUIRE(IndexWriter::open(scratch.path("index"), kModel)->commit());  // nothing came
  check_empty();
  fill_with_vectors(scratch.path("index"));
  CHECK(nearest(scratch.path("index"), along(1, 0.1F)).front() == "b.html");
  CHECK(IndexWriter::open(scratch.path("index"), kModel)->commit().value().removed == 3);  // nothing came again
  check_empty();
  fill_with_vectors(scratch.path("index"));
  CHECK(nearest(scratch.path("index"), along(2, 0.1F)).front() == "c.html");
}

TEST_CASE("who opens an index while it is written again finds one commit's passages and vectors") {
  const Scratch scratch;
  fill_with_vectors(scratch.path("index"));
  std::atomic<bool> done = false;
  std::jthread writing([&] {
    for (int round = 0; round < 25; ++round) {
      auto writer = IndexWriter::open(scratch.path("index"), kModel).value();
      for (int i = 0; i < 3; ++i) {
        const auto id = writer.put(passage(fmt::format("{}.html", i), "Bees dance.", "", fmt::format("{}", round))).value();
        if (!writer.set_vectors(*id, along(0), 4)) break;  // commit() tells it
      }
      if (!writer.commit()) break;
    }
    done = true;
  });
  std::string problem;
  std::size_t opened = 0;
  while (!done && problem.empty()) {
    const auto index = PassageIndex::open(scratch.path("index"));
    if (!index) {
      problem = index.error().text();
      break;
    }
    ++opened;
    std::vector<std::uint64_t> ids;
    for (const Ranked& hit : index->nearest(along(0), 10).value()) ids.push_back(hit.id);
    if (ids.size() != 3) problem = fmt::format("{} passages have vectors", ids.size());
    if (const auto found = index->fetch(ids); !found) problem = found.error().text();
  }
  writing.join();
  CAPTURE(opened);
  CHECK(problem == "");
  CHECK(opened > 0);
  CHECK(PassageIndex::open(scratch.path("index"))->search("bees")->hits.size() == 3);  // every round was written
}
