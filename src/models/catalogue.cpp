#include "models/catalogue.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/time_text.h"
#include "thalweg/json.h"

namespace thalweg::models {

namespace fs = std::filesystem;

namespace {

constexpr auto kKinds = std::to_array<std::string_view>({"embedding", "classifier", "language"});

std::string file_of(const std::string& folder) { return folder + "/catalogue.json"; }

// Fields of a map that must be there, with the first problem kept.
class Fields {
 public:
  explicit Fields(const Value& map) : map_(map) {}
  std::string text(std::string_view name) {
    const Value* const value = map_.find(name);
    if (value != nullptr && value->is_string()) return std::string(value->as_string());
    good_ = false;
    return {};
  }
  std::int64_t integer(std::string_view name) {
    const Value* const value = map_.find(name);
    if (value != nullptr && value->is_int()) return value->as_int();
    good_ = false;
    return 0;
  }
  double number(std::string_view name) {
    const Value* const value = map_.find(name);
    if (value != nullptr && value->is_number()) return value->as_number();
    good_ = false;
    return 0;
  }
  [[nodiscard]] bool good() const noexcept { return good_; }

 private:
  const Value& map_;
  bool good_ = true;
};

std::optional<CatalogueEntry> entry_of(const Value& map) {
  Fields fields(map);
  CatalogueEntry entry;
  const std::string kind = fields.text("kind");
  const auto known = std::ranges::find(kKinds, kind);
  if (known == kKinds.end()) return std::nullopt;
  entry.kind = static_cast<ModelKind>(known - kKinds.begin());
  entry.path = fields.text("path");
  entry.licence = fields.text("licence");
  entry.runs_on = fields.text("runs_on");
  if (map.find("precision") != nullptr) {
    const auto precision = precision_named(fields.text("precision"));
    if (!precision) return std::nullopt;
    entry.precision = *precision;
  }
  const Value* const files = map.find("files");
  if (files == nullptr || !files->is_list()) return std::nullopt;
  for (const Value& item : files->items()) {
    Fields of(item);
    entry.files.push_back(
        {of.text("name"), static_cast<std::uint64_t>(of.integer("size")), of.integer("modified_ns"), of.text("sha256")});
    if (!of.good()) return std::nullopt;
  }
  if (const Value* const measured = map.find("measured"); measured != nullptr) {
    Fields of(*measured);
    const auto at = parse_timestamp(of.text("at"));
    entry.measured = Measured{.processor = of.text("processor"),
                              .threads = of.integer("threads"),
                              .load_ms = of.number("load_ms"),
                              .rate = of.number("rate"),
                              .prefill = of.number("prefill"),
                              .memory_bytes = of.integer("memory_bytes"),
                              .at = at.value_or(Timestamp{})};
    if (!of.good() || !at) return std::nullopt;
  }
  return fields.good() ? std::optional(std::move(entry)) : std::nullopt;
}

class FileLock {
 public:
  static Result<FileLock> take(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0) return std::unexpected(system_error(errno, "write " + path));
    while (::flock(file, LOCK_EX) != 0) {
      if (errno == EINTR) continue;
      const int error = errno;
      ::close(file);
      return std::unexpected(system_error(error, "lock " + path));
    }
    return FileLock(file);
  }
  FileLock(FileLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock() {
    if (file_ >= 0) ::close(file_);
  }

 private:
  explicit FileLock(int file) : file_(file) {}
  int file_;
};

}  // namespace

std::string_view name(ModelKind kind) noexcept { return kKinds.at(static_cast<std::size_t>(kind)); }

Result<Catalogue> Catalogue::read(const std::string& folder) {
  const std::string path = file_of(folder);
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    if (std::error_code problem; !fs::exists(path, problem) && !problem) return Catalogue();
    return std::unexpected(system_error(errno, "read " + path));
  }
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto parsed = parse_json(text);
  auto catalogue = parsed ? parse(*parsed) : std::unexpected(parsed.error());
  if (catalogue) return catalogue;
  return fail(Code::data_loss,
              "the list of models {} is broken: {}; move it away and add the models again with: thalweg models add PATH", path,
              catalogue.error().message());
}

Result<Catalogue> Catalogue::parse(const Value& all) {
  const Value* const models = all.find("models");
  if (models == nullptr || !models->is_map()) return fail(Code::data_loss, "it has no 'models'");
  Catalogue catalogue;
  for (const Entry& item : models->entries()) {
    auto entry = entry_of(item.value);
    if (!entry) return fail(Code::data_loss, "its entry '{}' lacks something", item.key.as_string());
    catalogue.entries_.emplace(item.key.as_string(), std::move(*entry));
  }
  return catalogue;
}

Value to_value(const CatalogueEntry& entry) {
  std::vector<Value> files;
  for (const ModelFile& file : entry.files) {
    files.push_back(Value::map({{"name", file.name},
                                {"size", static_cast<std::int64_t>(file.size)},
                                {"modified_ns", file.modified_ns},
                                {"sha256", file.sha256}}));
  }
  Value map = Value::map({{"kind", name(entry.kind)},
                          {"path", entry.path},
                          {"licence", entry.licence},
                          {"bytes", static_cast<std::int64_t>(total_size(entry.files))},
                          {"hash", hash_of(entry.files)},
                          {"runs_on", entry.runs_on},
                          {"files", Value::list(std::move(files))}});
  if (entry.kind != ModelKind::language) map = std::move(map).set("precision", name(entry.precision));
  if (!entry.measured) return map;
  const Measured& measured = *entry.measured;
  std::string at;
  append_text(at, measured.at);
  return std::move(map).set("measured", Value::map({{"processor", measured.processor},
                                                    {"threads", measured.threads},
                                                    {"load_ms", measured.load_ms},
                                                    {"rate", measured.rate},
                                                    {"unit", entry.kind == ModelKind::language ? "tokens/s" : "texts/s"},
                                                    {"prefill", measured.prefill},
                                                    {"memory_bytes", measured.memory_bytes},
                                                    {"at", at}}));
}

