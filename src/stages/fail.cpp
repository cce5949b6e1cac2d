#include "stages/common.h"
#include "stages/stages.h"

namespace thalweg::stages {

namespace {
enum : std::size_t { kMessage, kCode };

Result<Code> code_in(std::string_view name) {
  std::string upper(name);
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  const Code code = code_named(upper);
  if (code != Code::ok) return code;
  std::vector<std::string> known;
  for (int i = 1; i <= 16; ++i) {
    std::string lower(info(static_cast<Code>(i)).name);
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    known.push_back(std::move(lower));
  }
  const std::string near = nearest(name, known);
  return thalweg::fail(
      Code::invalid_argument, "no error code '{}'; {}", name,
      near.empty() ? fmt::format("known are {}", fmt::join(known, ", ")) : fmt::format("did you mean '{}'?", near));
}
}  // namespace

void add_fail(Catalog& catalog) {
  catalog.add(
      {
          .name = "fail",
          .version = "1",
          .summary = "Fails, with a message and a code.",
          .description =
              "To be used with `when`, or as a case of `switch`. The codes are gRPC's, in lower case: invalid_argument, "
              "not_found, failed_precondition, resource_exhausted, unavailable, ...",
          .example = R"yaml(name: no-empty-question
input: {question: string}
stages:
  - id: empty
    uses: fail
    when: size(input.question.trim()) == 0
    with: {message: the question is empty, code: invalid_argument}
output: "{{ input.question }}"
tests:
  - {input: {question: Why?}, expect: Why?}
)yaml",
          .fields =
              {
                  {.name = "message", .type = Type(Type::Kind::string), .description = "what is wrong and what to do about it"},
                  {.name = "code",
                   .type = Type(Type::Kind::string),
                   .description = "the kind of error",
                   .binding = Binding::constant,
                   .required = false,
                   .fallback = Value("failed_precondition")},
              },
          .output = Type(Type::Kind::null),
          .effects = true,
      },
      [](const Configuration& configuration) -> Result<std::unique_ptr<Stage>> {
        const Value* name = configuration.constant("code");
        const Code code = name == nullptr ? Code::failed_precondition : TRY(code_in(name->as_string()));
        return stage_of(
            [code](Call& call) -> Result<Value> { return thalweg::fail(code, "{}", call.argument(kMessage).as_string()); });
      });
}

}  // namespace thalweg::stages
