#include "documents/evidence.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "text/sentences.h"
#include "thalweg/random.h"

namespace thalweg::documents {

namespace {

constexpr std::size_t kTelling = 20;  // bytes that a part must have to count as the whole
constexpr std::size_t kDraws = 2'000;

std::string with_single_spaces(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r\n\f\v";
  std::string out;
  while (true) {
    const std::size_t begin = text.find_first_not_of(kSpaces);
    if (begin == std::string_view::npos) return out;
    text.remove_prefix(begin);
    const std::size_t end = std::min(text.find_first_of(kSpaces), text.size());
    if (!out.empty()) out += ' ';
    out += text.substr(0, end);
    text.remove_prefix(end);
  }
}

std::vector<std::string> telling_sentences(std::string_view text) {
  std::vector<std::string> out;
  for (const text::Block& block : text::blocks(text)) {
    for (const text::Span& span : text::sentences(text, block)) {
      if (span.size() >= kTelling) out.emplace_back(span.in(text));
    }
  }
  return out;
}

bool ends_in(std::string_view path, std::string_view name) {
  if (!path.ends_with(name)) return false;
  return path.size() == name.size() || name.empty() || path[path.size() - name.size() - 1] == '/';
}

}  // namespace

Evidence::Evidence(std::vector<Place> places) : places_(std::move(places)) {
  for (Place& place : places_) {
    place.passage = with_single_spaces(place.passage);
    sentences_.push_back(telling_sentences(place.passage));
  }
}

bool Evidence::shown(std::string_view document, std::string_view text, bool parts_count) const {
  const std::string plain = with_single_spaces(text);
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const Place& place = places_[i];
    if (!ends_in(document, place.document)) continue;
    if (plain.contains(place.passage)) return true;
    if (std::ranges::any_of(sentences_[i], [&](const std::string& sentence) { return plain.contains(sentence); })) return true;
    if (parts_count && plain.size() >= kTelling && place.passage.contains(plain)) return true;
  }
  return false;
}

bool Evidence::shown_in(std::string_view document, std::string_view text) const { return shown(document, text, false); }

bool Evidence::quoted_in(std::string_view document, std::string_view quote) const { return shown(document, quote, true); }

Estimate estimate(std::span<const double> values) {
  if (values.empty()) return {};
  const auto count = static_cast<double>(values.size());
  Random random(values.size());
  std::vector<double> means(kDraws);
  for (double& mean : means) {
    double sum = 0;
    for (std::size_t i = 0; i < values.size(); ++i) sum += values[random.below(values.size())];
    mean = sum / count;
  }
  std::ranges::sort(means);
  const auto rank = [](double share) { return static_cast<std::size_t>(std::lround(share * static_cast<double>(kDraws - 1))); };
  return {std::accumulate(values.begin(), values.end(), 0.0) / count, means[rank(0.025)], means[rank(0.975)]};
}

}  // namespace thalweg::documents
