#pragma once
// From a template's text to its pieces.

#include <string>
#include <string_view>

#include "lang/checker.h"
#include "lang/parser.h"
#include "lang/template_program.h"

namespace thalweg::lang {

/// Reads a whole template, checking each expression where it stands, so that every problem is found in one pass.
class TemplateParser {
 public:
  TemplateParser(TemplateProgram& program, const Scope& scope, const CompileOptions& options, Problems& problems)
      : out_(program),
        source_(program.program.source),
        problems_(problems),
        checker_(scope, options, locals_, problems, program.program) {}

  void whole();

 private:
  /// How a body ended: the tag that belongs to the block around it, or "".
  struct End {
    std::string tag;
    std::size_t offset = 0;  ///< of the tag's name
    std::size_t after = 0;   ///< where reading the tag goes on
  };

  End body(Pieces& into, int depth);
  void text(Pieces& into, std::size_t end, bool trim_end);
  void value(Pieces& into);
  End tag(Pieces& into, int depth);
  void choice(Pieces& into, Parser& parser, std::size_t offset, int depth);
  void loop(Pieces& into, Parser& parser, std::size_t offset, int depth);
  void set(Pieces& into, Parser& parser);
  void raw(Pieces& into, std::size_t offset);
  const Node* expression(Parser& parser);
  bool close(Parser& parser, std::string_view how);
  void recover(std::size_t from, std::string_view how);
  void missing(std::size_t offset, std::string_view block, std::string_view wanted, const End& found);

  TemplateProgram& out_;
  const std::string& source_;
  Problems& problems_;
  Locals locals_;
  Checker checker_;
  std::size_t at_ = 0;
  bool trim_next_ = false;      ///< the last tag ended in "-"
  std::size_t loop_start_ = 0;  ///< locals visible before the innermost loop's body
};

}  // namespace thalweg::lang
