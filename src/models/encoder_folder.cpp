#include "models/encoder_folder.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

#include "base/printable.h"
#include "models/config_file.h"
#include "models/onnx_data.h"
#include "thalweg/json.h"

namespace thalweg::models {

namespace fs = std::filesystem;

namespace {

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

// The only file in `folder` with this extension, or nothing.
std::optional<fs::path> only(const fs::path& folder, std::string_view extension) {
  std::optional<fs::path> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() != extension) continue;
    if (found) return std::nullopt;
    found = entry.path();
  }
  return found;
}

std::optional<std::pair<fs::path, WeightsKind>> exported(const fs::path& folder) {
  for (const char* const name : {"openvino_model.xml", "openvino/openvino_model.xml"}) {
    if (is_file(folder / name)) return {{folder / name, WeightsKind::ir}};
  }
  for (const char* const name : {"model.onnx", "onnx/model.onnx"}) {
    if (is_file(folder / name)) return {{folder / name, WeightsKind::onnx}};
  }
  if (const auto xml = only(folder, ".xml")) return {{*xml, WeightsKind::ir}};
  if (const auto onnx = only(folder, ".onnx")) return {{*onnx, WeightsKind::onnx}};
  return std::nullopt;
}

Result<Activation> activation_of(const ConfigFile& config, std::string_view field) {
  const std::string name = TRY(config.text(field)).value_or("gelu");
  if (name == "gelu") return Activation::gelu;
  if (name == "gelu_new" || name == "gelu_pytorch_tanh" || name == "gelu_fast") return Activation::gelu_tanh;
  if (name == "relu") return Activation::relu;
  return fail(Code::unimplemented, "{} has the activation '{}'; gelu, gelu_new and relu can be computed", config.path(),
              printable(name));
}

std::unexpected<Error> unknown_architecture(const ConfigFile& config, std::string_view name) {
  return fail(
      Code::unimplemented,
      "{} has the architecture {}, which cannot be built from safetensors (BERT, RoBERTa, XLM-RoBERTa and DistilBERT can, "
      "as encoders and for sequence classification); export the model to ONNX or OpenVINO IR",
      config.path(), printable(name));
}

// "BertForSequenceClassification", or the model's type where no class is named.
Result<std::string> architecture_name(const ConfigFile& config) {
  const Value* const named = config.value("architectures");
  if (named != nullptr && named->is_list() && named->size() > 0 && named->items()[0].is_string()) {
    return std::string(named->items()[0].as_string());
  }
  return TRY(config.text("model_type")).value_or("unknown");
}

