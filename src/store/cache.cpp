#include "store/cache.h"

#include <array>
#include <utility>

#include "store/wait.h"

namespace thalweg {

Result<Cache> Cache::open(Store& store, const Context& context) {
  const std::array migrations{Migration{
      1,
      "entries",
      {"create table thalweg_cache (key bytea primary key, value bytea not null, expires_at_ns bigint not null)",
       "create index thalweg_cache_expires on thalweg_cache (expires_at_ns)"},
  }};
  TRY(store.migrate(context, "cache", migrations));
  return Cache(store);
}

void Cache::get(const Context& context, std::string_view key, Found done) const {
  const Nanos now = context.clock().wall();
  store_->read(
      context,
      {"select value, expires_at_ns from thalweg_cache where key = $1 and expires_at_ns > $2", {Value::bytes(key), Value(now)}},
      [now, done = std::move(done)](Result<Rows> rows) mutable {
        if (!rows) return done(std::unexpected(std::move(rows).error()));
        if (rows->empty()) return done(std::optional<Entry>());
        const Nanos expires = (*rows)[0][1].as_int();
        done(Entry{std::move(rows->cells.front()), expires == kNever ? kNever : expires - now});
      });
}

void Cache::put(const Context& context, std::string_view key, Value value, Nanos ttl, Kept done) const {
  if (!value.is_bytes() || ttl <= 0) {
    return done(fail(Code::invalid_argument, "the cache keeps bytes for a positive time, not {} for {} ns",
                     type_name(value.kind()), ttl));
  }
  const Nanos now = context.clock().wall();
  const Nanos expires = ttl > kNever - now ? kNever : now + ttl;
  Transaction transaction;
  transaction.idempotent = true;
  transaction.statements = {
      // A few at a time, so that a put never takes long; more than one, so that they go faster than they come.
      {"delete from thalweg_cache where key in (select key from thalweg_cache where expires_at_ns <= $1 order by expires_at_ns "
       "limit 8)",
       {Value(now)}},
      {"insert into thalweg_cache values ($1, $2, $3) "
       "on conflict (key) do update set value = excluded.value, expires_at_ns = excluded.expires_at_ns",
       {Value::bytes(key), std::move(value), Value(expires)}},
  };
  store_->commit(context, std::move(transaction), [done = std::move(done)](Result<std::vector<Rows>> rows) mutable {
    if (!rows) return done(std::unexpected(std::move(rows).error()));
    done({});
  });
}

Result<std::optional<Cache::Entry>> Cache::get(const Context& context, std::string_view key) const {
  return wait_for<std::optional<Entry>>([&](Found done) { get(context, key, std::move(done)); });
}

Result<> Cache::put(const Context& context, std::string_view key, Value value, Nanos ttl) const {
  return wait_for<void>([&](Kept done) { put(context, key, std::move(value), ttl, std::move(done)); });
}

}  // namespace thalweg
