#pragma once
// The models a program can use: found by name or path, loaded at first use, dropped when memory is short.

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "models/encoder.h"
#include "models/language_model.h"

namespace thalweg::models {

/// Thread-safe. What it hands out stays usable while held, also when it is dropped here.
class Models {
 public:
  virtual ~Models() = default;
  /// By a name of the catalogue, or a path (anything with a slash). Loads at first use, which takes about 100 ms: not on the
  /// engine's threads. Errors: not_found (with the names there are), those of open_encoder / open_language_model.
  [[nodiscard]] virtual Result<std::shared_ptr<Encoder>> encoder(std::string_view model) = 0;
  [[nodiscard]] virtual Result<std::shared_ptr<LanguageModel>> language_model(std::string_view model) = 0;
  /// Runs `work` on a thread of its own kind for what loads or waits, soon.
  virtual void later(std::move_only_function<void()> work) = 0;
  /// What stands behind a model: changes when its files or its precision do. For cache keys and beside vectors.
  [[nodiscard]] virtual Result<std::string> identity(std::string_view model) = 0;
};

inline constexpr std::string_view kDefaultEncoder = "minilm";
inline constexpr std::string_view kDefaultLanguageModel = "smollm2";

}  // namespace thalweg::models
