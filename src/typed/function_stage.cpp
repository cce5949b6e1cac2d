#include "typed/function_stage.h"

#include <exception>
#include <stop_token>

#include "base/error.h"
#include "base/utf8.h"

namespace thalweg::typed {

namespace {

/// Calls the function. What one call throws is that call's failure alone.
class FunctionStage final : public Stage {
 public:
  explicit FunctionStage(const detail::Function& function) : call_(function.call), takes_context_(function.takes_context) {}

  void run(std::span<Call*> calls) const override {
    for (Call* call : calls) call->finish(result(*call));
  }

 private:
  Result<Value> result(const Call& call) const {
    const Context& context = call.context();
    try {
      if (!takes_context_ || context.deadline() == kNever) return call_(call.arguments(), context);
      return limited(call.arguments(), context);
    } catch (const std::exception& exception) {
      return fail(Code::internal, "the function threw: {}", exception.what());
    } catch (...) {
      return fail(Code::internal, "the function threw something that is no std::exception");
    }
  }

  // The engine's thread is in the function, so that a deadline would be seen behind it only: the stop token tells it at once.
  Result<Value> limited(std::span<const Value> arguments, const Context& context) const {
    std::stop_source stop;
    const std::stop_callback link(context.stop(), [&stop] { stop.request_stop(); });
    const TimerId timer = context.clock().at(context.deadline(), [stop]() mutable { stop.request_stop(); });
    auto result = call_(arguments, context.with_stop(stop.get_token()));
    context.clock().cancel(timer);
    return result;
  }

  std::function<Result<Value>(std::span<const Value>, const Context&)> call_;
  bool takes_context_;
};

Result<Type> type_of(std::string_view text) {
  auto type = lang::parse_type(text);
  if (type) return type;
  const Error error(Code::invalid_argument, fmt::format("a Codec's type() is '{}', which is no type", utf8::cut(text)));
  return std::unexpected(error.because(type.error()));
}

bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

}  // namespace

Result<> add_function(Catalog& catalog, const std::string& name, const detail::Function& function) {
  Contract contract{.name = name,
                    .version = function.options.version,
                    .summary = "A function of the program.",
                    .description = "A function of the program.",
                    .example = "",
                    .output = TRY(type_of(function.result)),
                    .deterministic = function.options.deterministic};
  for (const detail::Parameter& parameter : function.parameters) {
    const Type type = TRY(type_of(parameter.type));
    contract.fields.push_back(
        {.name = parameter.name, .type = type, .description = "what it is called with", .required = !type.may_be_absent()});
  }
  catalog.add(std::move(contract), [function](const Configuration&) -> Result<std::unique_ptr<Stage>> {
    return std::make_unique<FunctionStage>(function);
  });
  return {};
}

Result<> check_function_name(std::string_view name) {
  const bool good = !name.empty() && letter(name.front()) &&
                    std::ranges::all_of(name, [](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '-'; });
  if (good) return {};
  return fail(Code::invalid_argument, "'{}' is no name for a function: write letters, digits and _ . -, a letter first",
              utf8::cut(name));
}

}  // namespace thalweg::typed
