#include "store/sqlite.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "store/parameters.h"

namespace thalweg {

namespace {
constexpr std::size_t kPreparedStatements = 128;
constexpr int kCheckEvery = 1'000;  // instructions of SQLite's machine between two looks at `interrupted`

Value cell(sqlite3_stmt* statement, int column) {
  const auto size = [&] { return static_cast<std::size_t>(sqlite3_column_bytes(statement, column)); };
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return Value(static_cast<std::int64_t>(sqlite3_column_int64(statement, column)));
    case SQLITE_FLOAT:
      return Value(sqlite3_column_double(statement, column));
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
      return Value(std::string_view(text, size()));
    }
    case SQLITE_BLOB: {
      const auto* data = static_cast<const char*>(sqlite3_column_blob(statement, column));
      return Value::bytes(std::string_view(data, size()));
    }
    default:
      return {};
  }
}

// "$12" names parameter 12, counted from 1.
std::optional<std::size_t> parameter_number(const char* name) {
  std::size_t number = 0;
  const std::string_view text = name == nullptr ? std::string_view() : std::string_view(name);
  if (text.size() < 2 || text[0] != '$') return std::nullopt;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 1) return std::nullopt;
  return number;
}
}  // namespace

Failure SqliteConnection::failed(int result, std::string_view doing) const {
  return sqlite_failure(database_, result, path_, doing);
}

std::optional<Failure> SqliteConnection::open() {
  close();
  // Only this thread uses the connection, so SQLite's own lock is not needed; extended results tell a full disk from others.
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (role_ == Driver::Role::write) flags |= SQLITE_OPEN_CREATE;
  const int opened = sqlite3_open_v2(path_.c_str(), &database_, flags, nullptr);
  std::optional<Failure> failure;
  if (opened != SQLITE_OK) failure = failed(opened, "open");
  // A file that can only be read is opened all the same, and would fail at its first change only.
  if (!failure && sqlite3_db_readonly(database_, "main") == 1) failure = failed(SQLITE_READONLY, "open");
  if (!failure) {
    sqlite3_progress_handler(
        database_, kCheckEvery,
        [](void* flag) { return static_cast<std::atomic<bool>*>(flag)->load(std::memory_order_acquire) ? 1 : 0; }, &interrupted_);
    const Statement settings[] = {
        {"pragma foreign_keys = on", {}},
        {"pragma trusted_schema = off", {}},
        {"pragma synchronous = full", {}},  // what was told to be committed survives a power cut; joined commits pay for it
        {"pragma journal_mode = wal", {}},
    };
    const Statement more_pages{"pragma cache_size = -16384", {}};  // KiB; rows under hashes touch a page of their index each
    std::vector<const Statement*> steps;
    if (role_ == Driver::Role::write) steps.push_back(&more_pages);
    for (const Statement& setting : settings) steps.push_back(&setting);
    std::vector<Rows> rows;
    failure = run(steps, rows);
    if (!failure && path_ != kInMemory && (rows.back().empty() || rows.back()[0][0] != Value("wal"))) {
      failure = Failure{Trouble::database,
                        Error(Code::failed_precondition, fmt::format("{} lies where SQLite cannot keep a write-ahead "
                                                                     "log; move it to a local disk",
                                                                     path_))};
    }
  }
  if (failure) close();
  return failure;
}

void SqliteConnection::close() noexcept {
  for (auto& [text, prepared] : prepared_) sqlite3_finalize(prepared.statement);
  prepared_.clear();
  recent_.clear();
  sqlite3_close(std::exchange(database_, nullptr));
}

bool SqliteConnection::in_transaction() const noexcept { return database_ != nullptr && sqlite3_get_autocommit(database_) == 0; }

std::optional<Failure> SqliteConnection::run(std::span<const Statement* const> steps, std::vector<Rows>& rows) {
  for (const Statement* statement : steps) {
    if (interrupted_.load(std::memory_order_acquire)) return failed(SQLITE_INTERRUPT, excerpt(statement->sql));
    Rows answer;
    if (auto failure = step(*statement, answer)) return failure;
    rows.push_back(std::move(answer));
  }
  return std::nullopt;
}

