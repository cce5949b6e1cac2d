#pragma once
// The models a program can use: found by name or path, loaded at first use, dropped when memory is short.

#include <functional>
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
  template <class Model>
  using Then = std::move_only_function<void(Result<std::shared_ptr<Model>>)>;
  virtual ~Models() = default;

  /// By a name of the catalogue, or a path (anything with a slash). Loads at first use, which takes about 100 ms: not on the
  /// engine's threads. Errors: not_found (with the names there are), data_loss (its files are not those that were added),
  /// resource_exhausted (no room beside the models in use), those of open_encoder / open_language_model.
  [[nodiscard]] virtual Result<std::shared_ptr<Encoder>> encoder(std::string_view model) = 0;
  [[nodiscard]] virtual Result<std::shared_ptr<LanguageModel>> language_model(std::string_view model) = 0;
  /// The same for threads that must not wait: `then` is called at once when the model is loaded, else later from a thread here.
  virtual void encoder(std::string_view model, Then<Encoder> then) = 0;
  virtual void language_model(std::string_view model, Then<LanguageModel> then) = 0;
  /// Runs `work` soon on a thread for what loads or waits.
  virtual void later(std::move_only_function<void()> work) = 0;
  /// What stands behind an encoder: changes when its files or its precision do. For cache keys and beside vectors. Reads the
  /// files of a model that is not in the catalogue.
  [[nodiscard]] virtual Result<std::string> identity(std::string_view model) = 0;
};

inline constexpr std::string_view kDefaultEncoder = "minilm";
inline constexpr std::string_view kDefaultLanguageModel = "smollm2";

}  // namespace thalweg::models
