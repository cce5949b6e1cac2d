#include "engine/keyed_hash.h"

#include <sys/random.h>

#include <cerrno>
#include <cstring>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace thalweg {

namespace {
Hash128 canonical(XXH128_hash_t made) noexcept {
  XXH128_canonical_t bytes;
  XXH128_canonicalFromHash(&bytes, made);
  Hash128 hash;
  static_assert(sizeof bytes.digest == sizeof hash.bytes);
  std::memcpy(hash.bytes.data(), bytes.digest, sizeof bytes.digest);
  return hash;
}
}  // namespace

std::optional<Hash128> Hash128::from(std::string_view bytes) noexcept {
  Hash128 hash;
  if (bytes.size() != hash.bytes.size()) return std::nullopt;
  std::memcpy(hash.bytes.data(), bytes.data(), bytes.size());
  return hash;
}

std::string Hash128::hex() const {
  std::string text;
  for (const unsigned char byte : bytes) fmt::format_to(std::back_inserter(text), "{:02x}", byte);
  return text;
}

Hash128 hash128(std::string_view data) noexcept { return canonical(XXH3_128bits(data.data(), data.size())); }

// The secret that is there, else a new one: of two programs at once the first one's stands.
Result<KeyedHash> KeyedHash::open(Store& store, const Context& context, std::string_view component, std::string_view table) {
  const std::array migrations{
      Migration{1, "secret", {fmt::format("create table {} (id bigint primary key, secret bytea not null)", table)}}};
  TRY(store.migrate(context, component, migrations));
  std::string made(XXH3_SECRET_DEFAULT_SIZE, '\0');
  if (::getrandom(made.data(), made.size(), 0) != static_cast<ssize_t>(made.size())) {
    return std::unexpected(system_error(errno, "draw random bytes"));
  }
  Transaction transaction;
  transaction.idempotent = true;
  transaction.statements = {
      {fmt::format("insert into {} values (1, $1) on conflict (id) do nothing", table), {Value::bytes(made)}},
      {fmt::format("select secret from {} where id = 1", table), {}},
  };
  const auto rows = TRY(store.commit(context, std::move(transaction)));
  if (rows[1].empty() || !rows[1][0][0].is_bytes() || rows[1][0][0].size() != made.size()) {
    return fail(Code::data_loss, "{}: the secret of its keys is damaged; drop the table {} to begin anew", store.name(), table);
  }
  return KeyedHash(std::string(rows[1][0][0].as_string()));
}

Hash128 KeyedHash::operator()(std::string_view data) const noexcept {
  return canonical(XXH3_128bits_withSecret(data.data(), data.size(), secret_.data(), secret_.size()));
}

}  // namespace thalweg
