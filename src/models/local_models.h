#pragma once
// Models of this machine: the catalogue's and those given by path.

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "models/models.h"
#include "models/waiting_threads.h"

namespace thalweg::models {

struct LocalModelsOptions {
  std::string folder{};            ///< of the catalogue; empty: default_model_folder()
  std::uint64_t memory_limit = 0;  ///< of all loaded models; 0: half of what the machine or the control group has
  EncoderOptions encoder{};        ///< the precision of catalogue entries is their own
  LanguageModelOptions language_model{};
};

/// Loads at first use, one load of a model at a time, and drops what was not used for longest when a new one finds no room. The
/// catalogue is read when the first model is asked for.
class LocalModels final : public Models {
 public:
  explicit LocalModels(LocalModelsOptions options = {});
  LocalModels(const LocalModels&) = delete;
  LocalModels& operator=(const LocalModels&) = delete;

  [[nodiscard]] Result<std::shared_ptr<Encoder>> encoder(std::string_view model) override;
  [[nodiscard]] Result<std::shared_ptr<LanguageModel>> language_model(std::string_view model) override;
  void encoder(std::string_view model, Then<Encoder> then) override;
  void language_model(std::string_view model, Then<LanguageModel> then) override;
  void later(std::move_only_function<void()> work) override;
  [[nodiscard]] Result<std::string> identity(std::string_view model) override;

  /// Waits for the work that was begun: before a program ends, so that nothing is left half done.
  void finish() { threads_.finish(); }

  struct Loaded {
    std::string name;
    std::uint64_t memory_bytes = 0;
    bool in_use = false;
  };
  /// What is in memory now, by name.
  [[nodiscard]] std::vector<Loaded> loaded() const;

 private:
  struct Slot;
  struct Place {
    std::string path;
    std::uint64_t bytes = 0;
    Precision precision = Precision::f32;
  };
  template <class Model>
  Result<std::shared_ptr<Model>> get(std::string_view model);
  template <class Model>
  std::shared_ptr<Model> ready(std::string_view model);
  template <class Model>
  void get_later(std::string_view model, Then<Model> then);
  std::shared_ptr<Slot> slot_of(std::string_view model);
  /// Where its files are, checked. The kind must fit.
  Result<Place> find(std::string_view model, bool language) const;
  /// Reserves so many bytes for it.
  Result<> make_room(std::string_view model, std::uint64_t bytes);

  LocalModelsOptions options_;
  std::uint64_t memory_limit_;  // 0: not looked up yet; under the mutex
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Slot>, std::less<>> slots_;
  std::uint64_t uses_ = 0;
  std::mutex identities_mutex_;
  std::map<std::string, std::string, std::less<>> identities_;  // of models given by path, with sizes and times of their files

  WaitingThreads threads_{4};  // they sleep most of the time; last, so that they end first
};

}  // namespace thalweg::models
