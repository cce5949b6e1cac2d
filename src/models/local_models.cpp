#include "models/local_models.h"

#include <algorithm>

#include "base/machine.h"
#include "models/catalogue.h"
#include "models/gguf.h"
#include "models/mapped_file.h"

namespace thalweg::models {

namespace {

bool is_path(std::string_view model) { return model.contains('/') || model == "." || model == ".."; }

std::uint64_t plus(std::uint64_t a, std::uint64_t b) { return a > UINT64_MAX - b ? UINT64_MAX : a + b; }

// Of a language model. Where the file cannot be read, who opens it says why.
std::uint64_t cache_bytes(const std::string& path, const LanguageModelOptions& options) {
  const auto file = MappedFile::open(path);
  if (!file) return 0;
  const auto header = read_gguf(file->text());
  if (!header) return 0;
  return header->cache_bytes(std::min<std::uint64_t>(options.context_size, header->number("context_length").value_or(0)));
}

std::string megabytes(std::uint64_t bytes) { return fmt::format("{} MB", plus(bytes, 500'000) / 1'000'000); }

}  // namespace

// One model: empty until it is loaded, and again after it was dropped.
struct LocalModels::Slot {
  std::mutex loading;  // held while the model is loaded
  // Under the mutex of LocalModels:
  std::shared_ptr<Encoder> encoder;
  std::shared_ptr<LanguageModel> language_model;
  std::uint64_t last_use = 0;
  std::uint64_t reserved = 0;  // while it is being loaded

  template <class Model>
  std::shared_ptr<Model>& as() {
    if constexpr (std::is_same_v<Model, Encoder>) {
      return encoder;
    } else {
      return language_model;
    }
  }
  [[nodiscard]] bool loaded() const noexcept { return encoder != nullptr || language_model != nullptr; }
  [[nodiscard]] bool in_use() const noexcept { return encoder.use_count() > 1 || language_model.use_count() > 1; }
  [[nodiscard]] std::uint64_t bytes() const noexcept {
    if (encoder != nullptr) return encoder->memory_bytes();
    return language_model != nullptr ? language_model->memory_bytes() : reserved;
  }
};

LocalModels::LocalModels(LocalModelsOptions options) : options_(std::move(options)), memory_limit_(options_.memory_limit) {
  if (options_.folder.empty()) options_.folder = default_model_folder();
  options_.encoder.cache_folder = options_.folder + "/compiled";
}

std::shared_ptr<LocalModels::Slot> LocalModels::slot_of(std::string_view model) {
  const std::lock_guard lock(mutex_);
  const auto found = slots_.find(model);
  if (found != slots_.end()) return found->second;
  return slots_.emplace(model, std::make_shared<Slot>()).first->second;
}

template <class Model>
std::shared_ptr<Model> LocalModels::ready(std::string_view model) {
  const std::lock_guard lock(mutex_);
  const auto found = slots_.find(model);
  if (found == slots_.end() || found->second->as<Model>() == nullptr) return nullptr;
  found->second->last_use = ++uses_;
  return found->second->as<Model>();
}

Result<LocalModels::Place> LocalModels::find(std::string_view model, bool language) const {
  const auto place = [&](const std::string& path, const std::vector<ModelFile>& files, Precision precision) {
    const std::uint64_t size = total_size(files);
    return Place{path, language ? plus(size, cache_bytes(path, options_.language_model)) : size, precision};
  };
  if (is_path(model)) return place(std::string(model), TRY(model_files(std::string(model))), options_.encoder.precision);
  const Catalogue catalogue = TRY(Catalogue::read(options_.folder));
  const CatalogueEntry* const entry = TRY(catalogue.get(model));
  if ((entry->kind == ModelKind::language) != language) {
    return fail(Code::invalid_argument, "the model '{}' is of the kind '{}', needed is {}", model, name(entry->kind),
                language ? "a language model" : "an encoder (kind 'embedding' or 'classifier')");
  }
  TRY(check_files(model, *entry, false));
  return place(entry->path, entry->files, entry->precision);
}

// Under no lock. Counts what is loaded; drops what nobody uses, longest unused first, until the new one fits.
Result<> LocalModels::make_room(std::string_view model, std::uint64_t bytes) {
  std::vector<std::shared_ptr<void>> dropped;  // destroyed outside the lock: that takes a while
  const std::lock_guard lock(mutex_);
  if (memory_limit_ == 0) memory_limit_ = usable_memory() / 2;
  Slot& wanted = *slots_.find(model)->second;
  wanted.reserved = 0;
  while (true) {
    std::uint64_t used = 0;
    Slot* oldest = nullptr;
    std::string holding;
    for (const auto& [called, slot] : slots_) {
      used += slot->bytes();
      if (!slot->loaded()) continue;
      if (slot->in_use()) {
        holding += fmt::format("{}{} ({})", holding.empty() ? "" : ", ", called, megabytes(slot->bytes()));
      } else if (oldest == nullptr || slot->last_use < oldest->last_use) {
        oldest = slot.get();
      }
    }
    if (plus(used, bytes) <= memory_limit_) break;
    if (oldest == nullptr) {
      return fail(Code::resource_exhausted,
                  "no room for the model '{}', which needs about {}: the limit for models is {}{}; raise it with --model-memory",
                  model, megabytes(bytes), megabytes(memory_limit_), holding.empty() ? "" : ", and in use are " + holding);
    }
    dropped.emplace_back(std::move(oldest->encoder));
    dropped.emplace_back(std::move(oldest->language_model));
  }
  wanted.reserved = bytes;
  return {};
}

template <class Model>
Result<std::shared_ptr<Model>> LocalModels::get(std::string_view model) {
  if (auto loaded = ready<Model>(model)) return loaded;
  const auto slot = slot_of(model);
  const std::lock_guard loading(slot->loading);
  if (auto loaded = ready<Model>(model)) return loaded;  // by who held the lock before
  constexpr bool kLanguage = std::is_same_v<Model, LanguageModel>;
  const Place place = TRY(find(model, kLanguage));
  TRY(make_room(model, place.bytes));
  auto opened = [&] {
    if constexpr (kLanguage) {
      return open_language_model(place.path, options_.language_model);
    } else {
      EncoderOptions options = options_.encoder;
      options.precision = place.precision;
      return open_encoder(place.path, options);
    }
  }();
  // What it takes may be more than its files showed.
  const bool more = opened && (*opened)->memory_bytes() > place.bytes;
  const Result<> fits = more ? make_room(model, (*opened)->memory_bytes()) : Result<>();
  const std::lock_guard lock(mutex_);
  slot->reserved = 0;
  if (!fits) return std::unexpected(fits.error());
  if (!opened) return fail(opened.error().code(), "cannot load the model '{}': {}", model, opened.error().text());
  slot->as<Model>() = *opened;
  slot->last_use = ++uses_;
  return *opened;
}

template <class Model>
void LocalModels::get_later(std::string_view model, Then<Model> then) {
  if (auto loaded = ready<Model>(model)) return then(std::move(loaded));
  later([this, model = std::string(model), then = std::move(then)]() mutable { then(get<Model>(model)); });
}

Result<std::shared_ptr<Encoder>> LocalModels::encoder(std::string_view model) { return get<Encoder>(model); }
Result<std::shared_ptr<LanguageModel>> LocalModels::language_model(std::string_view model) { return get<LanguageModel>(model); }
void LocalModels::encoder(std::string_view model, Then<Encoder> then) { get_later<Encoder>(model, std::move(then)); }
void LocalModels::language_model(std::string_view model, Then<LanguageModel> then) {
  get_later<LanguageModel>(model, std::move(then));
}

Result<std::string> LocalModels::identity(std::string_view model) {
  const auto told = [](const std::vector<ModelFile>& files, Precision precision) {
    return fmt::format("{}/{}", hash_of(files), name(precision));
  };
  if (!is_path(model)) {
    const Catalogue catalogue = TRY(Catalogue::read(options_.folder));
    const CatalogueEntry* const entry = TRY(catalogue.get(model));
    return told(TRY(check_files(model, *entry, false)), entry->precision);
  }
  const std::string path(model);
  std::vector<ModelFile> files = TRY(model_files(path));
  std::string state = state_of(path, files);
  {
    const std::lock_guard lock(identities_mutex_);
    if (const auto known = identities_.find(state); known != identities_.end()) return known->second;
  }
  TRY(hash_files(path, files));
  std::string identity = told(files, options_.encoder.precision);
  const std::lock_guard lock(identities_mutex_);
  return identities_.insert_or_assign(std::move(state), std::move(identity)).first->second;
}

std::vector<LocalModels::Loaded> LocalModels::loaded() const {
  std::vector<Loaded> all;
  const std::lock_guard lock(mutex_);
  for (const auto& [called, slot] : slots_) {
    if (slot->loaded()) all.push_back({called, slot->bytes(), slot->in_use()});
  }
  return all;
}

void LocalModels::later(std::move_only_function<void()> work) { threads_.post(std::move(work)); }

}  // namespace thalweg::models