Value Catalogue::to_value() const {
  std::vector<Entry> models;
  for (const auto& [called, entry] : entries_) models.push_back({called, models::to_value(entry)});
  return Value::map({{"models", Value::map(std::move(models))}});
}

Result<> Catalogue::change(const std::string& folder, const std::function<Result<>(Catalogue&)>& change) {
  std::error_code problem;
  fs::create_directories(folder, problem);
  if (problem) return std::unexpected(system_error(problem.value(), "make the folder " + folder));
  const FileLock lock = TRY(FileLock::take(folder + "/catalogue.lock"));
  Catalogue catalogue = TRY(read(folder));
  const Catalogue before = catalogue;
  TRY(change(catalogue));
  const std::string text = TRY(to_json(catalogue.to_value()));
  const std::string path = file_of(folder);
  const std::string next = path + ".new";
  {
    std::ofstream file(next, std::ios::binary | std::ios::trunc);
    file << text << '\n';
    file.close();
    if (!file) return std::unexpected(system_error(errno, "write " + next));
  }
  fs::rename(next, path, problem);
  if (problem) return std::unexpected(system_error(problem.value(), "write " + path));
  for (const auto& [called, entry] : before.entries_) {
    const bool stays = std::ranges::any_of(catalogue.entries_, [&](const auto& item) { return item.second.path == entry.path; });
    if (stays || fs::path(entry.path).parent_path() != copies_in(folder) || !fs::is_regular_file(entry.path, problem)) continue;
    fs::remove(entry.path, problem);
    if (problem) return std::unexpected(system_error(problem.value(), "delete the copy " + entry.path));
  }
  return {};
}

const CatalogueEntry* Catalogue::find(std::string_view name) const noexcept {
  const auto found = entries_.find(name);
  return found == entries_.end() ? nullptr : &found->second;
}

Result<const CatalogueEntry*> Catalogue::get(std::string_view name) const {
  if (const CatalogueEntry* const entry = find(name); entry != nullptr) return entry;
  if (entries_.empty()) {
    return fail(Code::not_found, "there is no model '{}', and none at all: add one with: thalweg models add PATH", name);
  }
  std::string names;
  for (const auto& [called, entry] : entries_) names += (names.empty() ? "" : ", ") + called;
  return fail(Code::not_found, "there is no model '{}' (there are {}): add it with: thalweg models add PATH", name, names);
}

void Catalogue::put(std::string_view name, CatalogueEntry entry) {
  entries_.insert_or_assign(std::string(name), std::move(entry));
}

Result<> Catalogue::remove(std::string_view name) {
  TRY(get(name));
  entries_.erase(entries_.find(name));
  return {};
}

std::string copies_in(const std::string& folder) {
  std::error_code ignored;
  return (fs::absolute(folder, ignored) / "files").lexically_normal().string();
}

std::string default_model_folder() {
  const auto set = [](const char* variable) -> std::string {
    const char* const value = std::getenv(variable);
    return value == nullptr ? "" : value;
  };
  if (const std::string home = set("THALWEG_HOME"); !home.empty()) return home + "/models";
  if (const std::string cache = set("XDG_CACHE_HOME"); !cache.empty()) return cache + "/thalweg/models";
  return set("HOME") + "/.cache/thalweg/models";
}

Result<std::vector<ModelFile>> check_files(std::string_view name, const CatalogueEntry& entry, bool read_all) {
  const auto again = [&] {
    return fmt::format("put the old file back, or take the model as it is now with: thalweg models add {} --name {}", entry.path,
                       name);
  };
  if (std::error_code problem; !fs::exists(entry.path, problem)) {
    return fail(Code::not_found, "the model '{}' is gone: there is no {}; put it back, or: thalweg models remove {}", name,
                entry.path, name);
  }
  std::vector<ModelFile> all;
  const auto listed = model_files(entry.path);
  for (const ModelFile& was : entry.files) {
    auto now = file_now(entry.path, was);
    if (!now && now.error().code() == Code::not_found) {
      return fail(Code::data_loss, "the model '{}' lacks its file {}; {}", name, was.name, again());
    }
    if (!now) return std::unexpected(std::move(now).error());
    if (listed && std::ranges::find(*listed, was.name, &ModelFile::name) == listed->end()) continue;
    if (now->size != was.size) {
      return fail(Code::data_loss, "the model '{}' is not what was added: {} has {} bytes, and had {}; {}", name, was.name,
                  now->size, was.size, again());
    }
    all.push_back(was);
    if (!read_all && now->modified_ns == was.modified_ns) continue;
    std::vector<ModelFile> one{*now};
    TRY(hash_files(entry.path, one));
    if (one.front().sha256 != was.sha256) {
      return fail(Code::data_loss, "the model '{}' is not what was added: {} has another hash; {}", name, was.name, again());
    }
    all.back().modified_ns = now->modified_ns;
  }
  if (!listed) return std::unexpected(listed.error());
  for (const ModelFile& now : *listed) {
    if (std::ranges::find(entry.files, now.name, &ModelFile::name) != entry.files.end()) continue;
    return fail(Code::data_loss, "the model '{}' is not what was added: its file {} was not there, or not looked at; {}", name,
                now.name, again());
  }
  return all;
}

}  // namespace thalweg::models
