#pragma once
// An index opened through the bridge.

#include <cstdint>
#include <string>

#include "base/bridge.h"
#include "base/error.h"
#include "index/passage_index.h"

namespace thalweg::index {

struct PassageIndex::Handle {
  const bridge::Table* table;
  bridge::Index* index = nullptr;

  explicit Handle(const bridge::Table* functions) : table(functions) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { table->index_close(index); }

  struct Info {
    std::int64_t passages = 0;
    Manifest manifest;
  };
  /// What the last commit says.
  [[nodiscard]] Result<Info> info(const std::string& folder) const;
};

/// The bridge's error with the place of the index and what to do about it; when the index was to be read.
[[nodiscard]] std::unexpected<Error> unreadable(const Error& error, const std::string& folder);
/// ... and when it was to be written.
[[nodiscard]] std::unexpected<Error> unwritable(const Error& error, const std::string& folder);

}  // namespace thalweg::index
