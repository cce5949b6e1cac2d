#include "models/language_model.h"

#include "models/wait.h"

namespace thalweg::models {

std::string_view name(FinishReason reason) noexcept {
  switch (reason) {
    case FinishReason::stop:
      return "stop";
    case FinishReason::length:
      return "length";
  }
  return "";
}

Result<Generated> LanguageModel::generate(GenerateRequest request, const Context& context, Sink sink) {
  Answer<Generated> answer;
  generate(std::move(request), context, std::move(sink), [&answer](Result<Generated> made) { answer.set(std::move(made)); });
  return answer.wait();
}

}  // namespace thalweg::models
