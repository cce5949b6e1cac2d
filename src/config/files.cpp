#include "config/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "base/utf8.h"
#include "config/names.h"
#include "config/toml.h"
#include "thalweg/json.h"

namespace thalweg::config {

namespace {

namespace fs = std::filesystem;
constexpr std::string_view kInclude = "$include";

Error at_place(std::string_view file, Place place, Code code, std::string message) {
  return {code, fmt::format("{}:{}:{}: {}: {}", file, place.line, place.column, kInclude, message)};
}

// An open file that is closed at the end.
class Descriptor {
 public:
  explicit Descriptor(int descriptor) noexcept : descriptor_(descriptor) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  [[nodiscard]] int get() const noexcept { return descriptor_; }

 private:
  int descriptor_;
};

Result<std::string> read_all(int descriptor, const std::string& path) {
  std::string text;
  while (text.size() <= kMaxDefinitionBytes) {
    const std::size_t filled = text.size();
    text.resize(filled + std::max<std::size_t>(filled, 16'384));
    ssize_t got = 0;
    do {
      got = ::read(descriptor, text.data() + filled, text.size() - filled);
    } while (got < 0 && errno == EINTR);
    if (got < 0) return std::unexpected(system_error(errno, fmt::format("cannot read {}", path)));
    text.resize(filled + static_cast<std::size_t>(got));
    if (got == 0) return text;
  }
  return fail(Code::invalid_argument, "{} has more than {} bytes, which is no file of settings", path, kMaxDefinitionBytes);
}

// Nothing but blanks and comments: no settings, which is no mistake.
bool is_blank(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first != std::string_view::npos && line[first] != '#') return false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return true;
}

Result<Definition> parse_as(Format format, std::string_view name, std::string text) {
  if (format == Format::toml) return parse_toml(name, std::move(text));
  if (is_blank(text)) {
    if (format == Format::json) return fail(Code::invalid_argument, "{} is empty; without settings it is {{}}", name);
    Definition empty{.file = std::string(name), .text = {}, .root = {}};
    empty.root.kind = Node::Kind::map;
    empty.root.place = {1, 1};
    return empty;
  }
  Definition read = TRY(parse_definition(name, std::move(text)));
  if (format == Format::json) {  // YAML takes more than JSON is
    const auto json = parse_json(read.text);
    if (!json) return std::unexpected(json.error().at(name));
  } else if (read.root.is_null()) {
    read.root.kind = Node::Kind::map;  // "---" and no more
  }
  return read;
}

// Makes settings of a file's nodes.
struct Converter {
  std::shared_ptr<const std::string> source;
  std::vector<Problem>& problems;
  std::size_t settings = 0;

  Setting setting(const Node& node) {
    ++settings;
    Setting made = Setting::scalar(node.value, {Origin::Kind::file, source, node.place});
    if (node.kind == Node::Kind::list) {
      made.kind = Setting::Kind::list;
      made.items.reserve(node.items.size());
      for (const Node& item : node.items) made.items.push_back(setting(item));
    } else if (node.kind == Node::Kind::map) {
      made.kind = Setting::Kind::map;
      made.members.reserve(node.members.size());
      for (const Node::Member& member : node.members) {
        if (member.key == kInclude) {
          problems.push_back({member.place, {}, "$include can only stand at the root of a file"});
        } else {
          made.members.push_back({member.key, member.place, setting(member.node)});
        }
      }
    }
    return made;
  }
};

}  // namespace

Result<Files::File> Files::parse(std::string name, std::string text, Format format) const {
  if (text.size() > kMaxDefinitionBytes) {
    return fail(Code::invalid_argument, "{} has more than {} bytes, which is no file of settings", name, kMaxDefinitionBytes);
  }
  Definition read = TRY(parse_as(format, name, std::move(text)));
  std::vector<Problem> problems = std::move(read.problems);
  Converter converter{std::make_shared<const std::string>(name), problems};
  File file;
  file.name = std::move(name);
  if (read.root.kind != Node::Kind::map) {
    problems.push_back({read.root.place, {}, "settings are a map of names to values, which this is not"});
    return std::unexpected(problems_error(file.name, std::move(problems)));
  }
  const auto include = [&](const Node& node) {
    if (node.is_string() && !node.value.as_string().empty() && !node.value.as_string().contains('\0')) {
      file.includes.push_back({std::string(node.value.as_string()), node.place});
    } else {
      problems.push_back({node.place, std::string(kInclude), "must be a path or a list of paths, relative to this file"});
    }
  };
  const auto found = std::ranges::find(read.root.members, kInclude, &Node::Member::key);
  if (found != read.root.members.end()) {
    if (!includes_) problems.push_back({found->place, {}, "$include is turned off here"});
    if (found->node.kind != Node::Kind::list) include(found->node);
    for (const Node& item : found->node.items) include(item);
    read.root.members.erase(found);
  }
  file.own = converter.setting(read.root);
  file.settings = converter.settings;
  if (!problems.empty()) return std::unexpected(problems_error(file.name, std::move(problems)));
  return file;
}

Result<const Files::File*> Files::load(const std::string& path, bool included) {
  // What includes name must be a file: reading anything else could take forever. A pipe that the user names is read.
  const Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | (included ? O_NONBLOCK : 0)));
  if (descriptor.get() < 0) return std::unexpected(system_error(errno, fmt::format("cannot open {}", path)));
  struct stat info{};
  if (::fstat(descriptor.get(), &info) != 0) {
    return std::unexpected(system_error(errno, fmt::format("cannot read {}", path)));
  }
  if (S_ISDIR(info.st_mode)) return fail(Code::invalid_argument, "{} is a folder, not a file", path);
  if (included && !S_ISREG(info.st_mode)) return fail(Code::invalid_argument, "{} is no plain file", path);
  std::unique_ptr<File>& file = files_[{info.st_dev, info.st_ino}];
  if (file != nullptr) return file.get();
  std::string text = TRY(read_all(descriptor.get(), path));
  bytes_ += text.size();
  if (bytes_ > kMaxConfigBytes) {
    return fail(Code::resource_exhausted, "the files included have more than {} bytes together", kMaxConfigBytes);
  }
  file = std::make_unique<File>(TRY(parse(path, std::move(text), format_of(path))));
  file->folder = path.substr(0, path.rfind('/') + 1);
  return file.get();
}

