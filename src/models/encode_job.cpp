#include "models/encode_job.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace thalweg::models {

EncodeJob::EncodeJob(std::vector<Text> texts, const Context& context, std::size_t width, bool logits, Encoder::Done done)
    : context_(context), width_(width), logits_(logits), texts_(std::move(texts)), left_(texts_.size()), done_(std::move(done)) {
  rows_.width = width;
  rows_.values.resize(texts_.size() * width);
}

EncodeJob::~EncodeJob() {
  if (timer_ != 0) context_.clock().cancel(timer_);
}

void EncodeJob::watch() {
  const auto ended = [waiting = weak_from_this()] {
    const auto job = waiting.lock();
    if (job == nullptr) return;
    if (auto on = job->context_.check(); !on) job->finish(std::unexpected(std::move(on).error()));
  };
  if (context_.deadline() != kNever) timer_ = context_.clock().at(context_.deadline(), ended);
  on_stop_.emplace(context_.stop(), ended);
}

void EncodeJob::finish(Result<Rows> result) {
  if (finished_.exchange(true, std::memory_order_acq_rel)) return;
  Encoder::Done done = std::move(done_);
  done(std::move(result));
}

Result<> EncodeJob::cut(const Cutter& cutter, std::size_t tokens) {
  while (next_ < texts_.size() && ready_tokens_ < tokens) {
    TRY(context_.check());
    auto pieces = cutter.cut(texts_[next_]);
    if (!pieces) return std::unexpected(texts_.size() == 1 ? pieces.error() : pieces.error().at(fmt::format("texts[{}]", next_)));
    if (pieces->size() > 1)
      parts_[next_] = {.rows = std::vector<float>(pieces->size() * width_),
                       .weights = {},
                       .left = pieces->size(),
                       .part_done = std::move(texts_[next_].part_done)};
    for (std::size_t part = 0; part < pieces->size(); ++part) {
      Piece& piece = (*pieces)[part];
      if (pieces->size() > 1) parts_[next_].weights.push_back(piece.weight);
      ready_tokens_ += piece.ids.size();
      rows_.tokens += static_cast<std::int64_t>(piece.ids.size());
      ++rows_.parts;
      ready_.push_back({std::move(piece), next_, part});
    }
    texts_[next_++] = {};
  }
  return {};
}

void EncodeJob::take(const Ready& ready, std::span<const float> row) {
  ready_tokens_ -= ready.piece.ids.size();
  const std::span<float> into = std::span(rows_.values).subspan(ready.text * width_, width_);
  if (const auto several = parts_.find(ready.text); several != parts_.end()) {
    Parts& parts = several->second;
    std::ranges::copy(row, parts.rows.begin() + static_cast<std::ptrdiff_t>(ready.part * width_));
    if (parts.part_done) parts.part_done(static_cast<double>(width_) / static_cast<double>(parts.rows.size()));
    if (--parts.left > 0) return;
    pool(parts, into);
    parts_.erase(several);
  } else {
    std::ranges::copy(row, into.begin());
  }
  if (--left_ == 0) finish(std::move(rows_));
}

void EncodeJob::pool(const Parts& parts, std::span<float> row) const {
  const std::size_t count = parts.weights.size();
  if (logits_ && width_ == 1) {
    row[0] = *std::ranges::max_element(parts.rows);
    return;
  }
  double square = 0;
  double total = 0;
  for (const double weight : parts.weights) total += weight;
  for (std::size_t i = 0; i < width_; ++i) {
    double sum = 0;
    for (std::size_t part = 0; part < count; ++part)
      sum += parts.weights[part] * static_cast<double>(parts.rows[part * width_ + i]);
    row[i] = static_cast<float>(sum / total);
    square += sum / total * (sum / total);
  }
  if (logits_ || square <= 0) return;
  for (float& value : row) value = static_cast<float>(static_cast<double>(value) / std::sqrt(square));
}

}  // namespace thalweg::models
