#include "models/text_stream.h"

#include <algorithm>

#include "base/utf8.h"

namespace thalweg::models {

namespace {
constexpr char32_t kReplacement = 0xFFFD;

// How many bytes at the end of `text` are the beginning of `stop`, but not all of it.
std::size_t beginning_at_end(std::string_view text, std::string_view stop) {
  std::size_t length = std::min(text.size(), stop.size() - 1);
  while (length > 0 && !stop.starts_with(text.substr(text.size() - length))) --length;
  return length;
}
}  // namespace

std::string TextStream::push(std::string_view bytes) {
  if (stopped_) return {};
  bytes_ += bytes;
  std::size_t at = 0;
  while (at < bytes_.size()) {
    const utf8::Step step = utf8::step(bytes_, at);
    const auto lead = static_cast<unsigned char>(bytes_[at]);
    const bool may_go_on = !step.valid && at + step.length == bytes_.size() && lead >= 0xC2 && lead <= 0xF4;
    if (may_go_on) break;
    if (step.valid) {
      held_.append(bytes_, at, step.length);
    } else {
      utf8::append(held_, kReplacement);
    }
    at += step.length;
  }
  bytes_.erase(0, at);
  return release(false);
}

std::string TextStream::finish() {
  if (stopped_) return {};
  if (!bytes_.empty()) utf8::append(held_, kReplacement);
  bytes_.clear();
  return release(true);
}

std::string TextStream::release(bool all) {
  std::size_t end = std::string::npos;
  for (const std::string& stop : stops_) end = std::min(end, held_.find(stop));
  stopped_ = end != std::string::npos;
  if (!stopped_) {
    end = held_.size();
    if (!all) {
      std::size_t back = 0;
      for (const std::string& stop : stops_) back = std::max(back, beginning_at_end(held_, stop));
      end -= back;
    }
  }
  std::string out = held_.substr(0, end);
  held_.erase(0, stopped_ ? std::string::npos : end);
  return out;
}

}  // namespace thalweg::models
