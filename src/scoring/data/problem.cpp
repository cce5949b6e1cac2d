#include "scoring/data/problem.h"

#include <algorithm>
#include <iterator>
#include <numeric>

#include "base/error.h"

namespace thalweg::scoring {

namespace {
constexpr std::array<std::string_view, kProblemKinds> kNames{
    "broken",      "duplicate_id",   "blank_text",        "unknown_category", "unknown_label", "bad_score",
    "unknown_key", "duplicate_text", "conflicting_texts", "no_labels",        "repeated_label"};
}

std::string_view name(ProblemKind kind) noexcept { return kNames[static_cast<std::size_t>(kind)]; }

bool is_warning(ProblemKind kind) noexcept { return kind >= ProblemKind::unknown_key; }

std::string Problem::text() const {
  return id.empty() ? fmt::format("{}: {}", place, message) : fmt::format("{}: ({}) {}", place, id, message);
}

Error Problem::error() const {
  return Error(Code::invalid_argument, id.empty() ? message : fmt::format("({}) {}", id, message)).at(place);
}

Value Problem::to_value() const {
  Value value = Value::map({{"kind", Value(name(kind))},
                            {"severity", Value(is_warning(kind) ? "warning" : "error")},
                            {"place", Value(place)},
                            {"row", Value(static_cast<std::int64_t>(row))},
                            {"line", Value(static_cast<std::int64_t>(line))}});
  if (!id.empty()) value = std::move(value).set("id", Value(id));
  return std::move(value).set("message", Value(message));
}

void Problems::add(Problem problem) {
  ++counts_[static_cast<std::size_t>(problem.kind)];
  if (kept_.size() < kMost) kept_.push_back(std::move(problem));
}

void Problems::add(const Problems& other) {
  for (std::size_t kind = 0; kind < kProblemKinds; ++kind) counts_[kind] += other.counts_[kind];
  const std::size_t room = kMost - std::min(kMost, kept_.size());
  kept_.insert(kept_.end(), other.kept_.begin(),
               other.kept_.begin() + static_cast<std::ptrdiff_t>(std::min(room, other.kept_.size())));
}

Problems in_order(const Problems& a, const Problems& b) {
  Problems all;
  for (std::size_t kind = 0; kind < kProblemKinds; ++kind) all.counts_[kind] = a.counts_[kind] + b.counts_[kind];
  // Each is in the order of the rows as it is.
  std::ranges::merge(a.kept_, b.kept_, std::back_inserter(all.kept_), {}, &Problem::row, &Problem::row);
  if (all.kept_.size() > Problems::kMost) all.kept_.resize(Problems::kMost);
  return all;
}

std::size_t Problems::warnings() const noexcept {
  return std::accumulate(counts_.begin() + static_cast<std::ptrdiff_t>(ProblemKind::unknown_key), counts_.end(), std::size_t{0});
}

std::size_t Problems::errors() const noexcept {
  return std::accumulate(counts_.begin(), counts_.end(), std::size_t{0}) - warnings();
}

}  // namespace thalweg::scoring
