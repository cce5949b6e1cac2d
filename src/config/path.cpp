#include "config/path.h"

#include "base/utf8.h"

namespace thalweg::config {

namespace {

constexpr std::size_t kDeepest = 100;

bool is_plain(std::string_view key) { return !key.empty() && key.find_first_of(".\" \t\r\n=\\") == std::string_view::npos; }

// The key in quotes that begins at `at`, which moves behind its end. Nothing when it does not end.
Result<std::string> quoted(std::string_view text, std::size_t& at) {
  std::string key;
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\' && at + 1 < text.size()) ++at;
    key += text[at];
  }
  if (at >= text.size()) return fail(Code::invalid_argument, "'{}' is no path: a quote is not closed", utf8::cut(text));
  ++at;
  return key;
}

}  // namespace

Result<Keys> parse_path(std::string_view text) {
  if (utf8::invalid_at(text) != std::string_view::npos) return fail(Code::invalid_argument, "a path that is not UTF-8");
  Keys keys;
  for (std::size_t at = 0;; ++at) {
    const bool in_quotes = at < text.size() && text[at] == '"';
    if (in_quotes) {
      keys.push_back(TRY(quoted(text, at)));
    } else {
      const std::size_t end = std::min(text.find('.', at), text.size());
      keys.emplace_back(text.substr(at, end - at));
      at = end;
    }
    if ((keys.back().empty() && !in_quotes) || (at < text.size() && text[at] != '.')) {
      return fail(Code::invalid_argument, "'{}' is no path: names with single dots between them, such as layers.score.top_k",
                  utf8::cut(text));
    }
    if (keys.size() > kDeepest) return fail(Code::invalid_argument, "a path of more than {} names", kDeepest);
    if (at == text.size()) return keys;
  }
}

std::string join(std::string_view path, std::string_view key) {
  std::string out(path);
  if (!out.empty()) out += '.';
  if (is_plain(key)) return out.append(key);
  out += '"';
  for (const char c : key) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out += '"';
}

std::string path_text(const Keys& keys) {
  std::string out;
  for (const std::string& key : keys) out = join(out, key);
  return out;
}

}  // namespace thalweg::config
