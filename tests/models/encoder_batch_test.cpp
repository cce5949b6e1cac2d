// What callers, lengths and threads have to do with one another: nothing that shows in a row.
#include <doctest/doctest.h>

#include <cmath>
#include <future>
#include <random>
#include <thread>

#include "base/cores.h"
#include "models/encoder.h"
#include "models/minilm.h"
#include "models/reference.h"
#include "models/wait.h"

using namespace thalweg;
using namespace thalweg::models;

namespace {

// A text of so many words, the same for the same seed.
std::string words(std::size_t count, unsigned seed) {
  static const std::vector<std::string> kWords = {"river", "valley", "the",  "of",   "water", "deep", "line", "runs",
                                                  "and",   "where",  "boat", "bank", "flow",  "sea",  "ice",  "salt"};
  std::mt19937 random(seed);
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += (i > 0 ? " " : "") + kWords[random() % kWords.size()];
  return text;
}

std::vector<float> row(const Rows& rows, std::size_t i) { return {rows.row(i).begin(), rows.row(i).end()}; }

std::vector<Text> one(const std::string& text) { return {{.text = text}}; }

}  // namespace

TEST_CASE("a row is the same to the last bit for every batch and number of threads") {
  const auto clock = make_system_clock();
  CoreBudget budget(2);
  const auto encoder = open_encoder(kMiniLm, {.max_batch_tokens = 64 * 256}).value();
  std::vector<Text> texts;
  for (std::size_t i = 0; i < 64; ++i)
    texts.push_back({.text = words(std::array{3, 14, 15, 22, 30, 62, 120}[i % 7], static_cast<unsigned>(i))});
  std::vector<std::vector<float>> alone;
  for (const Text& text : texts) alone.push_back(row(encoder->encode({text}, Context(*clock)).value(), 0));
  for (const std::size_t cores : {1U, 2U}) {
    CoreBudget lent(cores);
    const Context context = Context(*clock).with_cores(lent);
    for (const std::size_t batch : {1U, 2U, 7U, 32U, 64U}) {
      for (std::size_t from = 0; from < texts.size(); from += batch) {
        if (batch < 7 && from > 12 * batch) break;
        const std::size_t to = std::min(from + batch, texts.size());
        const auto rows =
            encoder->encode({texts.begin() + static_cast<int>(from), texts.begin() + static_cast<int>(to)}, context).value();
        for (std::size_t i = from; i < to; ++i) CHECK(row(rows, i - from) == alone[i]);
      }
    }
    CHECK(lent.free() == cores);
  }
  // All in one length, so that they really are one batch, in another order.
  for (const int length : {5, 13, 20, 29, 37}) {
    std::vector<Text> even;
    for (unsigned i = 0; i < 64; ++i) even.push_back({.text = words(length, i)});
    const auto rows = encoder->encode(even, Context(*clock)).value();
    for (std::size_t i = 0; i < even.size(); i += 9)
      CHECK(row(rows, i) == row(encoder->encode({even[i]}, Context(*clock)).value(), 0));
  }
}

TEST_CASE("callers under load get what they would get alone") {
  const auto clock = make_system_clock();
  const auto encoder = open_encoder(kMiniLm).value();
  const auto other = open_encoder(kMiniLm).value();
  CoreBudget budget(2);
  std::vector<std::vector<float>> alone;
  for (unsigned i = 0; i < 12; ++i) alone.push_back(row(encoder->encode(one(words(1 + 5 * i, i)), Context(*clock)).value(), 0));
  std::vector<std::thread> callers;
  std::atomic<int> wrong = 0;
  for (unsigned caller = 0; caller < 6; ++caller) {
    callers.emplace_back([&, caller] {
      const Context context = Context(*clock).with_cores(budget);
      for (unsigned round = 0; round < 4; ++round) {
        std::vector<Text> texts;
        for (unsigned i = 0; i < 12; ++i) {
          const unsigned which = (i * 5 + caller + round) % 12;
          texts.push_back({.text = words(1 + 5 * which, which)});
        }
        const auto rows = (caller % 2 == 0 ? encoder : other)->encode(texts, context);
        for (unsigned i = 0; i < 12; ++i) {
          if (!rows || row(*rows, i) != alone[(i * 5 + caller + round) % 12]) ++wrong;
        }
      }
    });
  }
  for (auto& caller : callers) caller.join();
  CHECK(wrong == 0);
  CHECK(budget.free() == 2);
}