Result<const Files::File*> Files::follow(const File& file, const Include& include) {
  std::string path = include.path.starts_with('/') ? include.path : file.folder + include.path;
  // "configs/../base.yaml" is told as "base.yaml" where that is the same file.
  const std::string plain = fs::path(path).lexically_normal().string();
  std::error_code ignored;
  if (fs::equivalent(plain, path, ignored)) path = plain;
  const auto found = load(path, true);
  if (!found) {
    // What is wrong inside the file has its place there already.
    if (found.error().message().starts_with(path + ":")) return std::unexpected(found.error());
    return std::unexpected(at_place(file.name, include.place, found.error().code(), found.error().text()));
  }
  if (contains(chain_, *found)) {
    std::string text;
    for (auto at = std::ranges::find(chain_, *found); at != chain_.end(); ++at) text += (*at)->name + " -> ";
    return std::unexpected(at_place(file.name, include.place, Code::invalid_argument,
                                    fmt::format("files that include each other: {}{}", text, (*found)->name)));
  }
  if (chain_.size() >= kMaxIncludeDepth) {
    return std::unexpected(at_place(file.name, include.place, Code::resource_exhausted,
                                    fmt::format("files include each other deeper than {} levels", kMaxIncludeDepth)));
  }
  return *found;
}

Result<Setting> Files::merged(const File& file) {
  settings_ += file.settings;
  if (++merges_ > kMaxIncludes || settings_ > kMaxSettings) {
    return fail(Code::resource_exhausted,
                "{}: the files included are merged more than {} times, or have more than {} settings together", file.name,
                kMaxIncludes, kMaxSettings);
  }
  Setting all = Setting::map(file.own.origin);
  chain_.push_back(&file);
  for (const Include& include : file.includes) {
    const File* const included = TRY(follow(file, include));
    merge(all, TRY(merged(*included)));
  }
  chain_.pop_back();
  if (!contains(sources_, file.name)) sources_.push_back(file.name);
  merge(all, file.own);
  return all;
}

Result<Setting> Files::read(const std::string& path) {
  const File* const file = TRY(load(path, false));
  return merged(*file);
}

Result<Setting> Files::read_text(std::string_view name, std::string text, Format format) {
  const File file = TRY(parse(std::string(name), std::move(text), format));
  return merged(file);
}

}  // namespace thalweg::config
