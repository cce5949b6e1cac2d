#include "models/encoder.h"

#include "models/wait.h"

namespace thalweg::models {

std::string_view name(Precision precision) noexcept {
  switch (precision) {
    case Precision::f32:
      return "f32";
    case Precision::bf16:
      return "bf16";
    case Precision::f16:
      return "f16";
  }
  return "";
}

Result<Rows> Encoder::encode(std::vector<Text> texts, const Context& context) {
  Answer<Rows> answer;
  encode(std::move(texts), context, [&answer](Result<Rows> rows) { answer.set(std::move(rows)); });
  return answer.wait();
}

}  // namespace thalweg::models