std::optional<Failure> SqliteConnection::step(const Statement& statement, Rows& rows) {
  Prepared* prepared = nullptr;
  if (auto failure = prepare(statement, prepared)) return failure;
  sqlite3_stmt* const running = prepared->statement;
  if (statement.expect == Expect::reading && sqlite3_stmt_readonly(running) == 0) return writes(statement);
  if (auto failure = bind(statement, *prepared)) return failure;

  const int columns = sqlite3_column_count(running);
  const std::int64_t before = sqlite3_total_changes64(database_);
  int result = SQLITE_ROW;
  while ((result = sqlite3_step(running)) == SQLITE_ROW) {
    for (int i = 0; i < columns; ++i) rows.cells.push_back(cell(running, i));
  }
  std::optional<Failure> failure;
  if (result != SQLITE_DONE) {
    failure = failed(result, excerpt(statement.sql));
  } else {
    for (int i = 0; i < columns; ++i) rows.columns.emplace_back(sqlite3_column_name(running, i));
    // changes() keeps the number of the last statement that changed something: asked only when this one did.
    if (sqlite3_total_changes64(database_) != before) rows.changed = sqlite3_changes64(database_);
  }
  sqlite3_reset(running);
  sqlite3_clear_bindings(running);
  if (!failure && statement.expect == Expect::change && rows.changed == 0) return nothing_changed(statement);
  return failure;
}

std::optional<Failure> SqliteConnection::prepare(const Statement& statement, Prepared*& prepared) {
  if (const auto found = prepared_.find(statement.sql); found != prepared_.end()) {
    recent_.splice(recent_.begin(), recent_, found->second.used);
    prepared = &found->second;
    return std::nullopt;
  }
  Prepared made;
  const char* rest = nullptr;
  const int result = sqlite3_prepare_v3(database_, statement.sql.data(), static_cast<int>(statement.sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &made.statement, &rest);
  if (result != SQLITE_OK) return failed(result, excerpt(statement.sql));
  const auto refuse = [&](std::string_view why) {
    sqlite3_finalize(made.statement);
    return Failure{Trouble::statement, Error(Code::invalid_argument, fmt::format("\"{}\": {}", excerpt(statement.sql), why))};
  };
  const std::string_view left(rest, static_cast<std::size_t>(statement.sql.data() + statement.sql.size() - rest));
  if (made.statement == nullptr || left.find_first_not_of(" \t\r\n;") != std::string_view::npos) {
    return refuse("there must be exactly one statement");
  }
  for (int i = 1; i <= sqlite3_bind_parameter_count(made.statement); ++i) {
    const auto number = parameter_number(sqlite3_bind_parameter_name(made.statement, i));
    if (!number || *number > statement.parameters.size()) return refuse("parameters are written $1, $2, ...");
    made.parameters.push_back(*number - 1);
  }
  if (prepared_.size() >= kPreparedStatements) {
    const auto oldest = prepared_.find(recent_.back());
    sqlite3_finalize(oldest->second.statement);
    prepared_.erase(oldest);
    recent_.pop_back();
  }
  recent_.push_front(statement.sql);
  made.used = recent_.begin();
  prepared = &prepared_.emplace(statement.sql, std::move(made)).first->second;
  return std::nullopt;
}

std::optional<Failure> SqliteConnection::bind(const Statement& statement, const Prepared& prepared) {
  for (std::size_t i = 0; i < prepared.parameters.size(); ++i) {
    const int index = static_cast<int>(i) + 1;
    const Value& value = statement.parameters[prepared.parameters[i]];
    int result = SQLITE_OK;
    // SQLITE_STATIC: the caller's values outlive the step, and bindings are cleared after it. A null pointer would mean null.
    switch (value.kind()) {
      case Kind::boolean:
        result = sqlite3_bind_int64(prepared.statement, index, value.as_bool() ? 1 : 0);
        break;
      case Kind::integer:
        result = sqlite3_bind_int64(prepared.statement, index, value.as_int());
        break;
      case Kind::real:
        result = sqlite3_bind_double(prepared.statement, index, value.as_real());
        break;
      case Kind::string: {
        const std::string_view text = value.as_string();
        result = sqlite3_bind_text64(prepared.statement, index, text.empty() ? "" : text.data(), text.size(), SQLITE_STATIC,
                                     SQLITE_UTF8);
        break;
      }
      case Kind::bytes: {
        const std::string_view data = value.as_string();
        result = sqlite3_bind_blob64(prepared.statement, index, data.empty() ? "" : data.data(), data.size(), SQLITE_STATIC);
        break;
      }
      default:
        result = sqlite3_bind_null(prepared.statement, index);
    }
    if (result != SQLITE_OK) return failed(result, excerpt(statement.sql));
  }
  return std::nullopt;
}

}  // namespace thalweg
