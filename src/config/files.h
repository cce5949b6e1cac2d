#pragma once
// A file with all that it includes, as one tree. Private to src/config.

#include <sys/types.h>

#include <map>
#include <memory>

#include "config/layers.h"

namespace thalweg::config {

/// Reads one file and what it includes; each file once, however often it is merged.
class Files {
 public:
  explicit Files(bool includes) : includes_(includes) {}
  Result<Setting> read(const std::string& path);
  Result<Setting> read_text(std::string_view name, std::string text, Format format);
  /// The files merged, in order; each once.
  [[nodiscard]] const std::vector<std::string>& sources() const noexcept { return sources_; }

 private:
  using Identity = std::pair<dev_t, ino_t>;
  struct Include {
    std::string path;
    Place place;
  };
  struct File {
    std::string name;
    std::string folder;  // that includes are relative to; empty, or with a slash behind it
    Setting own;
    std::vector<Include> includes;
    std::size_t settings = 0;
  };
  Result<const File*> load(const std::string& path, bool included);
  Result<File> parse(std::string name, std::string text, Format format) const;
  Result<Setting> merged(const File& file);
  Result<const File*> follow(const File& file, const Include& include);

  bool includes_;
  std::map<Identity, std::unique_ptr<File>> files_;
  std::vector<const File*> chain_;  // the files that are being merged, each included by the one before
  std::vector<std::string> sources_;
  std::size_t bytes_ = 0;
  std::size_t merges_ = 0;
  std::size_t settings_ = 0;
};

}  // namespace thalweg::config
