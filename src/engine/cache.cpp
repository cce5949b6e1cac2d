#include "engine/cache.h"

#include "base/identical.h"
#include "engine/run.h"

namespace thalweg {

// Stricter than CEL's equality, by which 1 equals 1.0: a stage may tell them apart.
bool ResultKey::operator==(const ResultKey& other) const noexcept {
  return stage == other.stage && identical(arguments, other.arguments);
}

std::size_t ResultCache::Hash::operator()(const ResultKey& key) const noexcept {
  return hash(key.arguments) ^ key.stage[0] ^ (key.stage[1] * 0x9E3779B97F4A7C15U);
}

ResultCache::Answer ResultCache::find(const ResultKey& key, Nanos now, Attempt& attempt, Value& result) {
  const std::lock_guard lock(mutex_);
  if (const auto found = index_.find(key); found != index_.end()) {
    if (now < found->second->expires) {
      entries_.splice(entries_.begin(), entries_, found->second);
      result = found->second->result;
      return Answer::hit;
    }
    remove(found->second);
  }
  const auto [flight, first] = flights_.try_emplace(key);
  if (first) return Answer::lead;
  attempt.hold();
  flight->second.push_back(&attempt);
  return Answer::wait;
}

void ResultCache::land(const ResultKey& key, const Value* result, Nanos expires) {
  std::vector<Attempt*> waiting;
  {
    const std::lock_guard lock(mutex_);
    if (const auto flight = flights_.find(key); flight != flights_.end()) {
      waiting.swap(flight->second);
      flights_.erase(flight);
    }
    if (result != nullptr) {
      if (const auto old = index_.find(key); old != index_.end()) remove(old->second);
      const std::size_t bytes = result->footprint() + key.arguments.footprint() + sizeof(Entry);
      if (bytes <= limit_) {
        while (bytes_ + bytes > limit_) remove(std::prev(entries_.end()));
        entries_.push_front({key, *result, expires, bytes});
        index_.emplace(key, entries_.begin());
        bytes_ += bytes;
      }
    }
  }
  for (Attempt* attempt : waiting) attempt->run->push(attempt->on_granted);
}

bool ResultCache::cancel(const ResultKey& key, Attempt& attempt) {
  {
    const std::lock_guard lock(mutex_);
    const auto flight = flights_.find(key);
    if (flight == flights_.end() || std::erase(flight->second, &attempt) == 0) return false;
  }
  attempt.drop();
  return true;
}

void ResultCache::remove(std::list<Entry>::iterator entry) {
  bytes_ -= entry->bytes;
  index_.erase(entry->key);
  entries_.erase(entry);
}

}  // namespace thalweg
