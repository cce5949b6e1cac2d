#include "models/llama/sampler.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

namespace thalweg::models::llama {

namespace {

// Orders floats as whole numbers do, which the compiler makes vector code of; NaNs come behind the infinities.
std::uint32_t key_of(float number) noexcept {
  const auto bits = std::bit_cast<std::uint32_t>(number);
  return bits ^ ((bits >> 31) != 0 ? 0xFFFFFFFFU : 0x80000000U);
}

std::uint32_t largest_key(std::span<const float> numbers) noexcept {
  std::uint32_t largest = 0;
  for (const float number : numbers) largest = std::max(largest, key_of(number));
  return largest;
}

// Minus infinity is one here: that is how tokens are shut out.
bool all_numbers(std::span<const float> numbers) noexcept {
  std::uint32_t bad = 0;
  for (const float number : numbers) {
    bad |= static_cast<std::uint32_t>((std::bit_cast<std::uint32_t>(number) & 0x7FFFFFFFU) > 0x7F800000U);
  }
  return bad == 0;
}

}  // namespace

Sampler::Sampler(const GenerateRequest& request, std::uint64_t seed, const Vocabulary& vocabulary) {
  const bool penalties = request.penalty_last_n > 0 &&
                         (request.repeat_penalty != 1 || request.frequency_penalty != 0 || request.presence_penalty != 0);
  if (request.temperature == 0 && !penalties) return;
  chain_.reset(llama_sampler_chain_init(llama_sampler_chain_default_params()));
  const auto add = [this](llama_sampler* sampler) { llama_sampler_chain_add(chain_.get(), sampler); };
  if (penalties) {
    add(llama_sampler_init_penalties(static_cast<std::int32_t>(vocabulary.size()),
                                     static_cast<std::int32_t>(request.penalty_last_n),
                                     static_cast<float>(request.repeat_penalty), static_cast<float>(request.frequency_penalty),
                                     static_cast<float>(request.presence_penalty)));
  }
  if (request.temperature == 0) {
    add(llama_sampler_init_greedy());
    return;
  }
  if (request.top_k > 0) add(llama_sampler_init_top_k(static_cast<std::int32_t>(request.top_k)));
  if (request.top_p < 1) add(llama_sampler_init_top_p(static_cast<float>(request.top_p), 1));
  if (request.min_p > 0) add(llama_sampler_init_min_p(static_cast<float>(request.min_p), 1));
  add(llama_sampler_init_temp(static_cast<float>(request.temperature)));
  // 32 bits of seed; the largest one means "draw a seed" to the library.
  add(llama_sampler_init_dist(static_cast<std::uint32_t>((seed ^ (seed >> 32)) % LLAMA_DEFAULT_SEED)));
}

void Sampler::accept(llama_token token) {
  if (chain_) llama_sampler_accept(chain_.get(), token);
}

Result<llama_token> Sampler::choose(std::span<const float> logits) {
  const std::uint32_t largest = largest_key(logits);
  if (largest == key_of(-INFINITY) || largest >= key_of(INFINITY) || !all_numbers(logits)) {
    return fail(Code::data_loss, "the model gives no finite numbers: its weights are damaged");
  }
  if (!chain_) {
    const auto best = std::ranges::find(logits, largest, key_of);
    return static_cast<llama_token>(best - logits.begin());
  }
  candidates_.resize(logits.size());
  for (std::size_t i = 0; i < logits.size(); ++i) candidates_[i] = {static_cast<llama_token>(i), logits[i], 0};
  llama_token_data_array array{candidates_.data(), candidates_.size(), -1, false};
  llama_sampler_apply(chain_.get(), &array);
  if (array.selected < 0 || static_cast<std::size_t>(array.selected) >= array.size) {
    return fail(Code::internal, "the samplers have chosen no token");
  }
  return array.data[array.selected].id;
}

LogProbabilities log_probabilities(std::span<const float> logits, llama_token chosen, std::size_t most) {
  const float largest = *std::ranges::max_element(logits);
  const double sum = std::accumulate(logits.begin(), logits.end(), 0.0,
                                     [largest](double so_far, float logit) { return so_far + std::exp(logit - largest); });
  const double log_sum = largest + std::log(sum);
  LogProbabilities found{logits[static_cast<std::size_t>(chosen)] - log_sum, {}};
  if (most == 0) return found;
  std::vector<llama_token> order(logits.size());
  std::iota(order.begin(), order.end(), 0);
  const auto middle = order.begin() + static_cast<std::ptrdiff_t>(std::min(most, order.size()));
  std::ranges::partial_sort(order, middle, [&](llama_token a, llama_token b) {
    const float first = logits[static_cast<std::size_t>(a)], second = logits[static_cast<std::size_t>(b)];
    return first != second ? first > second : a < b;
  });
  for (auto token = order.begin(); token != middle; ++token) {
    found.top.emplace_back(*token, logits[static_cast<std::size_t>(*token)] - log_sum);
  }
  return found;
}

}  // namespace thalweg::models::llama
