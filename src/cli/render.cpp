#include "cli/render.h"

#include <cmath>

#include "base/printable.h"

namespace thalweg::cli {

namespace {
constexpr int kDeepest = 20;

std::string scalar(const Value& value) {
  if (value.is_string()) return printable(value.as_string());
  if (value.is_real() && std::isnan(value.as_real())) return "NaN";
  if (value.is_real() && std::isinf(value.as_real())) return value.as_real() < 0 ? "-Infinity" : "Infinity";
  const auto json = to_json(value);
  return json ? *json : fmt::format("<{}>", type_name(value.kind()));
}

// What is one line where it stands: a key, the name of a file, a title.
std::string line_of(const Value& value) { return value.is_string() ? printable_line(value.as_string()) : scalar(value); }

bool is_name(std::string_view key) { return key == "path" || key == "document" || key == "title"; }

bool is_plain(const Value& value) { return !value.is_list() && !value.is_map(); }

void append_text(std::string& out, std::string_view text, std::size_t indent) {
  while (true) {
    const std::size_t end = text.find('\n');
    out += text.substr(0, end);
    out += '\n';
    if (end == std::string_view::npos || end + 1 == text.size()) return;
    text.remove_prefix(end + 1);
    out.append(indent, ' ');
  }
}

// The cursor stands behind `indent` spaces, or behind "- ".
void append(std::string& out, const Value& value, std::size_t indent, int depth) {
  if (is_plain(value) || value.size() == 0 || depth > kDeepest) return append_text(out, scalar(value), indent);
  bool first = true;
  const auto next_line = [&] {
    if (!first) out.append(indent, ' ');
    first = false;
  };
  const auto inside = [&](const std::string& key, const Value& held) {
    if (is_plain(held) || held.size() == 0) {
      out += ' ';
      append_text(out, is_name(key) ? line_of(held) : scalar(held), indent + 2);
    } else {
      out += '\n';
      out.append(indent + 2, ' ');
      append(out, held, indent + 2, depth + 1);
    }
  };
  if (value.is_list()) {
    for (const Value& item : value.items()) {
      next_line();
      out += "- ";
      append(out, item, indent + 2, depth + 1);
    }
  } else {
    for (const Entry& entry : value.entries()) {
      next_line();
      const std::string key = line_of(entry.key);
      out += key + ":";
      inside(key, entry.value);
    }
  }
}

const Value* text_in(const Value& map, std::string_view key) {
  const Value* found = map.find(key);
  return found != nullptr && found->is_string() && found->size() > 0 ? found : nullptr;
}

void append_source(std::string& out, const Value& source, std::size_t number) {
  const std::string mark = fmt::format("  [{}] ", number);
  out += mark;
  if (!source.is_map()) return append(out, source, mark.size(), 1);
  const Value* title = text_in(source, "title");
  const Value* document = text_in(source, "document");
  if (title != nullptr) out += line_of(*title) + (document != nullptr ? ", " : "");
  if (document != nullptr) out += line_of(*document);
  if (const Value* score = source.find("score"); score != nullptr && score->is_number()) {
    out += fmt::format(" (score {:.2f})", score->as_number());
  }
  out += '\n';
  if (const Value* text = text_in(source, "text")) {
    out.append(mark.size(), ' ');
    append_text(out, scalar(*text), mark.size());
  }
}
}  // namespace

std::string render(const Value& value, const Output& to) {
  std::string out;
  if (value.is_string() && !to.terminal()) {
    append_text(out, value.as_string(), 0);
    return out;
  }
  if (!value.is_map()) {
    append(out, value, 0, 0);
    return out;
  }
  const Value* text = text_in(value, "text");
  if (text != nullptr) append_text(out, scalar(*text), 0);
  for (const Entry& entry : value.entries()) {
    const std::string name = line_of(entry.key);
    if (text != nullptr && name == "text") continue;
    if (name == "sources" && entry.value.is_list()) {
      if (entry.value.size() == 0) continue;
      out += "\nSources:\n";
      std::size_t number = 0;
      for (const Value& source : entry.value.items()) append_source(out, source, ++number);
      continue;
    }
    append(out, Value::map({{entry.key, entry.value}}), 0, 0);
  }
  if (value.size() == 0) out = "{}\n";
  return out;
}

Result<> print_json(Output& out, const Value& value, JsonStyle style) {
  std::string text;
  TRY(append_json(text, value, style));
  return out.write(text + '\n');
}

}  // namespace thalweg::cli
