#include <algorithm>
#include <array>
#include <filesystem>

#include "models/llama/guard.h"
#include "models/llama/model.h"

namespace thalweg::models::llama {

namespace {
// In the order of kQuantisations.
constexpr auto kTypes = std::to_array<llama_ftype>({LLAMA_FTYPE_ALL_F32, LLAMA_FTYPE_MOSTLY_F16, LLAMA_FTYPE_MOSTLY_BF16,
                                                    LLAMA_FTYPE_MOSTLY_Q8_0, LLAMA_FTYPE_MOSTLY_Q6_K, LLAMA_FTYPE_MOSTLY_Q5_K_M,
                                                    LLAMA_FTYPE_MOSTLY_Q5_0, LLAMA_FTYPE_MOSTLY_Q4_K_M, LLAMA_FTYPE_MOSTLY_Q4_K_S,
                                                    LLAMA_FTYPE_MOSTLY_Q4_1, LLAMA_FTYPE_MOSTLY_Q4_0});
static_assert(kTypes.size() == kQuantisations.size());
}  // namespace

Result<> quantise(const std::string& from, const std::string& to, std::string_view type, std::size_t threads) {
  TRY(check_quantisation(type));
  const auto number = std::ranges::find(kQuantisations, type) - kQuantisations.begin();
  prepare();
  TRY(File::open(from));
  std::error_code error;
  if (std::filesystem::equivalent(from, to, error))
    return fail(Code::invalid_argument, "the copy would be written over the model");
  // Written beside it first: a file that is there is whole.
  const std::string partial = to + ".partial";
  const auto done = guarded(Code::data_loss, "quantise the model", [&](const Watch& watch) -> Result<> {
    llama_model_quantize_params params = llama_model_quantize_default_params();
    params.nthread = static_cast<std::int32_t>(std::max<std::size_t>(threads, 1));
    params.ftype = kTypes.at(static_cast<std::size_t>(number));
    params.allow_requantize = true;
    if (llama_model_quantize(from.c_str(), partial.c_str(), &params) == 0) return {};
    return fail(Code::data_loss, "cannot quantise the model: {}", watch.said());
  });
  if (done) std::filesystem::rename(partial, to, error);
  if (done && !error) return {};
  std::error_code ignored;
  std::filesystem::remove(partial, ignored);
  if (!done) return done;
  return std::unexpected(system_error(error.value(), "rename the quantised model"));
}

}  // namespace thalweg::models::llama