TEST_CASE("a long text is cut at sentences and pooled, nothing of it is lost") {
  const auto clock = make_system_clock();
  const auto encoder = open_encoder(kMiniLm, {.max_tokens = 32}).value();
  const std::string first = "The river runs through a deep valley where the water is cold and clear even in summer.";
  const std::string second = "Boats follow the line of deepest water and keep away from the banks of sand and stone.";
  const auto parts = encoder->encode({{.text = first}, {.text = second}}, Context(*clock)).value();
  CHECK(parts.parts == 2);
  const auto whole = encoder->encode(one(first + " " + second), Context(*clock)).value();
  CHECK(whole.parts == 2);
  CHECK(whole.tokens == parts.tokens);
  // The mean of both by their tokens without [CLS] and [SEP], then of length 1.
  const auto weight = [&](const std::string& text) { return static_cast<double>(encoder->count_tokens(text).value() - 2); };
  std::vector<double> mean;
  double square = 0;
  for (std::size_t i = 0; i < whole.width; ++i) {
    mean.push_back(weight(first) * static_cast<double>(parts.row(0)[i]) + weight(second) * static_cast<double>(parts.row(1)[i]));
    square += mean.back() * mean.back();
  }
  for (std::size_t i = 0; i < whole.width; ++i) {
    CHECK(static_cast<double>(whole.row(0)[i]) == doctest::Approx(mean[i] / std::sqrt(square)).epsilon(1e-5));
  }
  // What stands at the end counts.
  const std::string long_text = words(400, 1);
  CHECK(row(encoder->encode(one(long_text + " sea"), Context(*clock)).value(), 0) !=
        row(encoder->encode(one(long_text + " ice"), Context(*clock)).value(), 0));
  // One sentence without an end: cut between tokens, all of them run.
  const auto unending = encoder->encode(one(long_text), Context(*clock)).value();
  CHECK(unending.parts == 14);  // 400 words of a token each, 30 to a piece
  CHECK(unending.tokens == 400 + 2 * 14);
  // Who asks hears of every part before the end, of a text that is not split of none.
  double told = 0;
  int parts_told = 0, short_told = 0;
  const auto part = [&](double share) {
    told += share;
    ++parts_told;
  };
  const auto heard = encoder->encode(
      {{.text = long_text, .part_done = part}, {.text = first, .part_done = [&](double) { ++short_told; }}}, Context(*clock));
  CHECK(row(heard.value(), 0) == row(unending, 0));
  CHECK(parts_told == 14);
  CHECK(told == doctest::Approx(1));
  CHECK(short_told == 0);
}

TEST_CASE("pairs that are too long are cut in the longer half; a reranker takes the best part") {
  const auto clock = make_system_clock();
  const Scratch scratch;
  const auto encoder = open_encoder(make_model(scratch, "bert-reranker")).value();
  const std::string question = "where is the boat";
  std::vector<Text> parts;
  std::string passage;
  for (unsigned i = 0; i < 5; ++i) {
    const std::string sentence = words(50, i) + ".";
    passage += (i > 0 ? " " : "") + sentence;
    parts.push_back({.text = question, .pair = sentence, .has_pair = true});
  }
  const auto each = encoder->encode(parts, Context(*clock)).value();
  const auto whole = encoder->encode({{.text = question, .pair = passage, .has_pair = true}}, Context(*clock)).value();
  CHECK(whole.parts == 5);
  CHECK(whole.row(0)[0] == *std::ranges::max_element(each.values));
  // Both too long: all parts meet, up to a limit that is told.
  const auto both = encoder->encode({{.text = words(100, 1), .pair = words(100, 2), .has_pair = true}}, Context(*clock)).value();
  CHECK(both.parts == 16);
  const auto refused = encoder->encode({{.text = words(6000, 1), .pair = words(6000, 2), .has_pair = true}}, Context(*clock));
  CHECK(refused.error().code() == Code::invalid_argument);
}

TEST_CASE("odd texts") {
  const auto clock = make_system_clock();
  const auto encoder = open_encoder(kMiniLm).value();
  const auto none = encoder->encode({}, Context(*clock)).value();
  CHECK(none.size() == 0);
  CHECK(none.width == 384);
  const auto empty = encoder->encode(one(""), Context(*clock)).value();
  CHECK(empty.tokens == 2);
  const auto bad = encoder->encode({{.text = "fine"}, {.text = "caf\xE9"}}, Context(*clock));
  CHECK(bad.error().code() == Code::invalid_argument);
  CHECK(bad.error().text().contains("texts[1]"));
  CHECK(bad.error().text().contains("byte 3"));
  CHECK(encoder->encode({{.text = "a", .pair = "b", .has_pair = true}}, Context(*clock)).error().code() ==
        Code::invalid_argument);
  CHECK(open_encoder(kMiniLm, {.max_tokens = 3}).error().code() == Code::failed_precondition);
}

