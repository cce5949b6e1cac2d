// What makes scoring fast must not change what comes out: vectors kept in a file, rows that are remembered.
#include <filesystem>
#include <fstream>

#include "real_models.h"
#include "scoring/models/kept_vectors.h"
#include "scoring/models/remembering_model.h"
#include "scratch.h"

using namespace thalweg;
using namespace thalweg::scoring;
using namespace thalweg::scoring::test;

namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kHypotheses{"This text is about a cat.", "Somebody plans to do something."};

// Says how often it was asked.
class Counting final : public models::Encoder {
 public:
  using Encoder::encode;
  void encode(std::vector<models::Text> texts, const Context&, Done done) override {
    ++asked;
    models::Rows rows{.width = 2, .values = {}};
    for (const models::Text& text : texts) {
      rows.values.push_back(static_cast<float>(text.text.size()));
      rows.values.push_back(0.1F);
    }
    done(std::move(rows));
  }
  [[nodiscard]] models::EncoderKind kind() const noexcept override { return models::EncoderKind::embedding; }
  [[nodiscard]] std::size_t width() const noexcept override { return 2; }
  [[nodiscard]] std::size_t max_tokens() const noexcept override { return 16; }
  [[nodiscard]] const std::vector<std::string>& labels() const noexcept override { return none_; }
  [[nodiscard]] models::Precision precision() const noexcept override { return models::Precision::f32; }
  [[nodiscard]] Result<std::size_t> count_tokens(std::string_view) const override { return 1U; }
  [[nodiscard]] std::uint64_t memory_bytes() const noexcept override { return 0; }
  int asked = 0;

 private:
  std::vector<std::string> none_;
};

class CountingModel final : public LabelModel {
 public:
  void score(std::vector<Input> inputs, const Context&, Done done) override {
    asked += inputs.size();
    RawScores scores;
    for (const Input& input : inputs) {
      if (input.text == "bad") return done(fail(Code::internal, "bad"));
      scores.values.insert(scores.values.end(), {static_cast<double>(input.text.size()) / 10'000, 0.5});
    }
    done(std::move(scores));
  }
  [[nodiscard]] const std::string& name() const noexcept override { return name_; }
  [[nodiscard]] const std::string& identity() const noexcept override { return name_; }
  std::size_t asked = 0;

 private:
  std::string name_ = "counting";
};

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  return files;
}

}  // namespace

TEST_CASE("vectors are kept by model and texts, and a damaged file is written anew") {
  const Scratch around;
  const std::string folder = around / "vectors";
  const Clocked clocked;
  Counting encoder;
  const auto ask = [&](const std::string& identity, const std::vector<std::string>& texts) {
    return must(kept_vectors(folder, identity, texts, encoder, clocked.context)).values;
  };
  const std::vector<float> first = ask("a", kHypotheses);
  CHECK(ask("a", kHypotheses) == first);
  CHECK(encoder.asked == 1);
  const auto files = files_in(folder);
  REQUIRE(files.size() == 1);
  // Another model, other texts, another order: files of their own.
  CHECK(ask("b", kHypotheses) == first);
  CHECK(ask("a", {kHypotheses[1], kHypotheses[0]}) != first);
  CHECK(ask("a", {kHypotheses[0]}).size() == 2);
  CHECK(encoder.asked == 4);
  CHECK(files_in(folder).size() == 4);
  // Cut off, one bit wrong, empty, another's: never believed, and mended.
  const std::string good = bytes_of(files[0]);
  std::string flipped = good, other = good;
  flipped[good.size() - 20] ^= 1;
  other[20] ^= 1;
  for (const std::string& bad : {good.substr(0, good.size() - 1), flipped, std::string(), other, good + "x"}) {
    std::ofstream(files[0], std::ios::binary | std::ios::trunc) << bad;
    const int before = encoder.asked;
    CHECK(ask("a", kHypotheses) == first);
    CHECK(encoder.asked == before + 1);
    CHECK(bytes_of(files[0]) == good);
  }
  CHECK(must(kept_vectors(around / "no" + "/where", "a", kHypotheses, encoder, clocked.context)).values == first);
  CHECK(!fs::exists(around / "no"));
}

TEST_CASE("a model remembers the texts it was asked last, and errors never") {
  const auto counting = std::make_shared<CountingModel>();
  const auto model = remember(counting, 2);
  const Clocked clocked;
  const auto ask = [&](const std::vector<std::string>& texts) { return score(*model, inputs_of(texts), clocked.context); };
  const std::vector<double> first = must(ask({"a", "bbb", "cc"})).values;
  CHECK(must(ask({"cc", "dddd", "a", "dddd"})).values ==
        std::vector<double>{first[4], first[5], 0.0004, 0.5, first[0], first[1], 0.0004, 0.5});
  CHECK(counting->asked == 5);  // the same text twice in one batch is asked twice
  CHECK(!ask({"a", "bad"}));
  CHECK(!ask({"bad"}));
  CHECK(counting->asked == 7);
  // Bounded: in texts, and in their size.
  const std::string text_of_5000(5000, 'x');
  CHECK(must(ask({text_of_5000})).values == must(ask({text_of_5000})).values);
  CHECK(counting->asked == 9);
  for (int i = 0; i < 1100; ++i) must(ask({fmt::format("text {}", i)}));
  const std::size_t before = counting->asked;
  must(ask({"text 1099"}));
  must(ask({"text 100"}));
  CHECK(counting->asked == before);
  CHECK(must(ask({"a"})).values == std::vector<double>{first[0], first[1]});
  CHECK(counting->asked == before + 1);
}

TEST_CASE("a stop is heard also when the text is known") {
  const auto model = remember(std::make_shared<CountingModel>(), 2);
  const Clocked clocked;
  must(score(*model, inputs_of({"a"}), clocked.context));
  std::stop_source stop;
  stop.request_stop();
  const auto stopped = score(*model, inputs_of({"a"}), clocked.context.with_stop(stop.get_token()));
  REQUIRE(!stopped);
  CHECK(stopped.error().code() == Code::cancelled);
}
