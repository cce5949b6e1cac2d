#pragma once
// The field `cache`: results of deterministic stages kept in memory, so that equal calls are made once.

#include <cstdint>
#include <list>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "engine/result_store.h"
#include "thalweg/clock.h"
#include "thalweg/value.h"

namespace thalweg {

class Attempt;

/// Least recently used results go first when the bytes are up. Equal calls at the same time are made once (single flight): the
/// first one leads, the others wait for it and are told by their event; when it fails, the next one leads. Thread-safe.
class ResultCache {
 public:
  static constexpr std::size_t kDefaultBytes = std::size_t{64} << 20;
  explicit ResultCache(std::size_t bytes = kDefaultBytes) : limit_(bytes) {}

  enum class Answer : std::uint8_t { hit, lead, wait };
  /// hit: `result` is set. lead: compute it, then land(). wait: `attempt` (held until then) gets its event `granted`.
  [[nodiscard]] Answer find(const ResultKey& key, Nanos now, Attempt& attempt, Value& result);
  /// The leader's result, kept until `expires`; null pointer: it failed.
  void land(const ResultKey& key, const Value* result, Nanos expires);
  /// True when the attempt was still waiting, and does no more.
  [[nodiscard]] bool cancel(const ResultKey& key, Attempt& attempt);

 private:
  struct Hash {
    [[nodiscard]] std::size_t operator()(const ResultKey& key) const noexcept;
  };
  struct Entry {
    ResultKey key;
    Value result;
    Nanos expires;
    std::size_t bytes;
  };
  void remove(std::list<Entry>::iterator entry);

  const std::size_t limit_;
  std::mutex mutex_;
  std::size_t bytes_ = 0;
  std::list<Entry> entries_;  // the last used one first
  std::unordered_map<ResultKey, std::list<Entry>::iterator, Hash> index_;
  std::unordered_map<ResultKey, std::vector<Attempt*>, Hash> flights_;
};

}  // namespace thalweg
