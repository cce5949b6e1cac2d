#include "engine/cache.h"

#include <algorithm>

#include "engine/run.h"

namespace thalweg {

namespace {

// Stricter than CEL's equality, by which 1 equals 1.0: a stage may tell them apart.
bool identical(const Value& left, const Value& right) {
  std::vector<std::pair<const Value*, const Value*>> pending{{&left, &right}};
  while (!pending.empty()) {
    const auto [a, b] = pending.back();
    pending.pop_back();
    if (a->kind() != b->kind() || a->size() != b->size()) return false;
    if (a->is_list()) {
      for (std::size_t i = 0; i < a->size(); ++i) pending.emplace_back(&a->items()[i], &b->items()[i]);
    } else if (a->is_map()) {
      for (std::size_t i = 0; i < a->size(); ++i) {  // in order too: a stage may write it out
        pending.emplace_back(&a->entries()[i].key, &b->entries()[i].key);
        pending.emplace_back(&a->entries()[i].value, &b->entries()[i].value);
      }
    } else if (!(*a == *b)) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool ResultCache::Key::operator==(const Key& other) const noexcept {
  return plan == other.plan && stage == other.stage && identical(arguments, other.arguments);
}

std::size_t ResultCache::Hash::operator()(const Key& key) const noexcept {
  return hash(key.arguments) ^ (key.plan * 0x9E3779B97F4A7C15U) ^ (std::uint64_t{key.stage} << 32);
}

ResultCache::Answer ResultCache::find(const Key& key, Nanos now, Attempt& attempt, Value& result) {
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

void ResultCache::land(const Key& key, const Value* result, Nanos expires) {
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

bool ResultCache::cancel(const Key& key, Attempt& attempt) {
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
