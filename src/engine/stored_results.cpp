#include "engine/stored_results.h"

#include <sys/random.h>

#include <array>
#include <cerrno>

#include "base/value_codec.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace thalweg {

namespace {

// The secret that is there, else a new one: of two programs at once the first one's stands.
Result<std::string> read_secret(Store& store, const Context& context) {
  const std::array migrations{
      Migration{1, "secret", {"create table thalweg_results (id bigint primary key, secret bytea not null)"}}};
  TRY(store.migrate(context, "results", migrations));
  std::string made(XXH3_SECRET_DEFAULT_SIZE, '\0');
  if (::getrandom(made.data(), made.size(), 0) != static_cast<ssize_t>(made.size())) {
    return std::unexpected(system_error(errno, "draw random bytes"));
  }
  Transaction transaction;
  transaction.idempotent = true;
  transaction.statements = {
      {"insert into thalweg_results values (1, $1) on conflict (id) do nothing", {Value::bytes(made)}},
      {"select secret from thalweg_results where id = 1", {}},
  };
  const auto rows = TRY(store.commit(context, std::move(transaction)));
  if (rows[1].empty() || !rows[1][0][0].is_bytes() || rows[1][0][0].size() != made.size()) {
    return fail(Code::data_loss, "{}: the secret of the kept results is damaged; drop the table thalweg_results to begin anew",
                store.name());
  }
  return std::string(rows[1][0][0].as_string());
}

}  // namespace

Result<std::unique_ptr<StoredResults>> StoredResults::open(const Context& context, std::string_view url, Logger& log) {
  auto store = TRY(open_store(context, url));
  const Cache cache = TRY(Cache::open(*store, context));
  std::string secret = TRY(read_secret(*store, context));
  return std::unique_ptr<StoredResults>(new StoredResults(context.clock(), log, std::move(store), cache, std::move(secret)));
}

StoredResults::StoredResults(Clock& clock, Logger& log, std::unique_ptr<Store> store, Cache cache, std::string secret)
    : clock_(clock), log_(log), store_(std::move(store)), cache_(cache), secret_(std::move(secret)) {}

StoredResults::~StoredResults() {
  std::unique_lock lock(mutex_);
  all_ended_.wait(lock, [this] { return under_way_ == 0; });  // each has a deadline
}

std::optional<std::string> StoredResults::row_key(const ResultKey& key) const {
  const auto encoded = encode_value(Value::list({Value(key.stage[0]), Value(key.stage[1]), key.arguments}));
  if (!encoded) return std::nullopt;
  const XXH128_hash_t made = XXH3_128bits_withSecret(encoded->data(), encoded->size(), secret_.data(), secret_.size());
  XXH128_canonical_t bytes;
  XXH128_canonicalFromHash(&bytes, made);
  return std::string(reinterpret_cast<const char*>(bytes.digest), sizeof bytes.digest);
}

void StoredResults::get(const Context& context, const ResultKey& key, Found found) {
  const auto row = row_key(key);
  if (!row) return found(std::nullopt);
  {
    const std::lock_guard lock(mutex_);
    ++under_way_;
  }
  cache_.get(context, *row, [this, found = std::move(found)](Result<std::optional<Cache::Entry>> answer) mutable {
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
  cache_.put(context, *row, Value::bytes(*encoded), ttl, [this, bytes = encoded->size()](Result<> kept) {
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
