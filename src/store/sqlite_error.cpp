#include <cerrno>
#include <filesystem>
#include <system_error>

#include "store/sqlite.h"

namespace thalweg {

namespace {
Error cannot_open(const std::string& path, int errno_value) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder, ignored)) {
    return Error(Code::not_found, fmt::format("there is no folder {}; make it first", folder.string()));
  }
  if (std::filesystem::is_directory(path, ignored)) {
    return Error(Code::invalid_argument, fmt::format("{} is a folder; name a file in it", path));
  }
  if (errno_value == EMFILE || errno_value == ENFILE) return system_error(errno_value, fmt::format("open {}", path));
  return Error(
      Code::permission_denied,
      fmt::format("cannot open or make {} ({}); this user needs the right to read and write the file and its folder, where "
                  "SQLite keeps -wal and -shm files beside it",
                  path, errno_value == 0 ? "no reason given" : std::generic_category().message(errno_value)));
}

// Why the operating system refused something last. SQLite does not tell where a commit failed; then the log's file knows.
int last_errno(sqlite3* database, int result) {
  if (database == nullptr) return 0;
  int told = sqlite3_system_errno(database);
  sqlite3_file* log = nullptr;
  if (told == 0 && (result & 0xFF) == SQLITE_IOERR &&
      sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&log)) == SQLITE_OK &&
      log != nullptr && log->pMethods != nullptr) {
    log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &told);
  }
  return told;
}

Error input_output(const std::string& path, int errno_value, std::string_view message) {
  if (errno_value == ENOSPC || errno_value == EDQUOT || errno_value == EFBIG) {
    return Error(Code::resource_exhausted,
                 fmt::format("writing {}: {}; nothing of this was stored: free some space, then repeat it", path,
                             std::generic_category().message(errno_value)));
  }
  return Error(Code::internal,
               fmt::format("reading or writing {} failed: {} ({}); look at the disk and the system's log", path, message,
                           errno_value == 0 ? "no reason given" : std::generic_category().message(errno_value)));
}

Error constraint(int result, std::string_view message, std::string_view doing) {
  const bool unique =
      result == SQLITE_CONSTRAINT_UNIQUE || result == SQLITE_CONSTRAINT_PRIMARYKEY || result == SQLITE_CONSTRAINT_ROWID;
  return Error(unique ? Code::already_exists : Code::failed_precondition, fmt::format("{}: {}", doing, message));
}
}  // namespace

Failure sqlite_failure(sqlite3* database, int result, const std::string& path, std::string_view doing) {
  const bool told = database != nullptr && sqlite3_extended_errcode(database) == result;
  const std::string_view message = told ? sqlite3_errmsg(database) : sqlite3_errstr(result);
  const int errno_value = last_errno(database, result);
  switch (result & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {Trouble::conflict,
              Error(Code::unavailable, fmt::format("{} is locked by another process or connection, longer than this "
                                                   "call could wait; end what holds it, or allow more time",
                                                   path))};
    case SQLITE_INTERRUPT:
      return {Trouble::interrupted, Error(Code::cancelled, fmt::format("{}: interrupted", doing))};
    case SQLITE_FULL:
      return {Trouble::database, input_output(path, ENOSPC, message)};
    case SQLITE_NOMEM:
      return {Trouble::database, Error(Code::resource_exhausted, fmt::format("{}: out of memory", doing))};
    case SQLITE_IOERR:
      return {Trouble::database, input_output(path, errno_value, message)};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
      return {Trouble::database,
              Error(Code::data_loss, fmt::format("{} is damaged or no SQLite database ({}); put a copy of it back, or "
                                                 "move it away to start with an empty one",
                                                 path, message))};
    case SQLITE_CANTOPEN:
      return {Trouble::database, cannot_open(path, errno_value)};
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return {Trouble::database,
              result == SQLITE_READONLY_DBMOVED
                  ? Error(Code::failed_precondition,
                          fmt::format("{} was moved or deleted while it was open; put it back and start again", path))
                  : Error(Code::permission_denied,
                          fmt::format("{} can only be read ({}); this user needs the right to write the file "
                                      "and its folder",
                                      path, message))};
    case SQLITE_CONSTRAINT:
      return {Trouble::statement, constraint(result, message, doing)};
    default:
      return {Trouble::statement, Error(Code::invalid_argument, fmt::format("{}: {}", doing, message))};
  }
}

}  // namespace thalweg
