#pragma once
// Vectors of texts that every start asks for again, such as hypotheses, kept in a file.

#include <string>
#include <vector>

#include "base/error.h"
#include "models/encoder.h"
#include "thalweg/context.h"

namespace thalweg::scoring {

/// The encoder's vectors of `texts`. They are taken from a file in `folder` when it holds them: its name and its first lines tell
/// the model (`identity`), the processor and the texts, and a checksum stands at its end, so that a file of another model or a
/// damaged one is passed over and written anew. Nothing is kept where the folder cannot be written or made in the one around it.
/// Errors: the encoder's.
[[nodiscard]] Result<models::Rows> kept_vectors(const std::string& folder, const std::string& identity,
                                                const std::vector<std::string>& texts, models::Encoder& encoder,
                                                const Context& context);

}  // namespace thalweg::scoring
