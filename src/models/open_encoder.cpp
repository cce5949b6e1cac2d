#include <algorithm>
#include <filesystem>
#include <thread>

#include "base/cores.h"
#include "base/machine.h"
#include "base/module.h"
#include "models/batching_encoder.h"
#include "models/encoder_folder.h"
#include "models/files.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace thalweg::models {

namespace {

// Where no file says how long a piece may be: what BERT and its kin were trained with.
constexpr std::size_t kUsualTokens = 512;

// The file that the compiled network is kept in: its name stands for the model's files, the module with all it is linked to, the
// precision and the processor.
Result<std::string> kept_file(const std::string& model, const EncoderFolder& folder, const Module& module,
                              const EncoderOptions& options) {
  if (options.cache_folder.empty()) return std::string();
  const std::string& opener = module.path();
  std::error_code ignored;
  const std::string key = fmt::format(
      "{}\n{}\n{} {} {}", state_of(std::filesystem::absolute(model, ignored).string(), TRY(model_files(model, folder))),
      state_of(opener, TRY(model_files(opener))), name(options.precision), processor_name(), usable_cores());
  const XXH128_hash_t hash = XXH3_128bits(key.data(), key.size());
  return fmt::format("{}/{:016x}{:016x}", options.cache_folder, hash.high64, hash.low64);
}

Result<std::unique_ptr<Network>> open_network(const std::string& model, const EncoderFolder& folder,
                                              const EncoderOptions& options) {
  const Module module = TRY(open_module("openvino"));
  auto* const factory = TRY(module.function<NetworkFactory>(kNetworkFactory));
  Result<std::unique_ptr<Network>> made;
  factory(folder, options.precision, TRY(kept_file(model, folder, module, options)), made);
  return made;
}

// Texts would be given numbers that mean something else, or nothing, in another model's table.
Result<> check_vocabulary(const EncoderFolder& folder, const Tokenizer& tokenizer, std::size_t rows) {
  const std::size_t known = tokenizer.vocabulary();
  // Tables are often rounded up, by less than a tenth.
  if (rows == 0 || (known <= rows && known >= rows - rows / 10)) return {};
  return fail(Code::data_loss, "{} knows {} tokens and {} has {}: they belong to different models", folder.tokenizer, known,
              folder.weights, rows);
}

Result<std::vector<std::string>> labels_for(const EncoderFolder& folder, const Network& network) {
  if (network.kind() == EncoderKind::embedding) return std::vector<std::string>();
  if (folder.labels.size() == network.width()) return folder.labels;
  if (!folder.labels.empty() && folder.kind == WeightsKind::safetensors) {
    return fail(Code::data_loss, "{} gives {} logits, its config.json names {} labels", folder.weights, network.width(),
                folder.labels.size());
  }
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < network.width(); ++i) labels.push_back(fmt::format("LABEL_{}", i));
  return labels;
}

}  // namespace

Result<std::shared_ptr<Encoder>> open_encoder(const std::string& folder, const EncoderOptions& options) {
  const EncoderFolder found = TRY(read_encoder_folder(folder));
  // Beside each other: a third of the time is the tokenizer's.
  Result<Tokenizer> opened = fail(Code::internal, "the tokenizer is not read");
  std::thread reading([&] { opened = Tokenizer::open(found.tokenizer); });
  auto built = open_network(folder, found, options);
  reading.join();
  Tokenizer tokenizer = TRY(std::move(opened));
  TRY(check_vocabulary(found, tokenizer, found.kind == WeightsKind::safetensors ? found.architecture.vocabulary : 0));
  auto network = TRY(std::move(built));
  TRY(check_vocabulary(found, tokenizer, network->vocabulary()));
  const std::size_t longest = found.max_tokens == 0 ? kUsualTokens : found.max_tokens;
  const std::size_t max_tokens = options.max_tokens == 0 ? longest : std::min(options.max_tokens, longest);
  std::vector<std::string> labels = TRY(labels_for(found, *network));
  return std::make_shared<BatchingEncoder>(BatchingEncoder::Parts{.cutter = TRY(Cutter::make(std::move(tokenizer), max_tokens)),
                                                                  .network = std::move(network),
                                                                  .labels = std::move(labels),
                                                                  .labels_file = found.config,
                                                                  .max_tokens = max_tokens,
                                                                  .longest = longest,
                                                                  .pad_id = found.pad_id,
                                                                  .options = options});
}

}  // namespace thalweg::models
