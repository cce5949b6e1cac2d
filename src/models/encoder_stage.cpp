#include "models/encoder_stage.h"

#include "base/printable.h"

namespace thalweg::models {

Result<Value> EncoderStage::depends_on(std::span<const Value> arguments) const {
  return Value(TRY(models_->identity(arguments[model_].as_string())));
}

void EncoderStage::encode(const CallRef& call, Texts texts, Answer answer) const {
  // Let go of after the end was told.
  const std::shared_ptr<const void> working = call->working();
  auto loaded = [working, call, texts = std::move(texts),
                 answer = std::move(answer)](Result<std::shared_ptr<Encoder>> opened) mutable {
    if (!opened) return call->finish(std::unexpected(std::move(opened).error()));
    Encoder& encoder = **opened;
    auto asked = texts(encoder);
    if (!asked) return call->finish(std::unexpected(std::move(asked).error()));
    // The answer keeps the model until it is there.
    encoder.encode(std::move(*asked), call->context(),
                   [working, call, kept = std::move(*opened), answer = std::move(answer)](Result<Rows> rows) {
                     if (!rows) return call->finish(std::unexpected(std::move(rows).error()));
                     call->finish(answer(*kept, *rows));
                   });
  };
  models_->encoder(call->argument(model_).as_string(), std::move(loaded));
}

Field model_field(std::string_view description) {
  return {.name = "model",
          .type = Type(Type::Kind::string),
          .description = std::string(description),
          .required = false,
          .fallback = Value(kDefaultEncoder)};
}

Result<std::vector<Text>> texts_of(const Value& value, std::string_view field) {
  if (value.is_string()) return std::vector<Text>{{.text = std::string(value.as_string())}};
  if (!value.is_list()) {
    return fail(Code::invalid_argument, "'{}' must be a string or a list of strings, not {}", field,
                value.is_null() ? "null" : with_article(type_name(value.kind())));
  }
  std::vector<Text> texts;
  texts.reserve(value.size());
  for (const Value& item : value.items()) {
    if (!item.is_string()) return fail(Code::invalid_argument, "'{}[{}]' is no string", field, texts.size());
    texts.push_back({.text = std::string(item.as_string())});
  }
  return texts;
}

Result<> need_vectors(const Encoder& encoder, std::string_view stage) {
  if (encoder.kind() == EncoderKind::embedding) return {};
  return fail(Code::invalid_argument, "{} needs a model that gives vectors; this one is a classifier", stage);
}

}  // namespace thalweg::models
