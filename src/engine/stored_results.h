#pragma once
// A store of results in a database.

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/log.h"
#include "engine/keyed_hash.h"
#include "engine/result_store.h"
#include "store/cache.h"
#include "store/store.h"

namespace thalweg {

/// Results in a database (a file, or a server that several machines share), found again by whatever program runs the same stage
/// on the same arguments. Rows stand under a keyed hash of 128 bits whose secret is the database's own, so that nobody can
/// prepare arguments that find the result of others. A damaged row counts as none and is written anew. Trouble with the database
/// is logged, each kind once.
///
///     auto results = TRY(StoredResults::open(context, "sqlite:results.db", logger));
///     executor.run(plan, input, context, {.results = results.get()});
class StoredResults final : public ResultStore {
 public:
  static constexpr std::size_t kMostWaiting = std::size_t{64} << 20;  ///< bytes on their way; what comes then is not kept
  static constexpr Nanos kPatience = 30 * kSecond;                    ///< until a result must be in the database

  /// Makes the tables when they are not there. Errors: those of open_store().
  [[nodiscard]] static Result<std::unique_ptr<StoredResults>> open(const Context& context, std::string_view url, Logger& log);
  /// Waits until what was put is kept, at most kPatience.
  ~StoredResults() override;
  StoredResults(const StoredResults&) = delete;
  StoredResults& operator=(const StoredResults&) = delete;

  void get(const Context& context, const ResultKey& key, Found found) override;
  void put(const ResultKey& key, const Value& result, Nanos ttl) override;

 private:
  StoredResults(Clock& clock, Logger& log, std::unique_ptr<Store> store, Cache cache, KeyedHash hash);
  /// Nothing for arguments that are too large to be hashed.
  [[nodiscard]] std::optional<Hash128> row_key(const ResultKey& key) const;
  void ended(std::size_t bytes);
  void warn(bool& told, std::string_view what, const Error& error);

  Clock& clock_;
  Logger& log_;
  const std::unique_ptr<Store> store_;
  const Cache cache_;
  const KeyedHash hash_;
  std::mutex mutex_;
  std::condition_variable all_ended_;
  std::size_t under_way_ = 0;  ///< guarded, as what follows
  std::size_t bytes_ = 0;
  bool told_lost_ = false, told_not_kept_ = false, told_too_many_ = false;
};

}  // namespace thalweg
