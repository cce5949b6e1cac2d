#pragma once
// What the stages that use an encoder have in common.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/stage.h"
#include "models/models.h"

namespace thalweg::models {

/// Waits for the model and for the rows of its texts, on no thread of the engine's.
class EncoderStage : public Stage {
 public:
  /// `model` is the field with the model's name.
  EncoderStage(std::shared_ptr<Models> models, std::size_t model) : models_(std::move(models)), model_(model) {}
  /// The model's identity.
  [[nodiscard]] Result<Value> depends_on(std::span<const Value> arguments) const override;

 protected:
  using Texts = std::function<Result<std::vector<Text>>(const Encoder&)>;
  using Answer = std::function<Result<Value>(const Encoder&, const Rows&)>;
  /// Finishes `call` with what `answer` makes of the rows of `texts`.
  void encode(const CallRef& call, Texts texts, Answer answer) const;

 private:
  const std::shared_ptr<Models> models_;
  const std::size_t model_;
};

/// The field `model` of these stages.
[[nodiscard]] Field model_field(std::string_view description);

/// The strings of an argument that is a string or a list of strings. Errors: invalid_argument.
[[nodiscard]] Result<std::vector<Text>> texts_of(const Value& value, std::string_view field);

/// Errors: invalid_argument when it is no embedding model.
[[nodiscard]] Result<> need_vectors(const Encoder& encoder, std::string_view stage);

}  // namespace thalweg::models
