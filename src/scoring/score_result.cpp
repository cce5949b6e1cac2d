#include "thalweg/scoring/score_result.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "scoring/fields.h"
#include "scoring/told_apart.h"

namespace thalweg::scoring {

namespace {

constexpr std::array<std::string_view, 2> kDecisions{"accept", "reject"};
constexpr std::array<std::string_view, 4> kLengths{"none", "short", "medium", "long"};
constexpr std::array<std::string_view, 3> kRules{"category", "veto", "combiner"};

template <class Enum, std::size_t n>
std::optional<Enum> named(const std::array<std::string_view, n>& names, std::string_view name) noexcept {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

Value to_value(const LabelScore& label) {
  return Value::map({{"raw", label.raw},
                     {"calibrated", label.calibrated},
                     {"score", label.score},
                     {"threshold", label.threshold},
                     {"detected", label.detected()}});
}

Value to_value(const Reason& reason) {
  return Value::map({{"rule", name(reason.rule)},
                     {"category", reason.category},
                     {"label", reason.label},
                     {"label_score", reason.label_score},
                     {"value", reason.value},
                     {"threshold", reason.threshold},
                     {"length", name(reason.length)},
                     {"characters", static_cast<std::int64_t>(reason.characters)},
                     {"text", reason.text()}});
}

Result<Reason> reason_of(const Value& value) {
  Reason reason;
  const std::string rule = TRY(text_field(value, "rule"));
  const auto known_rule = named<Reason::Rule>(kRules, rule);
  if (!known_rule) return fail(Code::invalid_argument, "there is no rule '{}'", rule);
  reason.rule = *known_rule;
  const std::string length = TRY(text_field(value, "length"));
  const auto known_length = named<LengthRule>(kLengths, length);
  if (!known_length) return fail(Code::invalid_argument, "there is no length '{}'", length);
  reason.length = *known_length;
  reason.category = TRY(text_field(value, "category"));
  reason.label = TRY(text_field(value, "label"));
  reason.label_score = TRY(number_field(value, "label_score"));
  reason.value = TRY(number_field(value, "value"));
  reason.threshold = TRY(number_field(value, "threshold"));
  reason.characters = TRY(count_field(value, "characters"));
  return reason;
}

Result<LabelScore> label_of(std::string_view name, const Value& value) {
  LabelScore label;
  label.name = name;
  label.raw = TRY(number_field(value, "raw"));
  label.calibrated = TRY(number_field(value, "calibrated"));
  label.score = TRY(number_field(value, "score"));
  label.threshold = TRY(number_field(value, "threshold"));
  return label;
}

Result<CategoryScore> category_of(std::string_view name, const Value& value) {
  CategoryScore category;
  category.name = name;
  category.score = TRY(number_field(value, "score"));
  const Value* const labels = TRY(field(value, "labels", Kind::map));
  for (const Entry& entry : labels->entries()) {
    auto label = label_of(entry.key.as_string(), entry.value);
    if (!label) return std::unexpected(label.error().at(fmt::format("labels.{}", entry.key.as_string())));
    category.labels.push_back(std::move(*label));
  }
  return category;
}

}  // namespace

std::string_view name(Decision decision) noexcept { return kDecisions[static_cast<std::size_t>(decision)]; }
std::string_view name(LengthRule rule) noexcept { return kLengths[static_cast<std::size_t>(rule)]; }
std::string_view name(Reason::Rule rule) noexcept { return kRules[static_cast<std::size_t>(rule)]; }
std::optional<Decision> decision_named(std::string_view name) noexcept { return named<Decision>(kDecisions, name); }

std::string Reason::text() const {
  // Rounded alike, a number just below its threshold would read "0.750 < 0.750".
  const auto [left, right] = told_apart(value, threshold, 3);
  const std::string compared = fmt::format("{} {} {}", left, value >= threshold ? ">=" : "<", right);
  switch (rule) {
    case Rule::veto:
      return fmt::format("veto by {} {}", label, compared);
    case Rule::combiner:
      return fmt::format("combined probability {}{}", compared,
                         label.empty() ? "" : fmt::format(" ({} {:.3f} counts most)", label, label_score));
    case Rule::category:
      break;
  }
  const std::string what = category.empty() ? "no category" : category;
  const std::string by = label.empty() ? " (no label detected)" : fmt::format(" (by {})", label);
  return fmt::format("{}{} {} ({} text, {} characters)", what, by, compared, name(length), characters);
}

const LabelScore* ScoreResult::label(std::string_view wanted) const noexcept {
  for (const CategoryScore& category : categories) {
    const auto found = std::ranges::find(category.labels, wanted, &LabelScore::name);
    if (found != category.labels.end()) return &*found;
  }
  return nullptr;
}

const CategoryScore* ScoreResult::category(std::string_view wanted) const noexcept {
  const auto found = std::ranges::find(categories, wanted, &CategoryScore::name);
  return found == categories.end() ? nullptr : &*found;
}

std::vector<std::pair<std::string, double>> ScoreResult::labels() const {
  std::vector<std::pair<std::string, double>> out;
  for (const CategoryScore& category : categories) {
    for (const LabelScore& label : category.labels) {
      if (this->label(label.name) == &label) out.emplace_back(label.name, label.raw);
    }
  }
  return out;
}

std::vector<std::string> ScoreResult::detected_labels() const {
  std::vector<std::string> out;
  for (const CategoryScore& category : categories) {
    for (const LabelScore& label : category.labels) {
      if (label.detected() && std::ranges::find(out, label.name) == out.end()) out.push_back(label.name);
    }
  }
  return out;
}

Value ScoreResult::to_value() const {
  std::vector<Entry> all;
  for (const CategoryScore& category : categories) {
    std::vector<Entry> labels;
    for (const LabelScore& label : category.labels) labels.push_back({label.name, scoring::to_value(label)});
    all.push_back({category.name, Value::map({{"score", category.score}, {"labels", Value::map(std::move(labels))}})});
  }
  return Value::map({{"decision", name(decision)},
                     {"score", score},
                     {"reason", scoring::to_value(reason)},
                     {"categories", Value::map(std::move(all))}});
}

Result<ScoreResult> ScoreResult::from_value(const Value& value) {
  ScoreResult result;
  const std::string decision = TRY(text_field(value, "decision"));
  const auto known = decision_named(decision);
  if (!known) return fail(Code::invalid_argument, "the field 'decision' must be accept or reject, not '{}'", decision);
  result.decision = *known;
  result.score = TRY(number_field(value, "score"));
  const Value* const reason = TRY(field(value, "reason", Kind::map));
  auto read = reason_of(*reason);
  if (!read) return std::unexpected(read.error().at("reason"));
  result.reason = std::move(*read);
  const Value* const categories = TRY(field(value, "categories", Kind::map));
  for (const Entry& entry : categories->entries()) {
    auto category = category_of(entry.key.as_string(), entry.value);
    if (!category) return std::unexpected(category.error().at(fmt::format("categories.{}", entry.key.as_string())));
    result.categories.push_back(std::move(*category));
  }
  return result;
}

}  // namespace thalweg::scoring
