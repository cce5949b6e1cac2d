#include "store/migration.h"

#include <utility>

#include "store/parameters.h"

namespace thalweg {

namespace {
// FNV-1a, 64 bits: it finds edits, it does not keep secrets.
std::string checksum(const Migration& migration) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  const auto add = [&hash](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
    hash = (hash ^ 0xFFU) * 0x100000001B3U;
  };
  for (const std::string& statement : migration.statements) add(statement);
  return fmt::format("{:016x}", hash);
}

Failure refuse(Code code, std::string message) { return {Trouble::statement, Error(code, std::move(message))}; }

std::optional<Failure> check_history(std::string_view component, std::span<const Migration> migrations, const Rows& applied) {
  for (std::size_t i = 0; i < applied.size(); ++i) {
    const std::int64_t version = applied[i][0].as_int();
    if (i >= migrations.size()) {
      return refuse(
          Code::failed_precondition,
          fmt::format(
              "the tables of {} have version {}, and this program knows {} at most; use the newer program that wrote them",
              component, version, migrations.size()));
    }
    if (version != migrations[i].version || applied[i][1].as_string() != checksum(migrations[i])) {
      return refuse(
          Code::failed_precondition,
          fmt::format(
              "migration {} ({}) of {} is not the one that made these tables; a released migration must not change, add a "
              "new one instead",
              migrations[i].version, migrations[i].name, component));
    }
  }
  return std::nullopt;
}

std::optional<Failure> apply(Connection& connection, std::span<const Statement> exclusive_begin, std::string_view component,
                             std::span<const Migration> migrations, Nanos wall) {
  std::vector<Rows> rows;
  const auto run = [&](const Statement& statement) {
    rows.clear();
    const Statement* const step = &statement;
    return connection.run(std::span(&step, 1), rows);
  };
  for (const Statement& statement : exclusive_begin) {
    if (auto failure = run(statement)) return failure;
  }
  if (auto failure =
          run({"create table if not exists thalweg_migration (component text not null, version bigint not null, "
               "name text not null, checksum text not null, applied_at_ns bigint not null, primary key (component, version))",
               {}})) {
    return failure;
  }
  if (auto failure =
          run({"select version, checksum from thalweg_migration where component = $1 order by version", {Value(component)}})) {
    return failure;
  }
  const Rows applied = std::move(rows[0]);
  if (auto failure = check_history(component, migrations, applied)) return failure;
  for (const Migration& migration : migrations.subspan(applied.size())) {
    for (const std::string& sql : migration.statements) {
      if (auto failure = run({sql, {}})) {
        failure->error = failure->error.at(fmt::format("migration {} ({}) of {}", migration.version, migration.name, component));
        return failure;
      }
    }
    if (auto failure =
            run({"insert into thalweg_migration values ($1, $2, $3, $4, $5)",
                 {Value(component), Value(migration.version), Value(migration.name), Value(checksum(migration)), Value(wall)}})) {
      return failure;
    }
  }
  return run({"commit", {}});
}
}  // namespace

std::optional<Failure> run_migrations(Connection& connection, std::span<const Statement> exclusive_begin,
                                      std::string_view component, std::span<const Migration> migrations, Nanos wall) {
  for (std::size_t i = 0; i < migrations.size(); ++i) {
    if (migrations[i].version != static_cast<std::int64_t>(i + 1)) {
      return refuse(Code::invalid_argument, fmt::format("the migrations of {} must be numbered 1, 2, 3, ...: number {} is {}",
                                                        component, i + 1, migrations[i].version));
    }
  }
  return apply(connection, exclusive_begin, component, migrations, wall);
}

}  // namespace thalweg
