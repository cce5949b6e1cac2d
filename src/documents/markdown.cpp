#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm-extension_api.h>
#include <cmark-gfm.h>

#include <memory>
#include <mutex>

#include "documents/readers.h"

namespace thalweg::documents {

namespace {

// Text of an inline or of a table cell and all below it.
std::string inline_text(cmark_node* node) {
  std::string text;
  const std::unique_ptr<cmark_iter, decltype(&cmark_iter_free)> walk(cmark_iter_new(node), &cmark_iter_free);
  for (cmark_event_type event = cmark_iter_next(walk.get()); event != CMARK_EVENT_DONE; event = cmark_iter_next(walk.get())) {
    cmark_node* here = cmark_iter_get_node(walk.get());
    if (event != CMARK_EVENT_ENTER) continue;
    const auto type = cmark_node_get_type(here);
    if (type == CMARK_NODE_TEXT || type == CMARK_NODE_CODE) {
      if (const char* literal = cmark_node_get_literal(here)) text += literal;
    } else if (type == CMARK_NODE_SOFTBREAK || type == CMARK_NODE_LINEBREAK) {
      text += ' ';
    }
  }
  return text;
}

std::string table_text(cmark_node* table) {
  std::string text;
  for (cmark_node* row = cmark_node_first_child(table); row != nullptr; row = cmark_node_next(row)) {
    std::string line;
    for (cmark_node* cell = cmark_node_first_child(row); cell != nullptr; cell = cmark_node_next(cell)) {
      line += (line.empty() ? "" : " | ") + single_spaced(inline_text(cell));
    }
    text += line + '\n';
  }
  return text;
}

// A block of raw HTML without its tags.
std::string without_tags(std::string_view html) {
  std::string text;
  bool inside = false;
  for (const char c : html) {
    if (c == '<') inside = true;
    if (!inside) text += c;
    if (c == '>') inside = false;
  }
  return text;
}

}  // namespace

Result<Document> read_markdown(std::string_view text) {
  static std::once_flag registered;  // the library keeps its list of extensions for the whole program
  std::call_once(registered, [] { cmark_gfm_core_extensions_ensure_registered(); });
  const std::unique_ptr<cmark_parser, decltype(&cmark_parser_free)> parser(cmark_parser_new(CMARK_OPT_DEFAULT),
                                                                           &cmark_parser_free);
  for (const char* name : {"table", "strikethrough", "tasklist"}) {
    if (cmark_syntax_extension* extension = cmark_find_syntax_extension(name)) {
      cmark_parser_attach_syntax_extension(parser.get(), extension);
    }
  }
  cmark_parser_feed(parser.get(), text.data(), text.size());
  const std::unique_ptr<cmark_node, decltype(&cmark_node_free)> tree(cmark_parser_finish(parser.get()), &cmark_node_free);
  if (tree == nullptr) return fail(Code::resource_exhausted, "the Markdown parser gave up");

  Document document;
  Builder builder;
  bool item = false;  // the next paragraph is the first of a list item
  const std::unique_ptr<cmark_iter, decltype(&cmark_iter_free)> walk(cmark_iter_new(tree.get()), &cmark_iter_free);
  for (cmark_event_type event = cmark_iter_next(walk.get()); event != CMARK_EVENT_DONE; event = cmark_iter_next(walk.get())) {
    if (event != CMARK_EVENT_ENTER) continue;
    cmark_node* node = cmark_iter_get_node(walk.get());
    const auto type = cmark_node_get_type(node);
    if (type == CMARK_NODE_HEADING) {
      std::string title = single_spaced(inline_text(node));
      if (document.title.empty()) document.title = title;
      builder.heading(cmark_node_get_heading_level(node), std::move(title));
    } else if (type == CMARK_NODE_PARAGRAPH) {
      builder.paragraph((item ? "- " : "") + inline_text(node));
      item = false;
    } else if (type == CMARK_NODE_ITEM) {
      item = true;
    } else if (type == CMARK_NODE_CODE_BLOCK) {
      if (const char* literal = cmark_node_get_literal(node)) builder.layout(literal);
      item = false;
    } else if (type == CMARK_NODE_HTML_BLOCK) {
      if (const char* literal = cmark_node_get_literal(node)) builder.paragraph(without_tags(literal));
    } else if (std::string_view(cmark_node_get_type_string(node)) == "table") {
      builder.layout(table_text(node));
    } else {
      continue;
    }
    if (cmark_node_first_child(node) != nullptr && type != CMARK_NODE_ITEM) {
      cmark_iter_reset(walk.get(), node, CMARK_EVENT_EXIT);  // its text is taken
    }
  }
  document.sections = builder.finish();
  return document;
}

}  // namespace thalweg::documents
