#include "scoring/report/html.h"

#include <algorithm>
#include <cmath>

#include "base/utf8.h"

namespace thalweg::scoring::html {

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const utf8::Step step = utf8::step(text, at);
    switch (step.code) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        if (step.code < 0x20 && step.code != '\n' && step.code != '\t') {
          utf8::append(out, 0x2400 + step.code);
        } else if ((step.code >= 0x7F && step.code < 0xA0) || step.code == 0xFFFE || step.code == 0xFFFF) {
          utf8::append(out, 0xFFFD);
        } else {
          utf8::append(out, step.code);
        }
    }
    at += step.length;
  }
  return out;
}

std::string quoted(std::string_view text, std::size_t most) {
  std::size_t at = 0;
  std::size_t taken = 0;
  for (; at < text.size() && taken < most; ++taken) at += utf8::step(text, at).length;
  std::string out = "<bdi>" + escape(text.substr(0, at)) + "</bdi>";
  if (at < text.size()) {
    std::size_t all = taken;
    for (; at < text.size(); ++all) at += utf8::step(text, at).length;
    out += fmt::format(" <span class=\"cut\">&hellip; ({} characters)</span>", count_text(static_cast<std::int64_t>(all)));
  }
  return out;
}

std::string count_text(std::int64_t count) {
  std::string digits = fmt::format("{}", count);
  const std::size_t first = digits.starts_with('-') ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string fixed(double number, int digits) {
  if (std::abs(number) >= 1e15) return fmt::format("{:.3g}", number);
  std::string text = fmt::format("{:.{}f}", number, digits);
  const bool zero = text.find_first_not_of("-0.") == std::string::npos;
  return zero && text.starts_with('-') ? text.substr(1) : text;
}

std::string percent(double share) { return fixed(share * 100, 1) + "%"; }

std::string round_percent(double share) {
  std::string text = fixed(share * 100, 1);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text + "%";
}

std::string milliseconds(double ms) {
  ms = std::max(ms, 0.0);
  if (ms >= 60'000) {
    const auto seconds = static_cast<std::int64_t>(std::llround(std::min(ms, 1e15) / 1000));
    return fmt::format("{} min {} s", count_text(seconds / 60), seconds % 60);
  }
  const double shown = ms >= 1000 ? ms / 1000 : ms;
  return fixed(shown, shown < 10 ? 2 : shown < 100 ? 1 : 0) + (ms >= 1000 ? " s" : " ms");
}

std::optional<double> number(const Value& map, std::string_view key) {
  const Value* found = map.find(key);
  if (found == nullptr || !found->is_number() || !std::isfinite(found->as_number())) return {};
  return found->as_number();
}

std::optional<double> share(const Value& map, std::string_view key) {
  const auto found = number(map, key);
  return found && *found >= 0 && *found <= 1 ? found : std::nullopt;
}

std::optional<std::int64_t> count(const Value& map, std::string_view key) {
  constexpr std::int64_t kMost = 1'000'000'000'000'000;  // sums of some stay far from the end of the type
  const Value* found = map.find(key);
  if (found == nullptr || !found->is_int() || found->as_int() < 0 || found->as_int() > kMost) return {};
  return found->as_int();
}

std::string_view text(const Value& map, std::string_view key) {
  const Value* found = map.find(key);
  return found != nullptr && found->is_string() ? found->as_string() : std::string_view();
}

std::span<const Value> list(const Value& map, std::string_view key) {
  const Value* found = map.find(key);
  return found != nullptr && found->is_list() ? found->items() : std::span<const Value>();
}

}  // namespace thalweg::scoring::html
