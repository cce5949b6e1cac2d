#include "lang/template_parser.h"

#include <algorithm>

#include "base/utf8.h"
#include "lang/text.h"

namespace thalweg::lang {

namespace {
constexpr int kDeepestBlocks = 50;
constexpr std::string_view kTags[] = {"if", "elif", "else", "endif", "for", "endfor", "set", "raw", "endraw"};

bool space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

Type loop_type() {
  return Type::object({{"index", Type::Kind::integer},
                       {"index0", Type::Kind::integer},
                       {"first", Type::Kind::boolean},
                       {"last", Type::Kind::boolean},
                       {"length", Type::Kind::integer}});
}
}  // namespace

void TemplateParser::whole() {
  const End end = body(out_.pieces, 0);
  if (!end.tag.empty()) problems_.add(end.offset, "'{}' without its beginning", end.tag);
  out_.program.locals = locals_.most();
}

void TemplateParser::text(Pieces& into, std::size_t end, bool trim_end) {
  std::string_view piece = std::string_view(source_).substr(at_, end - at_);
  if (trim_next_) {
    while (!piece.empty() && space(piece.front())) piece.remove_prefix(1);
  }
  if (trim_end) {
    while (!piece.empty() && space(piece.back())) piece.remove_suffix(1);
  }
  trim_next_ = false;
  if (piece.empty()) return;
  if (!into.empty() && into.back().kind == Piece::Kind::text) {
    into.back().text += piece;
  } else {
    into.emplace_back().text = piece;
  }
}

TemplateParser::End TemplateParser::body(Pieces& into, int depth) {
  while (true) {
    std::size_t open = at_;
    do {
      open = source_.find('{', open);
      if (open == std::string::npos || open + 1 >= source_.size()) open = source_.size();
    } while (open < source_.size() && source_[open + 1] != '{' && source_[open + 1] != '%' && source_[open + 1] != '#' &&
             ++open != 0);
    if (open >= source_.size()) {
      text(into, source_.size(), false);
      at_ = source_.size();
      return {};
    }
    const char kind = source_[open + 1];
    const bool trim = open + 2 < source_.size() && source_[open + 2] == '-';
    text(into, open, trim);
    at_ = open + (trim ? 3 : 2);
    if (kind == '#') {
      const std::size_t end = source_.find("#}", at_);
      if (end == std::string::npos) {
        problems_.add(open, "the comment is not closed with '#}}'");
        at_ = source_.size();
      } else {
        trim_next_ = end > at_ && source_[end - 1] == '-';
        at_ = end + 2;
      }
    } else if (kind == '{') {
      value(into);
    } else if (End end = tag(into, depth); !end.tag.empty()) {
      return end;
    }
  }
}

// The end of a tag: "}}" or "%}", with a "-" before it that eats white space.
bool TemplateParser::close(Parser& parser, std::string_view how) {
  const Token& token = parser.token();
  if (token.kind == Token::Kind::close_tag) {
    const bool trim = source_[token.offset] == '-';
    if (std::string_view(source_).substr(token.offset + (trim ? 1 : 0), 2) == how) {
      trim_next_ = trim;
      at_ = token.offset + (trim ? 3 : 2);
      return true;
    }
  }
  if (token.kind == Token::Kind::wrong) {
    problems_.add_text(token.offset, token.text);
  } else if (token.kind == Token::Kind::end) {
    problems_.add(token.offset, "the tag is not closed with '{}'", how);
  } else {
    problems_.add(token.offset, "'{}' stands where '{}' is expected",
                  std::string_view(source_).substr(token.offset, std::max<std::size_t>(token.size, 2)), how);
  }
  return false;
}

void TemplateParser::recover(std::size_t from, std::string_view how) {
  const std::size_t end = source_.find(how, from);
  at_ = end == std::string::npos ? source_.size() : end + how.size();
  trim_next_ = false;
}

const Node* TemplateParser::expression(Parser& parser) {
  Node* node = parser.expression();
  if (node != nullptr) checker_.check_whole(*node);
  return node;
}

void TemplateParser::value(Pieces& into) {
  const std::size_t start = at_;
  Parser parser(source_, start, true, out_.program.nodes, problems_);
  Piece piece;
  piece.kind = Piece::Kind::value;
  piece.expression = expression(parser);
  if (piece.expression == nullptr || !close(parser, "}}")) {
    recover(start, "}}");
    return;
  }
  into.push_back(std::move(piece));
}

TemplateParser::End TemplateParser::tag(Pieces& into, int depth) {
  const std::size_t start = at_;
  Parser parser(source_, start, true, out_.program.nodes, problems_);
  const std::string name = parser.token().kind == Token::Kind::name ? parser.token().text : std::string();
  const std::size_t offset = parser.token().offset;
  if (std::ranges::find(kTags, name) == std::end(kTags)) {
    problems_.add(offset, "no tag '{}'{}", utf8::cut(name), suggestion(nearest(name, kTags)));
    recover(start, "%}");
    return {};
  }
  if (name == "elif" || name == "else" || name == "endif" || name == "endfor" || name == "endraw")
    return {name, offset, offset + name.size()};
  if (depth >= kDeepestBlocks) {
    problems_.add(offset, "blocks are nested more than {} deep", kDeepestBlocks);
    at_ = source_.size();
    return {};
  }
  parser.advance();
  if (name == "if") {
    choice(into, parser, offset, depth);
  } else if (name == "for") {
    loop(into, parser, offset, depth);
  } else if (name == "set") {
    set(into, parser);
  } else if (close(parser, "%}")) {
    raw(into, offset);
  } else {
    recover(start, "%}");
  }
  return {};
}

void TemplateParser::missing(std::size_t offset, std::string_view block, std::string_view wanted, const End& found) {
  if (found.tag.empty()) {
    problems_.add(offset, "'{}' is not ended by '{}'", block, wanted);
  } else {
    problems_.add(found.offset, "'{}' stands where '{}' is expected", found.tag, wanted);
    recover(found.after, "%}");
  }
}

void TemplateParser::choice(Pieces& into, Parser& parser, std::size_t offset, int depth) {
  Piece piece;
  piece.kind = Piece::Kind::choice;
  Branch first;
  first.condition = expression(parser);
  if (first.condition == nullptr || !close(parser, "%}")) recover(at_, "%}");
  End end = body(first.body, depth + 1);
  piece.branches.push_back(std::move(first));
  while (end.tag == "elif") {
    Parser inner(source_, end.after, true, out_.program.nodes, problems_);
    Branch branch;
    branch.condition = expression(inner);
    if (branch.condition == nullptr || !close(inner, "%}")) recover(end.after, "%}");
    end = body(branch.body, depth + 1);
    piece.branches.push_back(std::move(branch));
  }
  if (end.tag == "else") {
    Parser inner(source_, end.after, true, out_.program.nodes, problems_);
    if (!close(inner, "%}")) recover(end.after, "%}");
    Branch branch;
    end = body(branch.body, depth + 1);
    piece.branches.push_back(std::move(branch));
  }
  if (end.tag != "endif") {
    missing(offset, "if", "endif", end);
    return;
  }
  Parser inner(source_, end.after, true, out_.program.nodes, problems_);
  if (!close(inner, "%}")) recover(end.after, "%}");
  into.push_back(std::move(piece));
}

void TemplateParser::loop(Pieces& into, Parser& parser, std::size_t offset, int depth) {
  Piece piece;
  piece.kind = Piece::Kind::loop;
  const std::string first = parser.name("a variable");
  std::string second;
  bool good = !first.empty();
  if (good && parser.take(",")) {
    second = parser.name("a second variable");
    good = !second.empty();
    piece.two_variables = true;
  }
  if (good && !parser.take("in")) {
    problems_.add(parser.token().offset, "'in' is expected: {{% for x in list %}}");
    good = false;
  }
  if (good) piece.expression = expression(parser);
  if (piece.expression == nullptr || !close(parser, "%}")) recover(at_, "%}");
  Type item, key = Type::Kind::string;
  if (piece.expression != nullptr) {
    const Type& range = piece.expression->type;
    if (range.is(Type::Kind::list) || range.is(Type::Kind::stream)) {
      item = range.argument(0);
      key = Type::Kind::integer;
    } else if (range.is(Type::Kind::map)) {
      key = range.argument(0);
      item = piece.two_variables ? range.argument(1) : key;
    } else if (range.is(Type::Kind::object)) {
      item = piece.two_variables ? Type() : key;
    } else if (range.is(Type::Kind::floats)) {
      item = Type::Kind::real;
      key = Type::Kind::integer;
    } else if (!range.is_dyn()) {
      problems_.add(piece.expression->offset, "'for' needs a list or a map, not {}", range.text());
    } else {
      key = Type();
    }
  }
  const std::size_t visible = locals_.visible().size();
  const std::size_t outer_start = std::exchange(loop_start_, visible);
  piece.slot = locals_.add(first, piece.two_variables ? key : item);
  if (piece.two_variables) locals_.add(second, item);
  piece.first_inner = locals_.add("loop", loop_type()) + 1;
  const std::size_t body_start = at_;
  Branch inside;
  End end = body(inside.body, depth + 1);
  piece.last_inner = locals_.most();
  piece.uses_loop = std::string_view(source_).substr(body_start, at_ - body_start).find("loop") != std::string_view::npos;
  locals_.drop(locals_.visible().size() - visible);
  loop_start_ = outer_start;
  piece.branches.push_back(std::move(inside));
  if (end.tag == "else") {
    Parser inner(source_, end.after, true, out_.program.nodes, problems_);
    if (!close(inner, "%}")) recover(end.after, "%}");
    Branch none;
    end = body(none.body, depth + 1);
    piece.branches.push_back(std::move(none));
  }
  if (end.tag != "endfor") {
    missing(offset, "for", "endfor", end);
    return;
  }
  Parser inner(source_, end.after, true, out_.program.nodes, problems_);
  if (!close(inner, "%}")) recover(end.after, "%}");
  into.push_back(std::move(piece));
}

void TemplateParser::set(Pieces& into, Parser& parser) {
  Piece piece;
  piece.kind = Piece::Kind::set;
  const std::size_t start = at_;
  const std::string name = parser.name("a variable");
  if (!name.empty() && parser.assignment()) piece.expression = expression(parser);
  if (piece.expression == nullptr || !close(parser, "%}")) {
    recover(start, "%}");
    if (!name.empty() && locals_.find(name) == nullptr) locals_.add(name, {});  // so that its uses are no further problems
    return;
  }
  // Set again in the same loop body (or outside of loops) it is the same variable; inside a loop it hides an outer one.
  const std::vector<Variable>& visible = locals_.visible();
  const auto known = std::find_if(visible.begin() + static_cast<std::ptrdiff_t>(loop_start_), visible.end(),
                                  [&](const Variable& variable) { return variable.name == name; });
  if (known != visible.end()) {
    piece.slot = known->slot;
    Variable& variable = *locals_.find(name);
    variable.type = join(variable.type, piece.expression->type);
  } else {
    piece.slot = locals_.add(name, piece.expression->type);
  }
  out_.program.may_share = true;
  into.push_back(std::move(piece));
}

void TemplateParser::raw(Pieces& into, std::size_t offset) {
  for (std::size_t open = source_.find("{%", at_); open != std::string::npos; open = source_.find("{%", open + 2)) {
    std::size_t name = open + 2;
    const bool trim = name < source_.size() && source_[name] == '-';
    if (trim) ++name;
    while (name < source_.size() && space(source_[name])) ++name;
    if (std::string_view(source_).substr(name, 6) != "endraw") continue;
    text(into, open, trim);
    Parser parser(source_, name + 6, true, out_.program.nodes, problems_);
    if (!close(parser, "%}")) recover(name, "%}");
    return;
  }
  problems_.add(offset, "'raw' is not ended by 'endraw'");
  at_ = source_.size();
}

}  // namespace thalweg::lang
