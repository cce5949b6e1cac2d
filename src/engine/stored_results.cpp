#include "engine/stored_results.h"

#include "base/value_codec.h"

namespace thalweg {

Result<std::unique_ptr<StoredResults>> StoredResults::open(const Context& context, std::string_view url, Logger& log) {
  auto store = TRY(open_store(context, url));
  const Cache cache = TRY(Cache::open(*store, context));
  KeyedHash hash = TRY(KeyedHash::open(*store, context, "results", "thalweg_results"));
  return std::unique_ptr<StoredResults>(new StoredResults(context.clock(), log, std::move(store), cache, std::move(hash)));
}

StoredResults::StoredResults(Clock& clock, Logger& log, std::unique_ptr<Store> store, Cache cache, KeyedHash hash)
    : clock_(clock), log_(log), store_(std::move(store)), cache_(cache), hash_(std::move(hash)) {}

StoredResults::~StoredResults() {
  std::unique_lock lock(mutex_);
  all_ended_.wait(lock, [this] { return under_way_ == 0; });  // each has a deadline
}

std::optional<Hash128> StoredResults::row_key(const ResultKey& key) const {
  const auto encoded = encode_value(Value::list({Value(key.stage[0]), Value(key.stage[1]), key.arguments}));
  if (!encoded) return std::nullopt;
  return hash_(*encoded);
}

void StoredResults::get(const Context& context, const ResultKey& key, Found found) {
  const auto row = row_key(key);
  if (!row) return found(std::nullopt);
  {
    const std::lock_guard lock(mutex_);
    ++under_way_;
  }
  cache_.get(context, row->view(), [this, found = std::move(found)](Result<std::optional<Cache::Entry>> answer) mutable {
    std::optional<Kept> kept;
    if (!answer) {
      const Code code = answer.error().code();
      if (code != Code::cancelled && code != Code::deadline_exceeded)
        warn(told_lost_, "kept results are not found", answer.error());
    } else if (*answer) {
      Result<Value> value = decode_value((*answer)->value.as_string());
      if (value) {
        kept = {std::move(*value), (*answer)->left};
      } else {
        log_.log(LogLevel::warning, "a kept result is made anew", {{"store", store_->name()}, {"because", value.error().text()}});
      }
    }
    found(std::move(kept));
    ended(0);
  });
}

void StoredResults::put(const ResultKey& key, const Value& result, Nanos ttl) {
  const auto row = row_key(key);
  if (!row) return;
  const auto encoded = encode_value(result);
  if (!encoded) return warn(told_not_kept_, "a result is not kept", encoded.error());
  bool room = false;
  {
    const std::lock_guard lock(mutex_);
    room = bytes_ + encoded->size() <= kMostWaiting;
    if (room) {
      bytes_ += encoded->size();
      ++under_way_;
    }
  }
  if (!room) {
    return warn(told_too_many_, "some results are not kept",
                Error(Code::resource_exhausted, "they come faster than the store takes them"));
  }
  const Context context = Context(clock_).with_deadline(clock_.now() + kPatience);
  cache_.put(context, row->view(), Value::bytes(*encoded), ttl, [this, bytes = encoded->size()](Result<> kept) {
    if (!kept) warn(told_not_kept_, "results are not kept", kept.error());
    ended(bytes);
  });
}

void StoredResults::ended(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  bytes_ -= bytes;
  if (--under_way_ == 0) all_ended_.notify_all();  // under the lock: the destructor may go on as soon as it can take it
}

void StoredResults::warn(bool& told, std::string_view what, const Error& error) {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(told, true)) return;
  }
  log_.log(LogLevel::warning, what, {{"store", store_->name()}, {"because", error.text()}});
}

}  // namespace thalweg
