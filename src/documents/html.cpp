#include <lexbor/dom/interfaces/character_data.h>
#include <lexbor/html/html.h>

#include <algorithm>
#include <array>
#include <memory>

#include "documents/html_guard.h"
#include "documents/readers.h"

namespace thalweg::documents {

namespace {

std::string_view attribute(lxb_dom_node_t* node, std::string_view name) {
  std::size_t size = 0;
  const lxb_char_t* value = lxb_dom_element_get_attribute(lxb_dom_interface_element(node),
                                                          reinterpret_cast<const lxb_char_t*>(name.data()), name.size(), &size);
  return value == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(value), size);
}

// Classes that DocBook, Sphinx and Texinfo give to what leads through a manual without being part of it.
constexpr auto kFurniture = std::to_array<std::string_view>({"toc",
                                                             "toctree-wrapper",
                                                             "contents",
                                                             "navheader",
                                                             "navfooter",
                                                             "related",
                                                             "sphinxsidebar",
                                                             "headerlink",
                                                             "indextable",
                                                             "genindex-jumpbox",
                                                             "index",
                                                             "list-of-tables",
                                                             "list-of-figures",
                                                             "list-of-examples",
                                                             "footer",
                                                             "breadcrumbs",
                                                             "sidebar-nav",
                                                             "navbar",
                                                             "language_switcher_placeholder",
                                                             "legalnotice"});

bool has_furniture_class(std::string_view classes) {
  while (!classes.empty()) {
    const std::size_t end = classes.find_first_of(" \t\r\n");
    if (std::ranges::find(kFurniture, classes.substr(0, end)) != kFurniture.end()) return true;
    classes.remove_prefix(end == std::string_view::npos ? classes.size() : end + 1);
  }
  return false;
}

bool inside_article(lxb_dom_node_t* node) {
  for (auto* up = lxb_dom_node_parent(node); up != nullptr; up = lxb_dom_node_parent(up)) {
    const auto tag = lxb_dom_node_tag_id(up);
    if (tag == LXB_TAG_ARTICLE || tag == LXB_TAG_MAIN || tag == LXB_TAG_SECTION) return true;
  }
  return false;
}

bool left_out(lxb_dom_node_t* node, lxb_tag_id_t tag) {
  switch (tag) {
    case LXB_TAG_SCRIPT:
    case LXB_TAG_STYLE:
    case LXB_TAG_TEMPLATE:
    case LXB_TAG_NOSCRIPT:
    case LXB_TAG_HEAD:
    case LXB_TAG_NAV:
    case LXB_TAG_FOOTER:
    case LXB_TAG_FORM:
    case LXB_TAG_BUTTON:
    case LXB_TAG_SELECT:
    case LXB_TAG_SVG:
    case LXB_TAG_IFRAME:
      return true;
    case LXB_TAG_HEADER:
      if (!inside_article(node)) return true;
      break;
    default:
      break;
  }
  const std::string_view role = attribute(node, "role");
  return role == "navigation" || role == "search" || role == "contentinfo" || has_furniture_class(attribute(node, "class"));
}

int heading_level(lxb_tag_id_t tag) noexcept {
  return tag >= LXB_TAG_H1 && tag <= LXB_TAG_H6 ? static_cast<int>(tag - LXB_TAG_H1) + 1 : 0;
}

bool is_block(lxb_tag_id_t tag) noexcept {
  static constexpr auto kBlocks = std::to_array<lxb_tag_id_t>(
      {LXB_TAG_P,       LXB_TAG_DIV,     LXB_TAG_UL,         LXB_TAG_OL,      LXB_TAG_LI,      LXB_TAG_DL,
       LXB_TAG_DT,      LXB_TAG_DD,      LXB_TAG_BLOCKQUOTE, LXB_TAG_SECTION, LXB_TAG_ARTICLE, LXB_TAG_MAIN,
       LXB_TAG_BODY,    LXB_TAG_FIGURE,  LXB_TAG_FIGCAPTION, LXB_TAG_HR,      LXB_TAG_ADDRESS, LXB_TAG_DETAILS,
       LXB_TAG_SUMMARY, LXB_TAG_CAPTION, LXB_TAG_ASIDE,      LXB_TAG_CENTER,  LXB_TAG_HEADER,  LXB_TAG_FIELDSET});
  return std::ranges::find(kBlocks, tag) != kBlocks.end();
}

// Walks the tree in reading order without recursion, handing text to the builder block by block.
class Walk {
 public:
  explicit Walk(Builder& builder) : builder_(builder) {}

  void run(lxb_dom_node_t* root) {
    lxb_dom_node_t* node = root;
    while (node != nullptr) {
      lxb_dom_node_t* next = enter(node) ? lxb_dom_node_first_child(node) : nullptr;
      while (next == nullptr) {
        leave(node);
        if (node == root) {
          flush();
          return;
        }
        next = lxb_dom_node_next(node);
        if (next == nullptr) node = lxb_dom_node_parent(node);
      }
      node = next;
    }
  }

