#include "models/tokenizer.h"

#include <doctest/doctest.h>

#include "base/bridge.h"
#include "models/minilm.h"
#include "scratch.h"

using namespace thalweg;
using namespace thalweg::models;

namespace {
std::vector<std::uint32_t> ids(const std::vector<Token>& tokens) {
  std::vector<std::uint32_t> found;
  for (const Token& token : tokens) found.push_back(token.id);
  return found;
}
using Ids = std::vector<std::uint32_t>;
}  // namespace

TEST_CASE("a text becomes the model's tokens, special ones around it, never padded or cut") {
  const auto tokenizer = Tokenizer::open(kMiniLm + "/tokenizer.json").value();
  CHECK(tokenizer.vocabulary() == 30522);
  // The lines of vocab.txt, counted from 0: [CLS] hello world [SEP].
  CHECK(ids(tokenizer.encode("Hello world").value()) == Ids{101, 7592, 2088, 102});
  CHECK(ids(tokenizer.encode("").value()) == Ids{101, 102});
  CHECK(tokenizer.count("Hello world").value() == 4);
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "hello ";
  CHECK(tokenizer.encode(many).value().size() == 1002);  // the file asks for 128
}

TEST_CASE("a pair has type ids and says which token belongs to which text") {
  const auto tokenizer = Tokenizer::open(kMiniLm + "/tokenizer.json").value();
  const auto tokens = tokenizer.encode("hello", "big world").value();
  CHECK(ids(tokens) == Ids{101, 7592, 102, 2502, 2088, 102});
  std::vector<std::uint32_t> types;
  std::vector<std::uint32_t> sequences;
  for (const Token& token : tokens) {
    types.push_back(token.type_id);
    sequences.push_back(token.sequence);
  }
  CHECK(types == Ids{0, 0, 0, 1, 1, 1});
  CHECK(sequences == Ids{bridge::kSpecialToken, 0, bridge::kSpecialToken, 1, 1, bridge::kSpecialToken});
  CHECK(tokenizer.encode("", "").value().size() == 3);
}

TEST_CASE("offsets are bytes of the text") {
  const auto tokenizer = Tokenizer::open(kMiniLm + "/tokenizer.json").value();
  const std::string text = "Caf\u00E9 \u6C34  unbelievably";
  std::string joined;
  for (const Token& token : tokenizer.encode_inner(text).value()) {
    joined += text.substr(token.begin, token.end - token.begin) + "|";
  }
  CHECK(joined == "Caf\u00E9|\u6C34|un|bel|ie|va|bly|");
}

TEST_CASE("text that is not UTF-8 is refused with the place") {
  const auto tokenizer = Tokenizer::open(kMiniLm + "/tokenizer.json").value();
  CHECK(tokenizer.encode("ab\xFF").error().text().contains("not UTF-8 at byte 2"));
  CHECK(tokenizer.encode("ab", "\xC3").error().code() == Code::invalid_argument);
  CHECK(tokenizer.count("\x80").error().code() == Code::invalid_argument);
}

TEST_CASE("broken tokenizer files are errors that name them") {
  const Scratch scratch;
  const std::string whole = bytes_of(kMiniLm + "/tokenizer.json");
  REQUIRE(whole.size() > 400'000);
  const auto refused = [&](std::string_view bytes, Code code = Code::data_loss) {
    const std::string path = scratch.write("tokenizer.json", bytes);
    const auto opened = Tokenizer::open(path);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code() == code);
    CHECK(opened.error().text().contains(path));
    CHECK(opened.error().text().size() < 1000);
  };
  refused("");
  refused("null");
  refused("{}");
  refused("\xFF\xFE\x00");
  for (std::size_t part = 1; part < 40; ++part) refused(std::string_view(whole).substr(0, whole.size() * part / 40));
  refused(whole.substr(0, whole.size() - 2));
  refused(std::string(100'000, '['));
  std::string deep;
  for (int i = 0; i < 50'000; ++i) deep += R"({"normalizer":)";
  refused(deep);
  // Parts that contradict each other: the post-processor's special tokens are not in the vocabulary, the regex does not end.
  refused(R"({"version":"1.0","added_tokens":[],"model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##",
            "max_input_chars_per_word":100,"vocab":{}}})");
  refused(R"({"version":"1.0","added_tokens":[],"pre_tokenizer":{"type":"Split","pattern":{"Regex":"(((("},"behavior":"Isolated",
            "invert":false},"model":{"type":"BPE","vocab":{"a":0,"b":1},"merges":[]}})");
  refused(R"({"version":"1.0","added_tokens":[],"model":{"type":"BPE","vocab":{"a":0},"merges":["a b"]}})");
  CHECK(Tokenizer::open(scratch.path("nothing.json")).error().code() == Code::not_found);
  CHECK(Tokenizer::open(scratch.path()).error().code() == Code::invalid_argument);
}
