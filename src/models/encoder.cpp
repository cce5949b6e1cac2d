#include "models/encoder.h"

#include "models/wait.h"

namespace thalweg::models {

std::string_view name(Precision precision) noexcept {
  switch (precision) {
    case Precision::f32:
      return "f32";
    case Precision::bf16:
      return "bf16";
  }
  return "";
}

Result<Precision> precision_named(std::string_view name) {
  for (const Precision precision : {Precision::f32, Precision::bf16}) {
    if (name == models::name(precision)) return precision;
  }
  return fail(Code::invalid_argument, "'{}' is no precision: f32 and bf16 are", name);
}

Result<Rows> Encoder::encode(std::vector<Text> texts, const Context& context) {
  Answer<Rows> answer;
  encode(std::move(texts), context, [&answer](Result<Rows> rows) { answer.set(std::move(rows)); });
  return answer.wait();
}

}  // namespace thalweg::models