 private:
  // True when the children are to be visited.
  bool enter(lxb_dom_node_t* node) {
    if (node->type == LXB_DOM_NODE_TYPE_TEXT) {
      const lexbor_str_t& data = lxb_dom_interface_character_data(node)->data;
      text_.append(reinterpret_cast<const char*>(data.data), data.length);
      return false;
    }
    if (node->type != LXB_DOM_NODE_TYPE_ELEMENT) return node->type == LXB_DOM_NODE_TYPE_DOCUMENT;
    const lxb_tag_id_t tag = lxb_dom_node_tag_id(node);
    if (left_out(node, tag)) return false;
    if (tag == LXB_TAG_BR) {
      text_ += layout_ == nullptr ? ' ' : '\n';
      return false;
    }
    if (layout_ != nullptr) {
      if (table_ && is_block(tag)) text_ += ' ';
      return true;
    }
    if (tag == LXB_TAG_PRE || tag == LXB_TAG_TABLE) {
      flush();
      layout_ = node;
      table_ = tag == LXB_TAG_TABLE;
    } else if (tag == LXB_TAG_TEXTAREA) {
      return false;
    } else if (heading_level(tag) != 0) {
      flush();
      heading_ = node;
    } else if (is_block(tag)) {
      flush();
      if (tag == LXB_TAG_LI && prefix_.empty()) prefix_ = "- ";
    }
    return true;
  }

  void leave(lxb_dom_node_t* node) {
    if (node->type != LXB_DOM_NODE_TYPE_ELEMENT) return;
    const lxb_tag_id_t tag = lxb_dom_node_tag_id(node);
    if (layout_ != nullptr) {
      leave_layout(node, tag);
      return;
    }
    if (heading_ == node) {
      builder_.heading(heading_level(tag), single_spaced(text_));
      text_.clear();
      prefix_.clear();
      heading_ = nullptr;
    } else if (tag == LXB_TAG_DT) {
      // The term stands in front of its definition; several terms of one definition are joined.
      std::string term = single_spaced(text_);
      text_.clear();
      if (term.empty()) return;
      while (term.ends_with(':')) term.pop_back();
      prefix_ = prefix_.starts_with("- ") && prefix_.ends_with(": ") ? prefix_.substr(0, prefix_.size() - 2) + ", " + term + ": "
                                                                     : "- " + term + ": ";
    } else if (tag == LXB_TAG_DL && !prefix_.empty()) {
      builder_.paragraph(prefix_.substr(0, prefix_.size() - 2));  // a term without definition
      prefix_.clear();
    } else if (is_block(tag)) {
      flush();
      if (tag == LXB_TAG_LI) prefix_.clear();
    }
  }

  void leave_layout(lxb_dom_node_t* node, lxb_tag_id_t tag) {
    if (node == layout_) {
      flush_layout();
      layout_ = nullptr;
    } else if (table_ && (tag == LXB_TAG_TD || tag == LXB_TAG_TH)) {
      cells_ += (cells_.empty() || cells_.ends_with('\n') ? "" : " | ") + single_spaced(text_);
      text_.clear();
    } else if (table_ && (tag == LXB_TAG_TR || tag == LXB_TAG_CAPTION)) {
      if (tag == LXB_TAG_CAPTION) cells_ += single_spaced(text_);
      text_.clear();
      if (!cells_.empty() && !cells_.ends_with('\n')) cells_ += '\n';
    }
  }

  void flush_layout() {
    if (!prefix_.empty() && prefix_ != "- ") builder_.paragraph(prefix_.substr(0, prefix_.size() - 2));
    prefix_.clear();
    if (table_) {
      // Without its line breaks a table of one row reads as a paragraph.
      builder_.layout(cells_ + single_spaced(text_));
      cells_.clear();
    } else {
      builder_.layout(text_);
    }
    text_.clear();
  }

  void flush() {
    const std::string line = single_spaced(text_);
    text_.clear();
    if (line.empty()) return;
    if (heading_ != nullptr) {  // a block inside a heading
      text_ = line + ' ';
      return;
    }
    builder_.paragraph(prefix_ + line);
    prefix_.clear();
  }

  Builder& builder_;
  std::string text_;                   // since the last block
  std::string prefix_;                 // "- " or "- term: " for the next block
  std::string cells_;                  // rows of the table so far
  lxb_dom_node_t* layout_ = nullptr;   // the <pre> or <table> around this place
  lxb_dom_node_t* heading_ = nullptr;  // the heading around this place
  bool table_ = false;
};

}  // namespace

Result<Document> read_html(std::string_view text) {
  TRY(check_html(text));
  const std::unique_ptr<lxb_html_document_t, decltype(&lxb_html_document_destroy)> parsed(lxb_html_document_create(),
                                                                                          &lxb_html_document_destroy);
  if (parsed == nullptr) return fail(Code::resource_exhausted, "no memory for an HTML document");
  const auto status = lxb_html_document_parse(parsed.get(), reinterpret_cast<const lxb_char_t*>(text.data()), text.size());
  if (status != LXB_STATUS_OK) return fail(Code::resource_exhausted, "the HTML parser gave up (its status {})", status);
  Document document;
  std::size_t size = 0;
  if (const lxb_char_t* title = lxb_html_document_title(parsed.get(), &size)) {
    document.title = single_spaced({reinterpret_cast<const char*>(title), size});
  }
  Builder builder;
  Walk(builder).run(lxb_dom_interface_node(parsed.get()));
  document.sections = builder.finish();
  if (document.title.empty() && !document.sections.empty() && !document.sections.front().titles.empty()) {
    document.title = document.sections.front().titles.front();
  }
  return document;
}

}  // namespace thalweg::documents