TEST_CASE("a text of a megabyte is run in pieces, in whatever form it comes") {
  const auto clock = make_system_clock();
  const Scratch scratch;
  const auto encoder = open_encoder(make_model(scratch, "bert")).value();
  std::string prose;
  for (unsigned i = 0; prose.size() < 1'000'000; ++i) prose += words(17, i) + (i % 9 == 0 ? ".\n\n" : ". ");
  const auto rows = encoder->encode(one(prose), Context(*clock)).value();
  CHECK(rows.parts > 3'000);
  CHECK(rows.tokens - 2 * rows.parts == static_cast<std::int64_t>(encoder->count_tokens(prose).value()) - 2);
  for (const std::string& text : {std::string(1'000'000, 'x'), std::string(1'000'000, ' '), std::string(1'000'000, '\n')}) {
    CHECK(encoder->encode(one(text), Context(*clock)).value().size() == 1);
  }
  std::string ideographs;
  for (int i = 0; i < 300'000; ++i) ideographs += "\u6C34";
  CHECK(encoder->encode(one(ideographs), Context(*clock)).value().parts == (300'000 + 61) / 62);
}

TEST_CASE("who stops while waiting is told so at once, the others are served") {
  const auto clock = make_system_clock();
  const auto encoder = open_encoder(kMiniLm).value();
  CoreBudget budget(1);
  std::stop_source stop;
  Answer<Rows> stopped;
  Answer<Rows> late;
  Answer<Rows> served;
  {
    const auto lease = budget.take_core();  // nothing can be run
    const Context context = Context(*clock).with_cores(budget);
    encoder->encode(one("in front"), context.with_stop(stop.get_token()),
                    [&](Result<Rows> rows) { stopped.set(std::move(rows)); });
    encoder->encode(one("in a hurry"), context.with_deadline(clock->now() + kMillisecond),
                    [&](Result<Rows> rows) { late.set(std::move(rows)); });
    encoder->encode(one("with time"), context, [&](Result<Rows> rows) { served.set(std::move(rows)); });
    CHECK(late.wait().error().code() == Code::deadline_exceeded);
    stop.request_stop();
    CHECK(stopped.wait().error().code() == Code::cancelled);
  }
  CHECK(served.wait().value().size() == 1);
  CHECK(budget.free() == 1);
  // Stopped or out of time before it began.
  CHECK(encoder->encode(one("x"), Context(*clock).with_stop(stop.get_token())).error().code() == Code::cancelled);
  CHECK(encoder->encode(one("x"), Context(*clock).with_deadline(clock->now() - 1)).error().code() == Code::deadline_exceeded);
}

TEST_CASE("an encoder may go in the midst of its work, and by the hand of whom it answers") {
  const auto clock = make_system_clock();
  Answer<Rows> waited;
  {
    CoreBudget budget(1);
    const auto encoder = open_encoder(kMiniLm).value();
    encoder->encode(std::vector<Text>(300, Text{.text = words(100, 1)}), Context(*clock),
                    [&](Result<Rows> rows) { waited.set(std::move(rows)); });
  }
  const auto rows = waited.wait();
  if (!rows) CHECK(rows.error().code() == Code::cancelled);
  auto own = open_encoder(kMiniLm).value();
  Answer<Rows> last;
  Encoder& encoder = *own;
  encoder.encode(one("held by the answer alone"), Context(*clock), [&, kept = std::move(own)](Result<Rows> got) mutable {
    kept.reset();
    last.set(std::move(got));
  });
  CHECK(last.wait().value().size() == 1);
}

TEST_CASE("bf16 comes near, where the processor has it") {
  const auto clock = make_system_clock();
  const auto exact = open_encoder(kMiniLm).value()->encode(one("where water runs deepest"), Context(*clock)).value();
  const auto opened = open_encoder(kMiniLm, {.precision = Precision::bf16});
  if (!opened) {
    CHECK(opened.error().code() == Code::unimplemented);
    CHECK(opened.error().text().contains("this processor has no such instructions; take f32"));
    return;
  }
  CHECK((*opened)->precision() == Precision::bf16);
  const auto near = (*opened)->encode(one("where water runs deepest"), Context(*clock)).value();
  double cosine = 0;
  for (std::size_t i = 0; i < near.width; ++i)
    cosine += static_cast<double>(near.row(0)[i]) * static_cast<double>(exact.row(0)[i]);
  CHECK(cosine > 0.999);
  CHECK(cosine < 1 - 1e-9);
}
