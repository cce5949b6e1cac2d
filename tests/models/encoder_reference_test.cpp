// Every number against an independent forward pass in numpy and float64 (reference.py).
#include <doctest/doctest.h>

#include <cmath>

#include "models/reference.h"

using namespace thalweg;
using namespace thalweg::models;

namespace {

const std::vector<std::string>& sentences() {
  static const std::vector<std::string> kSentences = {
      "",
      " ",
      "a",
      "The cat sits on the mat.",
      "A kitten is sitting on a rug.",
      "Stocks fell sharply on Monday.",
      "Shares dropped at the start of the week.",
      "How do I reset my password?",
      "I forgot my login.",
      "caf\u00E9 na\u00EFve \u00E5ngstr\u00F6m \u0141\u00F3d\u017A",
      "\u6C34\u6DF1\u6D41\u7DE9",
      "\u0420\u0435\u043A\u0430 \u0442\u0435\u0447\u0451\u0442 \u0432 \u043C\u043E\u0440\u0435",
      "\U0001F30A emoji \U0001F680 in between",
      "e = mc^2; x := [1, 2, 3] & ~0xFF",
      "https://example.org/a/very/long/path?with=parameters&and=more#fragment",
      "\x01\x02 control\tcharacters\nand lines",
      "[CLS] special [SEP] tokens [MASK] written out [PAD]",
      "WORDS IN CAPITALS ARE LOWERED",
      "antidisestablishmentarianism floccinaucinihilipilification",
      "A thalweg is the line of lowest elevation along a valley or a river bed, where water runs deepest and, with some "
      "exceptions, "
      "fastest; in law it often marks the border between two states that share the river, since ships follow it, and treaties "
      "from "
      "the seventeenth century on say so in many words.",
  };
  return kSentences;
}

std::vector<Text> texts() {
  std::vector<Text> made;
  for (const std::string& sentence : sentences()) made.push_back({.text = sentence});
  return made;
}

void check_against_reference(const Scratch& scratch, const std::string& folder, const std::vector<Text>& asked,
                             double tolerance) {
  const auto clock = make_system_clock();
  const auto encoder = open_encoder(folder).value();
  const auto wanted = reference_rows(scratch, folder, asked);
  const auto rows = encoder->encode(asked, Context(*clock));
  REQUIRE_MESSAGE(rows, rows.error().text());
  REQUIRE(rows->size() == wanted.size());
  double worst = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    REQUIRE(wanted[i].size() == rows->width);
    double length = 0;
    for (std::size_t k = 0; k < rows->width; ++k) {
      const double off = std::abs(static_cast<double>(rows->row(i)[k]) - wanted[i][k]);
      if (!(off <= worst)) worst = off;
      length += wanted[i][k] * wanted[i][k];
    }
    CHECK(length > 1e-6);  // that there is something to compare
  }
  INFO(folder);
  CHECK(worst < tolerance);
  MESSAGE(folder << ": largest difference " << worst);
}

}  // namespace

TEST_CASE("MiniLM's vectors are those of the reference") {
  const Scratch scratch;
  REQUIRE(sentences().size() == 20);
  check_against_reference(scratch, kMiniLm, texts(), 1e-4);
  const auto encoder = open_encoder(kMiniLm).value();
  CHECK(encoder->kind() == EncoderKind::embedding);
  CHECK(encoder->width() == 384);
  CHECK(encoder->max_tokens() == 256);
  CHECK(encoder->labels().empty());
  CHECK(encoder->count_tokens("Hello world").value() == 4);
  CHECK(encoder->memory_bytes() > 80'000'000);
}

TEST_CASE("encoders of every family and pooling are those of the reference") {
  const Scratch scratch;
  std::vector<Text> short_ones = texts();
  short_ones.pop_back();  // these models take 64 tokens
  for (const char* const kind : {"bert", "bert-max", "bert-cls", "bert-relu-half", "roberta", "distilbert", "distilbert-half"}) {
    check_against_reference(scratch, make_model(scratch, kind), short_ones, 1e-4);
  }
}

TEST_CASE("classifiers and cross-encoders give the reference's logits, of texts and of pairs") {
  const Scratch scratch;
  std::vector<Text> pairs = {{.text = "a premise", .pair = "a hypothesis", .has_pair = true},
                             {.text = "one", .pair = "", .has_pair = true},
                             {.text = "", .pair = "the other one", .has_pair = true},
                             {.text = "no pair"}};
  for (const char* const kind : {"bert-classifier", "roberta-reranker", "distilbert-classifier", "bert-half-reranker"}) {
    check_against_reference(scratch, make_model(scratch, kind), pairs, 1e-4);
  }
  const auto classifier = open_encoder(scratch.path("bert-classifier")).value();
  CHECK(classifier->kind() == EncoderKind::classifier);
  CHECK(classifier->labels() == std::vector<std::string>{"no", "maybe", "yes"});
}

TEST_CASE("ONNX and IR files are run, pooled where they give hidden states") {
  const Scratch scratch;
  const std::string folder = make_model(scratch, "onnx");
  check_against_reference(scratch, folder, texts(), 1e-5);
  CHECK(open_encoder(folder + "/model.onnx").value()->width() == 8);
  python("../models/reference.py ir " + folder);
  check_against_reference(scratch, folder, texts(), 1e-5);
}
