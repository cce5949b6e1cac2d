// A real model, SmolLM2-135M-Instruct, generates.

#include <cmath>

#include "base/cores.h"
#include "base/utf8.h"
#include "smollm2.h"

namespace thalweg::models {

TEST_SUITE("generate") {
  TEST_CASE("a question is answered, and the text told is the text returned") {
    std::string told;
    std::size_t pieces = 0;
    const auto made = generated(smollm2(), prompt(chat("What is the capital of France?"), 24), [&](std::string_view text) {
      told += text;
      ++pieces;
      return utf8::invalid_at(text) == std::string_view::npos;
    });
    REQUIRE(made);
    CHECK(made->text.find("Paris") != std::string::npos);
    CHECK(told == made->text);
    CHECK(pieces > 3);
    CHECK(made->finish_reason == FinishReason::stop);
    CHECK(made->completion_tokens < 24);
    CHECK(made->prompt_tokens == 27);
    CHECK(made->dropped_tokens == 0);
    CHECK(made->first_token_ns >= made->prefill_ns);
    CHECK(made->decode_ns > 0);
  }

  TEST_CASE("max_tokens ends a text") {
    const auto made = generated(smollm2(), prompt("One, two, three, four,", 5));
    REQUIRE(made);
    CHECK(made->finish_reason == FinishReason::length);
    CHECK(made->completion_tokens == 5);
  }

  TEST_CASE("a prompt that begins like an earlier one is read from there, with the same text as without") {
    const std::string long_text = [] {
      std::string text = "A thalweg is the line along a valley where water runs deepest. ";
      for (int i = 0; i < 20; ++i) text += fmt::format("Point {} of it lies {} metres below the last one. ", i, i * 3 + 1);
      return text;
    }();
    const auto fresh = opened(smollm2_path(), {.context_size = 2048});
    const auto cold = generated(*fresh, prompt(long_text + "Rivers therefore", 24));
    const auto other = generated(*fresh, prompt(long_text + "In short, the", 24));
    const auto warm = generated(*fresh, prompt(long_text + "Rivers therefore", 24));
    REQUIRE(cold);
    REQUIRE(other);
    REQUIRE(warm);
    CHECK(cold->cached_tokens == 0);
    CHECK(other->cached_tokens > 200);
    CHECK(warm->cached_tokens > 200);
    CHECK(warm->text == cold->text);
  }

  TEST_CASE("a prompt gets the same bits whatever was asked before, and its first token with one core as with all") {
    std::string long_text = "A thalweg is the line along a valley where water runs deepest. ";
    for (int i = 0; i < 40; ++i) long_text += fmt::format("Point {} of it lies {} metres below the last one. ", i, i * 3 + 1);
    const auto asked = [](const std::string& text) {
      GenerateRequest request = prompt(text, 3);
      request.logprobs = 20;
      return request;
    };
    // Lengths on both sides of the places where prompts are cut, and far from them.
    const auto used = opened(smollm2_path(), {.context_size = 2048});
    const auto clock = make_system_clock();
    CoreBudget one_core(1);
    std::size_t known = 0;
    for (const std::size_t size : {60, 118, 126, 134, 352, 520, 1111, 1700}) {
      const std::string text = long_text.substr(0, size);
      const auto fresh = opened(smollm2_path(), {.context_size = 2048});
      const auto cold = generated(*fresh, asked(text));
      REQUIRE(cold);
      CHECK(cold->cached_tokens == 0);
      // Warm by the same text with another end, by an answer, by itself; beside others, who have the second core.
      REQUIRE(generated(*used, asked(text + " What else is there to say about it?")));
      const auto warm = generated(*used, asked(text));
      REQUIRE(generated(*used, asked(text + warm->text)));
      const auto again = generated(*used, asked(text));
      const auto narrow = fresh->generate(asked(text), Context(*clock).with_cores(one_core), deaf);
      for (const auto* const other : {&warm, &again}) {
        REQUIRE(*other);
        CHECK((*other)->text == cold->text);
        REQUIRE((*other)->tokens.size() == cold->tokens.size());
        for (std::size_t i = 0; i < cold->tokens.size(); ++i) CHECK((*other)->tokens[i].top == cold->tokens[i].top);
        known += static_cast<std::size_t>((*other)->cached_tokens);
      }
      // Only the first: what the library writes behind 256 tokens is divided among its threads.
      REQUIRE(narrow);
      CHECK(narrow->tokens.at(0).top == cold->tokens.at(0).top);
    }
    CHECK(known > 1000);
  }

  TEST_CASE("two chats in turn do not cost each other their beginnings") {
    std::string a = "The sea is deep. ", b = "Mountains are high. ";
    for (int i = 0; i < 12; ++i) {
      a += fmt::format("Wave {} was {} feet tall, and the sailors counted it. ", i, i + 5);
      b += fmt::format("Peak {} has {} climbers, and each of them carries a rope. ", i, i + 7);
    }
    const auto model = opened(smollm2_path(), {.context_size = 2048});
    const auto first = generated(*model, prompt(a, 4));
    REQUIRE(first);
    REQUIRE(generated(*model, prompt(b, 4)));
    const std::uint64_t memory = model->memory_bytes();
    const auto again = generated(*model, prompt(a + first->text, 4));
    REQUIRE(again);
    // All but what stands behind the last place where prompts are cut.
    CHECK(again->cached_tokens >= first->prompt_tokens - 128);
    CHECK(again->cached_tokens > 100);
    const auto other = generated(*model, prompt(b, 4));
    REQUIRE(other);
    CHECK(other->cached_tokens >= other->prompt_tokens - 128);
    CHECK(other->cached_tokens > 100);
    CHECK(memory > 90'000'000);
  }

  TEST_CASE("the same seed gives the same text, another one another") {
    const auto with = [](std::uint64_t seed) {
      GenerateRequest request = prompt("Once upon a time there was", 24);
      request.temperature = 1.2;
      request.seed = seed;
      const auto made = generated(smollm2(), std::move(request));
      REQUIRE(made);
      return made->text;
    };
    const std::string one = with(1);
    CHECK(with(1) == one);
    CHECK(with(2) != one);
  }

  TEST_CASE("without a seed the context's random numbers decide") {
    const auto clock = make_system_clock();
    const auto with = [&](std::uint64_t seed) {
      GenerateRequest request = prompt("Once upon a time there was", 16);
      request.temperature = 1.2;
      const auto made = smollm2().generate(std::move(request), Context(*clock, seed), deaf);
      REQUIRE(made);
      return made->text;
    };
    CHECK(with(7) == with(7));
    CHECK(with(7) != with(8));
  }

  TEST_CASE("penalties change what is repeated") {
    const auto with = [](double penalty) {
      GenerateRequest request = prompt("The cat sat. The cat sat. The cat sat. The cat", 16);
      request.repeat_penalty = penalty;
      const auto made = generated(smollm2(), std::move(request));
      REQUIRE(made);
      return made->text;
    };
    CHECK(with(1).find("The cat sat. The cat sat.") != std::string::npos);
    CHECK(with(2).find("The cat sat. The cat sat.") == std::string::npos);
  }

  TEST_CASE("a stop string that spans tokens ends the text before it, and nothing of it is told") {
    const auto whole = generated(smollm2(), prompt("Count: 1, 2, 3, 4, 5,", 24));
    REQUIRE(whole);
    const std::size_t at = whole->text.find(" 9, 1");
    INFO(whole->text);
    REQUIRE(at != std::string::npos);
    GenerateRequest request = prompt("Count: 1, 2, 3, 4, 5,", 24);
    request.stop = {"nowhere", "9, 1"};
    std::string told;
    const auto made = generated(smollm2(), std::move(request), [&](std::string_view text) {
      told += text;
      return true;
    });
    REQUIRE(made);
    CHECK(made->text == whole->text.substr(0, at + 1));
    CHECK(told == made->text);
    CHECK(made->finish_reason == FinishReason::stop);
  }

  TEST_CASE("log-probabilities: of the chosen token, greedily the first alternative; a distribution") {
    GenerateRequest request = prompt("The capital of France is", 6);
    request.logprobs = 20;
    const auto made = generated(smollm2(), std::move(request));
    REQUIRE(made);
    REQUIRE(made->tokens.size() == 6);
    std::string text;
    for (const TokenProbability& token : made->tokens) {
      text += token.text;
      REQUIRE(token.top.size() == 20);
      CHECK(token.top[0].first == token.text);
      CHECK(token.top[0].second == token.logprob);
      double sum = 0;
      for (const auto& [other, logprob] : token.top) sum += std::exp(logprob);
      CHECK(sum <= 1.0 + 1e-9);
      CHECK(sum > 0.3);
    }
    CHECK(text == made->text);
  }

  TEST_CASE("scores are those of the generation") {
    GenerateRequest request = prompt("The capital of France is", 2);
    request.token_logprobs = true;
    const auto made = generated(smollm2(), std::move(request));
    REQUIRE(made);
    const Clocked clocked;
    const auto scores = smollm2().score("The capital of France is" + made->text, clocked.context);
    REQUIRE(scores);
    REQUIRE(scores->size() == 6);
    for (std::size_t i = 0; i < 2; ++i) {
      CHECK((*scores)[4 + i] == doctest::Approx(made->tokens[i].logprob).epsilon(0.02));
    }
  }

  TEST_CASE("texts longer than the window are scored in windows, every token but the first") {
    const auto model = opened(smollm2_path(), {.context_size = 256});
    std::string text;
    for (int i = 0; i < 60; ++i) text += fmt::format("Line {} of the text says that {} is a number. ", i, i * 7);
    const Clocked clocked;
    const auto scores = model->score(text, clocked.context);
    REQUIRE(scores);
    const auto tokens = model->count_tokens(text);
    REQUIRE(tokens);
    CHECK(*tokens > 600);
    CHECK(scores->size() + 1 == *tokens);
    for (const double score : *scores) REQUIRE((std::isfinite(score) && score <= 0));
  }

  TEST_CASE("the model tells what it is") {
    CHECK(smollm2().architecture() == "llama");
    CHECK(smollm2().quantisation() == "Q4_1");
    CHECK(smollm2().parameters() == 134'515'008);
    CHECK(smollm2().context_size() == 2048);
    CHECK(smollm2().count_tokens("Hello world") == 2);
  }
}

TEST_SUITE("overflow") {
  const std::string kLong = [] {
    std::string text = "START ";
    for (int i = 0; i < 100; ++i) text += fmt::format("sentence number {} stands here. ", i);
    return text + "END";
  }();

  TEST_CASE("refused by default, with both sizes") {
    const auto model = opened(smollm2_path(), {.context_size = 256});
    const auto made = generated(*model, prompt(kLong, 16));
    REQUIRE(!made);
    CHECK(made.error().code() == Code::invalid_argument);
    CHECK(made.error().message().find("max_tokens is 16, together more than the model's window of 256") != std::string::npos);
  }

  TEST_CASE("both rules fill the window and say what they dropped") {
    const auto model = opened(smollm2_path(), {.context_size = 256});
    for (const Overflow rule : {Overflow::truncate_start, Overflow::truncate_middle}) {
      GenerateRequest request = prompt(kLong, 16);
      request.overflow = rule;
      const auto made = generated(*model, std::move(request));
      REQUIRE(made);
      CHECK(made->prompt_tokens == 240);
      CHECK(made->dropped_tokens > 400);
    }
  }

  TEST_CASE("what no rule helps with") {
    const auto model = opened(smollm2_path(), {.context_size = 256});
    GenerateRequest request = prompt("short", 255);
    request.overflow = Overflow::truncate_start;
    CHECK(generated(*model, std::move(request))->completion_tokens > 0);
    request = prompt(kLong, 255);
    request.overflow = Overflow::truncate_start;
    const auto made = generated(*model, std::move(request));
    REQUIRE(!made);
    CHECK(made.error().message().find("leaves no room for a prompt") != std::string::npos);
    const auto empty = generated(*model, prompt("", 8));
    REQUIRE(!empty);
    CHECK(empty.error().message() == "the prompt is empty");
  }
}

TEST_CASE("options out of their range are refused by name") {
  const auto refused = [](const std::function<void(GenerateRequest&)>& change) {
    GenerateRequest request = prompt("x");
    change(request);
    const auto made = generated(smollm2(), std::move(request));
    REQUIRE(!made);
    CHECK(made.error().code() == Code::invalid_argument);
    return made.error().message();
  };
  CHECK(refused([](auto& r) { r.temperature = -1; }) == "temperature is -1; it must be between 0 and 100");
  CHECK(refused([](auto& r) { r.temperature = NAN; }).starts_with("temperature is nan"));
  CHECK(refused([](auto& r) { r.top_p = 1.5; }).starts_with("top_p"));
  CHECK(refused([](auto& r) { r.max_tokens = 0; }).starts_with("max_tokens"));
  CHECK(refused([](auto& r) { r.logprobs = 21; }).starts_with("logprobs"));
  CHECK(refused([](auto& r) { r.stop = {""}; }) == "a stop string is empty");
  CHECK(refused([](auto& r) { r.messages = {{"user", "x"}}; }) == "give either messages or a prompt, not both");
  CHECK(refused([](auto& r) { r.prompt.reset(); }) == "give either messages or a prompt");
}

}  // namespace thalweg::models
