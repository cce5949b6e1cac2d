// Reads YAML and JSON with libfyaml's event parser. The library only ever sees text of a bounded size; the tree, the aliases and
// the limits are ours.

#include <libfyaml.h>

#include <set>

#include "base/utf8.h"
#include "engine/definition.h"
#include "engine/yaml_scalar.h"

namespace thalweg {
namespace {

std::unexpected<Error> wrong(std::string_view file, Place place, std::string message) {
  return std::unexpected(problems_error(file, {{.place = place, .path = {}, .message = std::move(message)}}));
}

Place place_at(std::string_view text, std::size_t offset) {
  Place place{1, 1};
  for (const char c : text.substr(0, offset)) {
    if (c == '\n') {
      ++place.line;
      place.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
      ++place.column;
    }
  }
  return place;
}

std::string_view text_of(fy_token* token) {
  std::size_t length = 0;
  const char* text = token == nullptr ? nullptr : fy_token_get_text(token, &length);
  return text == nullptr ? std::string_view{} : std::string_view(text, length);
}

// What YAML (c-printable) does not let stand in a text as it is: controls nowhere, the others in quotes only, as JSON has them.
constexpr bool is_control(char32_t c) { return c < 0x20 && c != '\t' && c != '\n' && c != '\r'; }
constexpr bool stands_in_quotes_only(char32_t c) { return (c >= 0x7F && c < 0xA0 && c != 0x85) || c == 0xFFFE || c == 0xFFFF; }

// The offset of the first such character, or npos. Precondition: UTF-8.
std::size_t first_of(std::string_view text, bool (*such)(char32_t)) {
  for (std::size_t at = 0; at < text.size();) {
    const utf8::Step step = utf8::step(text, at);
    if (such(step.code)) return at;
    at += step.length;
  }
  return std::string_view::npos;
}

std::string unprintable(std::string_view text, std::size_t at) {
  return fmt::format("the control character U+{0:04X} cannot stand {1}; in a string in double quotes write \\u{0:04X}",
                     static_cast<std::uint32_t>(utf8::step(text, at).code),
                     is_control(utf8::step(text, at).code) ? "in a definition" : "here");
}

class Reader {
 public:
  Reader(std::string_view file, std::string_view text) : file_(file), text_(text) {}
  ~Reader() {
    if (event_ != nullptr) fy_parser_event_free(parser_, event_);
    if (parser_ != nullptr) fy_parser_destroy(parser_);
    if (diagnostics_ != nullptr) fy_diag_destroy(diagnostics_);
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  /// After read(): what is wrong beside the grammar; the tree is whole but for those parts.
  [[nodiscard]] std::vector<Problem>& problems() noexcept { return problems_; }

  /// After read(): it was the grammar that was broken, not one of our limits.
  [[nodiscard]] bool syntax_failed() const noexcept { return syntax_failed_; }

  Result<Node> read(bool json) {
    TRY(open(json));
    while (next()) {
      switch (event_->type) {
        case FYET_DOCUMENT_START:
          if (documents_++ > 0)
            return wrong(file_, mark(event_->document_start.document_start),
                         "a second document begins here; a definition is one document");
          break;
        case FYET_SCALAR: {
          TRY(add(scalar(), event_->scalar.anchor));
          break;
        }
        case FYET_ALIAS:
          TRY(alias(event_->alias.anchor));
          break;
        case FYET_SEQUENCE_START:
          TRY(begin(Node::Kind::list, event_->sequence_start.sequence_start, event_->sequence_start.anchor,
                    event_->sequence_start.tag));
          break;
        case FYET_MAPPING_START:
          TRY(begin(Node::Kind::map, event_->mapping_start.mapping_start, event_->mapping_start.anchor,
                    event_->mapping_start.tag));
          break;
        case FYET_SEQUENCE_END:
        case FYET_MAPPING_END:
          TRY(end());
          break;
        default:
          break;
      }
    }
    syntax_failed_ = fy_parser_get_stream_error(parser_);
    if (syntax_failed_) return syntax_error();
    if (!root_) return wrong(file_, {1, 1}, "the definition is empty; it needs at least `name` and `stages`");
    return std::move(*root_);
  }

 private:
  struct Open {
    Node node;
    std::string anchor;
    std::size_t nodes_before = 0;
    std::string key;  // of a map: the key whose value comes next
    Place key_place;
    bool has_key = false;
    bool dropped = false;  // the value that comes next: its key was wrong
  };
  struct Anchor {
    Node node;
    std::size_t nodes = 0;
    bool finished = false;
  };

  Result<> open(bool json) {
    fy_diag_cfg diag{};
    fy_diag_cfg_default(&diag);
    diag.fp = nullptr;
    diag.output_fn = [](fy_diag*, void*, const char*, std::size_t) {};
    diag.colorize = false;
    diagnostics_ = fy_diag_create(&diag);
    if (diagnostics_ == nullptr) return fail(Code::resource_exhausted, "no memory to read {}", file_);
    fy_diag_set_collect_errors(diagnostics_, true);
    fy_parse_cfg config{};
    config.flags = static_cast<fy_parse_cfg_flags>(FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_DISABLE_DEPTH_LIMIT |
                                                   FYPCF_DEFAULT_VERSION_1_2 | (json ? FYPCF_JSON_FORCE : FYPCF_JSON_NONE));
    config.diag = diagnostics_;
    parser_ = fy_parser_create(&config);
    if (parser_ == nullptr || fy_parser_set_string(parser_, text_.data(), text_.size()) != 0) {
      return fail(Code::resource_exhausted, "no memory to read {}", file_);
    }
    return {};
  }

  bool next() {
    if (event_ != nullptr) fy_parser_event_free(parser_, event_);
    event_ = fy_parser_parse(parser_);
    return event_ != nullptr;
  }

  std::unexpected<Error> syntax_error() {
    void* iterator = nullptr;
    const fy_diag_error* error = fy_diag_errors_iterate(diagnostics_, &iterator);
    if (error == nullptr) return wrong(file_, last_, "this is neither YAML nor JSON");
    const Place place{static_cast<std::uint32_t>(std::max(error->line, 1)),
                      static_cast<std::uint32_t>(std::max(error->column, 1))};
    return wrong(file_, place, fmt::format("{}; the text is neither YAML nor JSON from here on", error->msg));
  }

  // Tokens of absent values have no mark: they stand behind what came before.
  Place mark(fy_token* token) {
    const fy_mark* at = token == nullptr ? nullptr : fy_token_start_mark(token);
    if (at == nullptr) return last_;
    last_ = {static_cast<std::uint32_t>(at->line + 1), static_cast<std::uint32_t>(at->column + 1)};
    return last_;
  }

  void note(Place place, std::string message) {
    problems_.push_back({.place = place, .path = {}, .message = std::move(message)});
  }

  Node scalar() {
    Node node;
    fy_token* token = event_->scalar.value;
    node.place = mark(token);
    const std::string_view text = text_of(token);
    if (token != nullptr) {
      const fy_mark* at = fy_token_start_mark(token);
      node.begin = at == nullptr ? 0 : static_cast<std::uint32_t>(at->input_pos);
    }
    fy_token* tag = event_->scalar.tag;
    switch (token == nullptr ? FYSS_PLAIN : fy_token_scalar_style(token)) {
      case FYSS_SINGLE_QUOTED:
        node.style = Node::Style::single_quoted;
        break;
      case FYSS_DOUBLE_QUOTED:
        node.style = Node::Style::double_quoted;
        break;
      case FYSS_LITERAL:
        node.style = Node::Style::literal;
        break;
      case FYSS_FOLDED:
        node.style = Node::Style::folded;
        break;
      default:
        break;
    }
    if (node.style == Node::Style::literal || node.style == Node::Style::folded) skip_to_content(node);
    const bool quoted = node.style == Node::Style::single_quoted || node.style == Node::Style::double_quoted;
    if (quoted && node.place.column > 1) {
      --node.place.column;  // the mark is behind the quote
    }
    if (!quoted) {
      if (const std::size_t at = first_of(text, stands_in_quotes_only); at != std::string_view::npos) {
        note(node.place, unprintable(text, at));
      }
    }
    YamlScalar found = tagged_scalar(text, node.style == Node::Style::plain, text_of(tag));
    if (!found.problem.empty()) note(node.place, std::move(found.problem));
    node.value = std::move(found.value);
    return node;
  }

  // A block scalar's mark is the begin of its first line.
  void skip_to_content(Node& node) const {
    while (node.begin < text_.size() && (text_[node.begin] == ' ' || text_[node.begin] == '\n' || text_[node.begin] == '\r')) {
      if (text_[node.begin] == '\n') {
        ++node.place.line;
        node.place.column = 0;
      }
      ++node.place.column;
      ++node.begin;
    }
  }

  Result<> begin(Node::Kind kind, fy_token* token, fy_token* anchor, fy_token* tag) {
    Open open;
    open.node.kind = kind;
    open.node.place = mark(token);
    if (stack_.size() >= kMaxDefinitionDepth) {
      return wrong(file_, open.node.place, fmt::format("nested deeper than {} levels", kMaxDefinitionDepth));
    }
    if (!stack_.empty() && stack_.back().node.kind == Node::Kind::map && !stack_.back().has_key) {
      return wrong(file_, open.node.place, "a list or map cannot be a key; keys are strings");
    }
    if (std::string problem = collection_tag_problem(text_of(tag), kind == Node::Kind::list); !problem.empty()) {
      note(open.node.place, std::move(problem));
    }
    open.anchor = text_of(anchor);
    open.nodes_before = nodes_;
    if (!open.anchor.empty()) anchors_[open.anchor] = {};
    TRY(count(1, open.node.place));
    stack_.push_back(std::move(open));
    return {};
  }

  Result<> end() {
    Open closed = std::move(stack_.back());
    stack_.pop_back();
    if (!closed.anchor.empty()) TRY(keep(closed.anchor, closed.node, nodes_ - closed.nodes_before));
    return attach(std::move(closed.node));
  }

  Result<> add(Node node, fy_token* anchor) {
    TRY(count(1, node.place));
    if (const std::string name(text_of(anchor)); !name.empty()) TRY(keep(name, node, 1));
    return attach(std::move(node));
  }

  // The copy kept for aliases counts too: what is refused is memory, however it is asked for.
  Result<> keep(const std::string& name, const Node& node, std::size_t nodes) {
    TRY(count(nodes, node.place));
    anchors_[name] = {node, nodes, true};
    return {};
  }

  Result<> alias(fy_token* token) {
    const std::string name(text_of(token));
    Place place = mark(token);
    if (place.column > 1) --place.column;  // the mark is behind the asterisk
    const auto found = anchors_.find(name);
    if (found == anchors_.end()) {
      return wrong(file_, place,
                   fmt::format("the alias *{} has no anchor; write &{} at the value it stands for, above", name, name));
    }
    if (!found->second.finished) return wrong(file_, place, fmt::format("the anchor &{} contains itself", name));
    TRY(count(found->second.nodes, place));
    if (stack_.size() + depth(found->second.node) > kMaxDefinitionDepth) {
      return wrong(file_, place, fmt::format("nested deeper than {} levels", kMaxDefinitionDepth));
    }
    return attach(found->second.node);
  }

  static std::size_t depth(const Node& node) {
    std::size_t most = 0;
    for (const Node& item : node.items) most = std::max(most, depth(item));
    for (const Node::Member& member : node.members) most = std::max(most, depth(member.node));
    return most + (node.kind == Node::Kind::scalar ? 0 : 1);
  }

  Result<> count(std::size_t nodes, Place place) {
    nodes_ += nodes;
    if (nodes_ <= kMaxDefinitionNodes) return {};
    return wrong(file_, place, fmt::format("more than {} values once aliases are expanded", kMaxDefinitionNodes));
  }

  Result<> attach(Node node) {
    if (stack_.empty()) {
      root_ = std::move(node);
      return {};
    }
    Open& parent = stack_.back();
    if (parent.node.kind == Node::Kind::list) {
      parent.node.items.push_back(std::move(node));
      return {};
    }
    if (parent.has_key && std::exchange(parent.dropped, false)) {
      parent.has_key = false;
      return {};
    }
    if (parent.has_key) {
      parent.node.members.push_back({std::move(parent.key), parent.key_place, std::move(node)});
      parent.has_key = false;
      return {};
    }
    if (!node.is_string()) {
      return wrong(file_, node.place, "a key must be a string; write it in quotes");
    }
    parent.key = node.value.as_string();
    parent.key_place = node.place;
    parent.has_key = true;
    if (node.style == Node::Style::plain && parent.key == "<<") {
      note(node.place,
           "merge keys (<<) are no part of YAML 1.2; write the fields out, or take a whole value by its alias (key: *name)");
      parent.dropped = true;
    } else if (!fresh(parent)) {
      note(node.place, fmt::format("the key '{}' is there twice", utf8::cut(parent.key)));
      parent.dropped = true;
    }
    return {};
  }

  // Short maps are looked through; the names of a long one are kept in a set.
  bool fresh(const Open& parent) {
    constexpr std::size_t kShort = 32;
    if (parent.node.members.size() < kShort) return parent.node.find(parent.key) == nullptr;
    auto& names = long_maps_[stack_.size()];
    if (parent.node.members.size() == kShort) {
      names.clear();
      for (const Node::Member& member : parent.node.members) names.insert(member.key);
    }
    return names.insert(parent.key).second;
  }

  std::string_view file_;
  std::string_view text_;
  fy_diag* diagnostics_ = nullptr;
  fy_parser* parser_ = nullptr;
  fy_event* event_ = nullptr;
  bool syntax_failed_ = false;
  Place last_{1, 1};
  std::size_t documents_ = 0;
  std::size_t nodes_ = 0;
  std::vector<Open> stack_;
  std::map<std::string, Anchor> anchors_;
  std::map<std::size_t, std::set<std::string>> long_maps_;  // by depth
  std::optional<Node> root_;
  std::vector<Problem> problems_;
};

}  // namespace

Result<Definition> parse_definition(std::string_view file_name, std::string text) {
  if (text.size() > kMaxDefinitionBytes) {
    return wrong(
        file_name, {1, 1},
        fmt::format("the definition has more than {} bytes; move data out of it into files or inputs", kMaxDefinitionBytes));
  }
  if (const std::size_t valid = utf8::invalid_at(text); valid != std::string_view::npos) {
    return wrong(file_name, place_at(text, valid), fmt::format("byte {} is no UTF-8; save the file as UTF-8", valid));
  }
  if (const std::size_t at = first_of(text, is_control); at != std::string_view::npos) {
    return wrong(file_name, place_at(text, at), unprintable(text, at));
  }
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  const bool looks_like_json = first != std::string::npos && (text[first] == '{' || text[first] == '[');
  Reader yaml(file_name, text);
  Result<Node> root = yaml.read(false);
  // The little of JSON that YAML does not take: a line break between a key and its colon, keys of more than 1,024 characters.
  if (!root && looks_like_json && yaml.syntax_failed()) {
    Reader json(file_name, text);
    if (Result<Node> read = json.read(true)) {
      root = std::move(read);
      yaml.problems() = std::move(json.problems());
    }
  }
  if (!root) return std::unexpected(std::move(root).error());
  return Definition{std::string(file_name), std::move(text), std::move(*root), std::move(yaml.problems())};
}

}  // namespace thalweg