Result<Architecture> architecture_of(const ConfigFile& config) {
  const std::string name = TRY(architecture_name(config));
  const std::string type = TRY(config.text("model_type")).value_or("");
  Architecture made;
  if (type == "bert") {
    made.family = Family::bert;
  } else if (type == "roberta" || type == "xlm-roberta" || type == "camembert") {
    made.family = Family::roberta;
  } else if (type == "distilbert") {
    made.family = Family::distilbert;
  } else {
    return unknown_architecture(config, name);
  }
  made.classifies = name.ends_with("ForSequenceClassification");
  if (!made.classifies && !name.ends_with("Model") && !name.ends_with("ForMaskedLM") && name != type) {
    return unknown_architecture(config, name);
  }
  const std::string positions = TRY(config.text("position_embedding_type")).value_or("absolute");
  if (positions != "absolute") {
    return fail(Code::unimplemented, "{} has {} position embeddings; absolute ones can be computed", config.path(),
                printable(positions));
  }
  const bool distil = made.family == Family::distilbert;
  made.layers = TRY(config.count(distil ? "n_layers" : "num_hidden_layers", 1, 1'000));
  made.heads = TRY(config.count(distil ? "n_heads" : "num_attention_heads", 1, 1'000));
  made.hidden = TRY(config.count(distil ? "dim" : "hidden_size", 1, 100'000));
  made.intermediate = TRY(config.count(distil ? "hidden_dim" : "intermediate_size", 1, 1'000'000));
  made.vocabulary = TRY(config.count("vocab_size", 1, 10'000'000));
  made.positions = TRY(config.count("max_position_embeddings", 1, 1'000'000));
  if (!distil) made.types = TRY(config.count("type_vocab_size", 1, 1'000));
  made.activation = TRY(activation_of(config, distil ? "activation" : "hidden_act"));
  if (!distil) made.epsilon = TRY(config.number("layer_norm_eps")).value_or(1e-12);
  if (!(made.epsilon > 0 && made.epsilon < 1))
    return fail(Code::data_loss, "{}: layer_norm_eps must be between 0 and 1", config.path());
  if (made.hidden % made.heads != 0) {
    return fail(Code::data_loss, "{}: {} heads do not divide a width of {}", config.path(), made.heads, made.hidden);
  }
  return made;
}

Result<std::vector<std::string>> labels_of(const ConfigFile& config) {
  std::vector<std::string> labels;
  const Value* const named = config.value("id2label");
  if (named == nullptr || named->is_null()) return labels;
  if (!named->is_map() || named->size() == 0)
    return fail(Code::data_loss, "{}: id2label must be a map of numbers to names", config.path());
  for (std::size_t id = 0; id < named->size(); ++id) {
    const Value* const label = named->find(std::to_string(id));
    if (label == nullptr || !label->is_string())
      return fail(Code::data_loss, "{}: id2label has no name for {}", config.path(), id);
    labels.emplace_back(label->as_string());
  }
  return labels;
}

Result<ConfigFile> opened(const fs::path& path, EncoderFolder& made) {
  made.files.push_back(path.string());
  return ConfigFile::open(path);
}

Result<Pooling> pooling_of(const ConfigFile& config) {
  std::optional<Pooling> found;
  for (const Entry& entry : config.root().entries()) {
    const std::string_view key = entry.key.as_string();
    if (!key.starts_with("pooling_mode_") || !entry.value.is_bool() || !entry.value.as_bool()) continue;
    if (found)
      return fail(Code::unimplemented, "{} joins several kinds of pooling; one of mean, cls and max can be computed",
                  config.path());
    // Divided by the root of the length or by the length: a vector of length 1 is the same.
    if (key == "pooling_mode_mean_tokens" || key == "pooling_mode_mean_sqrt_len_tokens") {
      found = Pooling::mean;
    } else if (key == "pooling_mode_cls_token") {
      found = Pooling::cls;
    } else if (key == "pooling_mode_max_tokens") {
      found = Pooling::max;
    } else {
      return fail(Code::unimplemented, "{} asks for {}; mean, cls and max can be computed", config.path(), printable(key));
    }
  }
  if (!found) return fail(Code::data_loss, "{} names no kind of pooling", config.path());
  return *found;
}

// What modules.json of sentence-transformers says: the folder of the network, and the pooling.
Result<> read_modules(fs::path& folder, EncoderFolder& made) {
  const fs::path root = folder;
  std::optional<fs::path> pooling;
  if (is_file(root / "modules.json")) {
    const ConfigFile modules = TRY(opened(root / "modules.json", made));
    if (!modules.root().is_list()) return fail(Code::data_loss, "{} is no list of modules", modules.path());
    for (const Value& module : modules.root().items()) {
      const Value* const type = module.find("type");
      const Value* const path = module.find("path");
      if (type == nullptr || !type->is_string() || path == nullptr || !path->is_string()) {
        return fail(Code::data_loss, "{}: a module lacks type or path", modules.path());
      }
      const std::string_view name = type->as_string().substr(type->as_string().rfind('.') + 1);
      const fs::path place(path->as_string());
      if (place.is_absolute() || std::ranges::find(place, fs::path("..")) != place.end()) {
        return fail(Code::data_loss, "{}: the path {} leads out of the folder", modules.path(), printable(place.string()));
      }
      if (name == "Transformer") {
        folder = root / place;
      } else if (name == "Pooling") {
        pooling = root / place / "config.json";
      } else if (name != "Normalize") {
        return fail(Code::unimplemented, "{} asks for the module {}; Transformer, Pooling and Normalize can be computed",
                    modules.path(), printable(name));
      }
    }
  } else if (is_file(root / "1_Pooling" / "config.json")) {
    pooling = root / "1_Pooling" / "config.json";
  }
  if (!pooling) return {};
  const ConfigFile config = TRY(opened(*pooling, made));
  made.pooling = TRY(pooling_of(config));
  return {};
}

Result<> read_lengths(const fs::path& folder, const std::optional<ConfigFile>& config, EncoderFolder& made) {
  const auto at_most = [&](std::size_t most) { made.max_tokens = made.max_tokens == 0 ? most : std::min(made.max_tokens, most); };
  if (is_file(folder / "sentence_bert_config.json")) {
    const ConfigFile sentences = TRY(opened(folder / "sentence_bert_config.json", made));
    const Value* const most = sentences.value("max_seq_length");
    if (most != nullptr && !most->is_null()) at_most(TRY(sentences.count("max_seq_length", 3, 1'000'000)));
  }
  if (config && config->value("max_position_embeddings") != nullptr) {
    const std::size_t rows = TRY(config->count("max_position_embeddings", 1, 1'000'000));
    // RoBERTa's positions begin behind the padding's.
    const std::string type = TRY(config->text("model_type")).value_or("");
    const bool behind = type == "roberta" || type == "xlm-roberta" || type == "camembert";
    const std::size_t taken = behind ? static_cast<std::size_t>(made.pad_id) + 1 : 0;
    if (rows < taken + 3) return fail(Code::data_loss, "{}: max_position_embeddings is too small", config->path());
    at_most(rows - taken);
  }
  return {};
}

// The file with the weights, and those it keeps them in.
Result<> add_weights(const fs::path& weights, EncoderFolder& made) {
  made.files.push_back(weights.string());
  if (made.kind == WeightsKind::ir) made.files.push_back(fs::path(weights).replace_extension(".bin").string());
  if (made.kind != WeightsKind::onnx) return {};
  for (const std::string& name : TRY(onnx_data_files(weights.string()))) {
    made.files.push_back((weights.parent_path() / name).string());
  }
  return {};
}

}  // namespace

Result<EncoderFolder> read_encoder_folder(const std::string& path) {
  std::error_code error;
  fs::path folder(path);
  std::optional<std::pair<fs::path, WeightsKind>> weights;
  if (is_file(folder)) {
    const std::string extension = folder.extension().string();
    if (extension != ".safetensors" && extension != ".xml" && extension != ".onnx") {
      return fail(Code::invalid_argument, "{} is no encoder: .safetensors, .xml (OpenVINO IR) and .onnx are", path);
    }
    weights.emplace(folder, extension == ".xml"    ? WeightsKind::ir
                            : extension == ".onnx" ? WeightsKind::onnx
                                                   : WeightsKind::safetensors);
    folder = folder.has_parent_path() ? folder.parent_path() : fs::path(".");
  } else if (!fs::is_directory(folder, error)) {
    return fail(Code::not_found, "there is no model at {}", path);
  }
  const fs::path root = folder;
  EncoderFolder made;
  TRY(read_modules(folder, made));

  std::optional<ConfigFile> config;
  made.config = (folder / "config.json").string();
  if (is_file(made.config)) config = TRY(opened(made.config, made));
  if (config) {
    const Value* const pad = config->value("pad_token_id");
    if (pad != nullptr && !pad->is_null())
      made.pad_id = static_cast<std::int64_t>(TRY(config->count("pad_token_id", 0, 10'000'000)));
    made.labels = TRY(labels_of(*config));
    made.classifies = TRY(architecture_name(*config)).ends_with("ForSequenceClassification");
    if (made.classifies && made.labels.empty()) made.labels = {"LABEL_0", "LABEL_1"};  // what leaving id2label out stands for
  }
  TRY(read_lengths(folder, config, made));

  if (!weights && is_file(folder / "model.safetensors")) weights.emplace(folder / "model.safetensors", WeightsKind::safetensors);
  if (weights && weights->second == WeightsKind::safetensors) {
    if (!config) {
      return fail(Code::not_found,
                  "{} has no config.json: it says how its network is built; put the one that the model was published with there",
                  folder.string());
    }
    auto architecture = architecture_of(*config);
    if (architecture) {
      made.architecture = *architecture;
    } else if (const auto other = exported(folder); other && architecture.error().code() == Code::unimplemented) {
      weights = other;  // a network we cannot build, but somebody has
    } else {
      return std::unexpected(std::move(architecture).error());
    }
  }
  if (!weights) weights = exported(folder);
  if (!weights && folder != root) weights = exported(root);
  if (!weights) {
    const bool parts = is_file(folder / "model.safetensors.index.json");
    return fail(parts ? Code::unimplemented : Code::not_found,
                "{} has no model.safetensors, OpenVINO IR (one .xml with its .bin) or model.onnx{}", path,
                parts ? "; weights in several files are not read, join them into one" : "");
  }
  made.weights = weights->first.string();
  made.kind = weights->second;
  for (const fs::path& place : {folder, root, weights->first.parent_path(), weights->first.parent_path().parent_path()}) {
    if (made.tokenizer.empty() && is_file(place / "tokenizer.json")) made.tokenizer = (place / "tokenizer.json").string();
  }
  if (made.tokenizer.empty()) {
    return fail(Code::not_found, "{} has no tokenizer.json; save the model's tokenizer as a \"fast\" one, which writes it", path);
  }
  made.files.push_back(made.tokenizer);
  TRY(add_weights(weights->first, made));
  return made;
}

}  // namespace thalweg::models
