#pragma once
// Tables change with the program: numbered steps that run once, in order, whole or not at all.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "store/driver.h"

namespace thalweg {

/// One step of a component's schema. Never edit one that was released (its checksum is kept): add the next.
///
///     const Migration kMigrations[] = {
///         {1, "items", {"create table item (id bigint primary key, state text not null)"}},
///         {2, "when", {"alter table item add column changed_at bigint not null default 0"}},
///     };
struct Migration {
  std::int64_t version;  ///< 1, 2, 3, ...
  std::string name;
  std::vector<std::string> statements;
};

/// Runs the migrations of `component` that are missing, in one transaction that no other process can run beside it.
/// Errors: failed_precondition when the database was written by a newer program or a migration was edited after it ran;
/// invalid_argument when the numbers are not 1, 2, 3, ...; else the failing statement's.
[[nodiscard]] std::optional<Failure> run_migrations(Connection& connection, std::span<const Statement> exclusive_begin,
                                                    std::string_view component, std::span<const Migration> migrations,
                                                    Nanos wall);

}  // namespace thalweg
