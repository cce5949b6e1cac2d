#pragma once
// How fast a model is on this machine.

#include <string>

#include "models/catalogue.h"
#include "models/encoder.h"
#include "models/language_model.h"

namespace thalweg::models {

/// 64 texts of about 50 tokens, the median of three rounds. `load_ms` and the rest of the entry stay as they are.
[[nodiscard]] Result<Measured> measure(Encoder& encoder, const Context& context);

/// A prompt of about 250 tokens read and 64 tokens written, the likeliest each; in a small window, three quarters of it read and
/// one written. Errors: those of generate(); invalid_argument for a window that holds no prompt and answer (under 3 tokens).
[[nodiscard]] Result<Measured> measure(LanguageModel& model, const Context& context);

/// exp of the mean negative log probability a token (Jelinek et al. 1977), over pieces of at most 512 tokens' worth of text, each
/// read from its beginning.
[[nodiscard]] Result<double> perplexity(LanguageModel& model, std::string_view text, const Context& context);

}  // namespace thalweg::models
