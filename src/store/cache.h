#pragma once
// Results worth keeping: bytes under a key, for some time, shared by all programs that use the store.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "store/store.h"
#include "thalweg/context.h"

namespace thalweg {

/// A table from keys to bytes with times to live. Thread-safe; the store must outlive it and its calls. What is over is not found
/// any more, and is deleted a few entries at a time by later puts. Time is the context's wall clock.
///
///     Cache cache = TRY(Cache::open(*store, context));
///     cache.put(context, key, Value::bytes(data), kNever, [](Result<> kept) { ... });
///     cache.get(context, key, [](Result<std::optional<Cache::Entry>> found) { ... });
class Cache {
 public:
  struct Entry {
    Value value;          ///< bytes
    Nanos left = kNever;  ///< of its time
  };
  using Found = std::move_only_function<void(Result<std::optional<Entry>>)>;
  using Kept = std::move_only_function<void(Result<>)>;

  /// Makes the table when it is not there.
  [[nodiscard]] static Result<Cache> open(Store& store, const Context& context);

  /// `key`: any bytes, best a hash of what the result depends on. Nothing when there is none, or its time is over.
  void get(const Context& context, std::string_view key, Found done) const;
  /// Replaces what is there. `value`: bytes. `ttl`: how long it counts, kNever for ever.
  /// Errors: invalid_argument when `value` is no bytes or `ttl` is not positive.
  void put(const Context& context, std::string_view key, Value value, Nanos ttl, Kept done) const;

  /// The same, waiting for the answer.
  [[nodiscard]] Result<std::optional<Entry>> get(const Context& context, std::string_view key) const;
  Result<> put(const Context& context, std::string_view key, Value value, Nanos ttl) const;

 private:
  explicit Cache(Store& store) : store_(&store) {}
  Store* store_;
};

}  // namespace thalweg
