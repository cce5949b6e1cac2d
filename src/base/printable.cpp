#include "base/printable.h"

#include <algorithm>

#include "base/error.h"
#include "base/format.h"
#include "base/utf8.h"

namespace thalweg {

namespace {
bool is_plain_ascii(unsigned char c) { return c >= 0x20 && c < 0x7f; }

std::string escaped(std::string_view text, bool one_line) {
  if (std::ranges::all_of(text, is_plain_ascii)) return std::string(text);
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const utf8::Step step = utf8::step(text, at);
    const std::string_view bytes = text.substr(at, step.length);
    at += step.length;
    const bool line_end = step.code == '\n' || (step.code == '\r' && text.substr(at).starts_with('\n'));
    if (!step.valid) {
      for (const char byte : bytes) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
    } else if (!one_line && (line_end || step.code == '\t')) {
      out += bytes;
    } else if (step.code == '\n' || step.code == '\r' || step.code == '\t') {
      out += step.code == '\n' ? "\\n" : step.code == '\r' ? "\\r" : "\\t";
    } else if (step.code < 0x20 || step.code == 0x7f) {
      out += fmt::format("\\x{:02x}", static_cast<std::uint32_t>(step.code));
    } else if (step.code >= 0x80 && step.code < 0xa0) {
      out += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(step.code));
    } else {
      out += bytes;
    }
  }
  return out;
}
}  // namespace

std::string printable(std::string_view text) { return escaped(text, false); }
std::string printable_line(std::string_view text) { return escaped(text, true); }

}  // namespace thalweg
