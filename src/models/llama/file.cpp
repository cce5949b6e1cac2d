#include "models/llama/model.h"

namespace thalweg::models::llama {

Result<File> File::open(const std::string& path) {
  File file(TRY(MappedFile::open(path)));
  file.header_ = TRY(read_gguf(file.bytes_.text()));
  const GgufHeader& header = file.header_;
  if (header.text("general.architecture").empty()) {
    return fail(Code::invalid_argument, "no language model: the file does not name its architecture (general.architecture)");
  }
  if (header.text("tokenizer.ggml.model").empty() || header.tensors.empty()) {
    return fail(Code::invalid_argument, "no language model: the file of architecture '{}' has no {}",
                header.text("general.architecture"), header.tensors.empty() ? "weights" : "vocabulary");
  }
  const Value* const parts = header.find("split.count");
  if (parts != nullptr && parts->is_int() && parts->as_int() > 1) {
    return fail(Code::unimplemented, "the model is split into {} files; join them first (llama-gguf-split --merge)",
                parts->as_int());
  }
  return file;
}

}  // namespace thalweg::models::llama
