#include "scoring/models/label_model.h"

#include "models/wait.h"
#include "scoring/models/remembering_model.h"

namespace thalweg::scoring {

Result<RawScores> score(LabelModel& model, std::vector<Input> inputs, const Context& context) {
  models::Answer<RawScores> answer;
  model.score(std::move(inputs), context, [&answer](Result<RawScores> scores) { answer.set(std::move(scores)); });
  return answer.wait();
}

Result<std::shared_ptr<LabelModel>> open_label_model(const ModelConfig& config, const LabelsAsked& labels,
                                                     const ModelSource& source, const Context& context) {
  const auto opened = [&] {
    switch (config.type) {
      case ModelType::sentence_embeddings:
        return open_embedding_model(config, labels, source, context);
      case ModelType::zero_shot_classification:
        return open_entailment_model(config, labels, source.models);
      case ModelType::text_generation:
        return open_judge_model(config, labels, source.models);
      case ModelType::recorded:
        break;
    }
    return open_recorded_model(config, labels);
  };
  auto model = TRY(opened());
  return config.type == ModelType::recorded ? std::move(model) : remember(std::move(model), labels.names.size());
}

}  // namespace thalweg::scoring
