#include "scoring/score_plan.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/utf8.h"
#include "calibration/logit.h"

namespace thalweg::scoring {

namespace {
constexpr std::size_t kBlock = 64;  // texts whose columns are calibrated at once
}

// Columns of a block of texts, one after another, and back in rows.
struct ScorePlan::Block {
  std::vector<double> columns;
  std::vector<double> rows;
};

ScorePlan::ScorePlan(const ScoreConfig& config) : threshold_(config.threshold), modifiers_(config.modifiers) {
  for (const LabelConfig* label : config.labels()) {
    columns_.push_back(label->name);
    hypotheses_.push_back(label->hypothesis);
    calibrators_.push_back(label->calibrator);
  }
  thresholds_.assign(columns_.size(), 2);
  const auto column_of = [this](std::string_view label) {
    return static_cast<std::uint32_t>(std::ranges::lower_bound(columns_, label) - columns_.begin());
  };
  for (const CategoryConfig& category : config.categories) {
    const auto index = static_cast<std::uint32_t>(categories_.size());
    categories_.push_back(category.name);
    const std::size_t begin = entries_.size();
    for (const LabelConfig& label : category.labels) {
      const std::uint32_t column = column_of(label.name);
      entries_.push_back({column, label.weight, label.threshold});
      thresholds_[column] = std::min(thresholds_[column], label.threshold);
      if (label.veto) vetoes_.push_back({index, column, label.threshold});
    }
    ranges_.push_back({begin, entries_.size(), std::min(category.top_k, category.labels.size())});
  }
  if (!config.combiner) return;
  combined_ = true;
  combiner_threshold_ = config.combiner->threshold;
  combiner_bias_ = config.combiner->bias;
  for (const auto& [label, weight] : config.combiner->weights) combiner_weights_.emplace_back(column_of(label), weight);
}

std::pair<double, LengthRule> ScorePlan::threshold_for(std::size_t characters) const noexcept {
  if (characters <= modifiers_.short_text_limit) return {threshold_ - modifiers_.short_text_delta, LengthRule::short_text};
  if (characters > modifiers_.long_text_limit) return {threshold_ + modifiers_.long_text_delta, LengthRule::long_text};
  return {threshold_, LengthRule::medium};
}

void ScorePlan::decide(std::span<const double> raw, std::span<const std::size_t> characters, std::span<Verdict> out,
                       std::span<double> calibrated) const {
  const std::size_t width = columns_.size();
  Block block;
  block.columns.resize(width * std::min(kBlock, out.size()));
  block.rows.resize(block.columns.size());
  for (std::size_t begin = 0; begin < out.size(); begin += kBlock) {
    const std::size_t n = std::min(kBlock, out.size() - begin);
    decide_block(raw.data() + begin * width, characters.subspan(begin, n), out.subspan(begin, n), block);
    if (!calibrated.empty()) std::copy_n(block.rows.data(), n * width, calibrated.data() + begin * width);
  }
}

void ScorePlan::decide_block(const double* raw, std::span<const std::size_t> characters, std::span<Verdict> out,
                             Block& block) const {
  const std::size_t width = columns_.size();
  const std::size_t n = out.size();
  for (std::size_t column = 0; column < width; ++column) {
    const std::span<double> values(block.columns.data() + column * n, n);
    for (std::size_t row = 0; row < n; ++row) values[row] = raw[row * width + column];
    calibrators_[column].apply(values, values);
    for (std::size_t row = 0; row < n; ++row) block.rows[row * width + column] = values[row];
  }
  for (std::size_t row = 0; row < n; ++row) {
    const double* const calibrated = block.rows.data() + row * width;
    Verdict& verdict = out[row] = {};
    if (combined_) {
      combine(calibrated, verdict);
    } else {
      best_category(calibrated, verdict);
      std::tie(verdict.threshold, verdict.length) = threshold_for(characters[row]);
    }
    verdict.value = verdict.score;
    verdict.decision = verdict.score >= verdict.threshold ? Decision::accept : Decision::reject;
    for (const Veto& veto : vetoes_) {
      if (calibrated[veto.column] < veto.threshold) continue;
      verdict.decision = Decision::reject;
      verdict.rule = Reason::Rule::veto;
      verdict.length = LengthRule::none;
      verdict.category = veto.category;
      verdict.label = veto.column;
      verdict.value = calibrated[veto.column];
      verdict.threshold = veto.threshold;
      break;
    }
  }
}

void ScorePlan::best_category(const double* calibrated, Verdict& verdict) const {
  constexpr std::size_t kFew = 16;
  std::array<double, kFew> few;
  std::vector<double> many;
  for (std::size_t category = 0; category < ranges_.size(); ++category) {
    const Category& range = ranges_[category];
    if (range.begin == range.end) continue;
    // The k greatest so far, descending.
    const std::size_t k = range.top_k;
    if (k > kFew && many.size() < k) many.resize(k);
    double* const top = k > kFew ? many.data() : few.data();
    std::fill_n(top, k, 0.0);
    double most = 0;
    std::uint32_t label = Verdict::kNone;
    for (std::size_t i = range.begin; i < range.end; ++i) {
      const Entry& entry = entries_[i];
      const double probability = calibrated[entry.column];
      if (!(probability >= entry.threshold)) continue;
      const double score = probability * entry.weight;
      if (score > most) {
        most = score;
        label = entry.column;
      }
      if (!(score > top[k - 1])) continue;
      std::size_t place = k - 1;
      for (; place > 0 && top[place - 1] < score; --place) top[place] = top[place - 1];
      top[place] = score;
    }
    double sum = 0;
    for (std::size_t i = 0; i < k; ++i) sum += top[i];
    const double score = sum / static_cast<double>(k);
    if (verdict.category != Verdict::kNone && score <= verdict.score) continue;
    verdict.category = static_cast<std::uint32_t>(category);
    verdict.label = label;
    verdict.score = score;
  }
}

void ScorePlan::combine(const double* calibrated, Verdict& verdict) const {
  double sum = combiner_bias_;
  double most = 0;
  double least = 0;
  std::uint32_t for_it = Verdict::kNone;
  std::uint32_t against = Verdict::kNone;
  for (const auto& [column, weight] : combiner_weights_) {
    const double part = weight * calibration::logit(calibrated[column]);
    sum += part;
    if (part > most) {
      most = part;
      for_it = column;
    }
    if (part < least) {
      least = part;
      against = column;
    }
  }
  verdict.rule = Reason::Rule::combiner;
  verdict.score = calibration::sigmoid(sum);
  verdict.threshold = combiner_threshold_;
  verdict.label = verdict.score >= combiner_threshold_ ? for_it : against;
}

ScoreResult ScorePlan::result(std::span<const double> raw, std::size_t characters) const {
  std::vector<double> calibrated(columns_.size());
  Verdict verdict;
  decide(raw, std::span(&characters, 1), std::span(&verdict, 1), calibrated);
  ScoreResult result;
  result.decision = verdict.decision;
  result.score = verdict.score;
  result.reason = {.rule = verdict.rule,
                   .category = verdict.category == Verdict::kNone ? "" : categories_[verdict.category],
                   .label = verdict.label == Verdict::kNone ? "" : columns_[verdict.label],
                   .label_score = verdict.label == Verdict::kNone ? 0 : calibrated[verdict.label],
                   .value = verdict.value,
                   .threshold = verdict.threshold,
                   .length = verdict.length,
                   .characters = characters};
  for (std::size_t i = 0; i < categories_.size(); ++i) {
    CategoryScore category;
    category.name = categories_[i];
    std::vector<double> scores;
    for (std::size_t j = ranges_[i].begin; j < ranges_[i].end; ++j) {
      const Entry& entry = entries_[j];
      const double probability = calibrated[entry.column];
      const double score = probability >= entry.threshold ? probability * entry.weight : 0.0;
      scores.push_back(score);
      category.labels.push_back({columns_[entry.column], raw[entry.column], probability, score, entry.threshold});
    }
    std::ranges::sort(scores, std::greater<>());
    for (std::size_t k = 0; k < ranges_[i].top_k; ++k) category.score += scores[k];
    if (ranges_[i].top_k > 0) category.score /= static_cast<double>(ranges_[i].top_k);
    result.categories.push_back(std::move(category));
  }
  return result;
}

std::size_t characters_of(std::string_view text) noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char byte) { return (byte & 0xC0) != 0x80; }));
}

bool is_blank(std::string_view text) noexcept {
  // Unicode's White_Space, and what takes no room at all.
  const auto nothing = [](char32_t code) {
    return code == ' ' || (code >= 0x09 && code <= 0x0D) || code == 0x85 || code == 0xA0 || code == 0x1680 ||
           (code >= 0x2000 && code <= 0x200D) || code == 0x2028 || code == 0x2029 || code == 0x202F || code == 0x205F ||
           code == 0x2060 || code == 0x3000 || code == 0xFEFF;
  };
  for (std::size_t at = 0; at < text.size();) {
    const utf8::Step step = utf8::step(text, at);
    if (!nothing(step.code)) return false;
    at += step.length;
  }
  return true;
}

}  // namespace thalweg::scoring
