#include <array>
#include <cctype>

#include "store/postgres/connection.h"

namespace thalweg::postgres {

namespace {
std::string one_line(std::string_view text) {
  const std::size_t location = text.find("LOCATION:");  // of the server's source code
  text = text.substr(0, location);
  std::string line;
  for (const char c : text) {
    if (c != '\n' && c != '\t')
      line += c;
    else if (!line.empty() && line.back() != ' ')
      line += ' ';
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

// libpq tells the state of a refused connection only inside its verbose message: "FATAL:  3D000: database ... does not exist".
std::string_view state_in(std::string_view message) {
  for (std::size_t at = message.find(":  "); at != std::string_view::npos; at = message.find(":  ", at + 1)) {
    const std::string_view state = message.substr(at + 3, 5);
    bool good = state.size() == 5 && message.substr(at + 8, 2) == ": ";
    for (const char c : state) good = good && (std::isdigit(static_cast<unsigned char>(c)) != 0 || (c >= 'A' && c <= 'Z'));
    if (good) return state;
  }
  return {};
}

// Codes of PostgreSQL's manual, appendix A; the first prefix that fits counts.
struct Meaning {
  std::string_view state;
  Trouble trouble;
  Code code;
  std::string_view cure;
};
constexpr std::array kMeanings{
    Meaning{"08P01", Trouble::statement, Code::invalid_argument, ""},  // a wrong number of parameters
    Meaning{"08", Trouble::lost, Code::unavailable, ""},
    Meaning{"23505", Trouble::statement, Code::already_exists, ""},
    Meaning{"23", Trouble::statement, Code::failed_precondition, ""},
    Meaning{"25006", Trouble::database, Code::permission_denied,
            "; this server or user can only read, name the writing one in the URL"},
    Meaning{"28", Trouble::database, Code::unauthenticated, "; look at the user and password in the URL, or in ~/.pgpass"},
    Meaning{"3D000", Trouble::database, Code::not_found, "; make it with createdb, or name another in the URL"},
    Meaning{"40", Trouble::conflict, Code::aborted, ""},
    Meaning{"42501", Trouble::statement, Code::permission_denied, "; grant it to this user"},
    Meaning{"53300", Trouble::lost, Code::unavailable, "; raise the server's max_connections, or run fewer programs"},
    Meaning{"53", Trouble::database, Code::resource_exhausted, "; free what the server ran out of, then repeat this"},
    Meaning{"55P03", Trouble::conflict, Code::unavailable,
            "; another transaction holds the lock longer than this call could wait"},
    Meaning{"57014", Trouble::statement, Code::deadline_exceeded, "; the server's statement_timeout"},
    Meaning{"57P", Trouble::lost, Code::unavailable, ""},
    Meaning{"58", Trouble::database, Code::internal, "; look at the server's log"},
    Meaning{"XX", Trouble::database, Code::data_loss, "; look at the server's log"},
    // All other states tell that the statement is wrong.
    Meaning{"", Trouble::statement, Code::invalid_argument, ""},
};

const Meaning& meaning_of(std::string_view state) {
  for (const Meaning& meaning : kMeanings) {
    if (state.starts_with(meaning.state)) return meaning;
  }
  return kMeanings.back();
}
}  // namespace

Failure result_failure(const PGresult* result, const Target& target, std::string_view doing) {
  const char* const state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  if (state == nullptr) {  // libpq's own words: the connection broke
    return {Trouble::lost, Error(Code::unavailable,
                                 fmt::format("{}: connection lost ({})", target.name, one_line(PQresultErrorMessage(result))))};
  }
  const Meaning& meaning = meaning_of(state);
  const char* const message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  const char* const detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
  return {meaning.trouble,
          Error(meaning.code, fmt::format("{}: {}{}{}{}", doing, message == nullptr ? state : message,
                                          detail == nullptr ? "" : ": ", detail == nullptr ? "" : detail, meaning.cure))};
}

Failure connection_failure(const PGconn* connection, const Target& target) {
  const std::string message = one_line(PQerrorMessage(connection));
  const std::string_view state = state_in(message);
  if (PQconnectionNeedsPassword(connection) != 0) {
    return {Trouble::database,
            Error(Code::unauthenticated, fmt::format("{} wants a password; put it into ~/.pgpass", target.name))};
  }
  if (state.empty()) {
    return {Trouble::lost, Error(Code::unavailable, fmt::format("cannot reach {}: {}; is the server running, and the URL right?",
                                                                target.name, message.empty() ? "connection lost" : message))};
  }
  const Meaning& meaning = meaning_of(state);
  return {meaning.trouble, Error(meaning.code, fmt::format("cannot connect to {}: {}{}", target.name, message, meaning.cure))};
}

}  // namespace thalweg::postgres
