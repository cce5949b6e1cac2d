#include "base/log.h"

#include "stages/common.h"
#include "stages/stages.h"

namespace thalweg::stages {

namespace {
enum : std::size_t { kMessage, kLevel, kFields };

constexpr std::array<std::string_view, 4> kLevels{"debug", "info", "warning", "error"};

Result<Value> run(Call& call, LogLevel level) {
  Logger* logger = call.context().log();
  if (logger == nullptr) return Value();
  const std::string_view message = call.argument(kMessage).as_string();
  if (call.argument(kFields).is_map()) {
    logger->log(level, message, {{"fields", call.argument(kFields)}});
  } else {
    logger->log(level, message);
  }
  return Value();
}
}  // namespace

void add_log(Catalog& catalog) {
  catalog.add(
      {
          .name = "log",
          .version = "1",
          .summary = "Writes a line to the log (standard error).",
          .description = "One line with time, level, message and, when given, the fields as JSON. The result is null.",
          .example = R"yaml(name: noted
input: {question: string}
stages:
  - id: note
    uses: log
    with: {message: a question came in, fields: {length: "{{ size(input.question) }}"}}
output: "{{ input.question }}"
)yaml",
          .fields =
              {
                  {.name = "message", .type = Type(Type::Kind::string), .description = "what happened"},
                  {.name = "level",
                   .type = Type(Type::Kind::string),
                   .description = "debug, info, warning or error",
                   .binding = Binding::constant,
                   .required = false,
                   .fallback = Value("info"),
                   .limits = one_of(kLevels)},
                  {.name = "fields",
                   .type = Type::map(Type(Type::Kind::string), Type()),
                   .description = "values to be found by name",
                   .required = false},
              },
          .output = Type(Type::Kind::null),
          .deterministic = false,
          .effects = true,
      },
      [](const Configuration& configuration) -> Result<std::unique_ptr<Stage>> {
        const Value* given = configuration.constant("level");
        const std::string_view level = given == nullptr ? "info" : given->as_string();
        const auto known = std::ranges::find(kLevels, level);
        if (known == kLevels.end()) {
          const Error error(Code::invalid_argument, fmt::format("no level '{}'; known are {}", level, fmt::join(kLevels, ", ")));
          return std::unexpected(error.at("level"));
        }
        return stage_of([level = static_cast<LogLevel>(known - kLevels.begin())](Call& call) { return run(call, level); });
      });
}

}  // namespace thalweg::stages
