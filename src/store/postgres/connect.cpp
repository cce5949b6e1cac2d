#include <poll.h>

#include <array>
#include <cerrno>
#include <chrono>

#include "store/postgres/connection.h"

namespace thalweg::postgres {

namespace {
constexpr std::chrono::seconds kConnectWithin{5};

int poll_both(const PGconn* connection, const Waker& waker, short events, int milliseconds, bool& woken) {
  std::array<pollfd, 2> waits{pollfd{PQsocket(connection), events, 0}, pollfd{waker.descriptor(), POLLIN, 0}};
  int ready = 0;
  while ((ready = ::poll(waits.data(), waits.size(), milliseconds)) < 0 && errno == EINTR) {
  }
  woken = waits[1].revents != 0;
  return ready <= 0 ? 0 : waits[0].revents;
}
}  // namespace

Awaited await(PGconn* connection, const Waker& waker, int milliseconds) {
  for (;;) {
    const int unsent = PQflush(connection);
    if (unsent < 0) return Awaited::lost;
    bool woken = false;
    const int ready = poll_both(connection, waker, unsent > 0 ? POLLIN | POLLOUT : POLLIN, milliseconds, woken);
    if ((ready & ~POLLOUT) != 0) return PQconsumeInput(connection) == 0 ? Awaited::lost : Awaited::data;
    if (woken) return Awaited::woken;
    if (ready == 0) return Awaited::timeout;
  }
}

std::optional<Failure> connect(const Target& target, const Waker& waker, ConnectionPtr& connection) {
  std::vector<const char*> keys, values;
  for (const auto& [key, value] : target.parameters) {
    keys.push_back(key.c_str());
    values.push_back(value.c_str());
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);
  connection.reset(PQconnectStartParams(keys.data(), values.data(), 0));
  if (connection == nullptr) return Failure{Trouble::database, Error(Code::resource_exhausted, "out of memory")};
  // What the server says besides answers ("terminating connection ...") would go to the standard error.
  PQsetNoticeProcessor(connection.get(), [](void*, const char*) {}, nullptr);
  PQsetErrorVerbosity(connection.get(), PQERRORS_VERBOSE);  // so that a refusal tells its code
  const auto until = std::chrono::steady_clock::now() + kConnectWithin;
  PostgresPollingStatusType state = PQstatus(connection.get()) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (state == PGRES_POLLING_READING || state == PGRES_POLLING_WRITING) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    bool woken = false;
    const short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    const int ready = left.count() <= 0 ? 0 : poll_both(connection.get(), waker, events, static_cast<int>(left.count()), woken);
    if (woken || ready == 0) {
      connection.reset();
      if (woken) return Failure{Trouble::interrupted, Error(Code::cancelled, "interrupted while connecting")};
      return Failure{Trouble::lost,
                     Error(Code::unavailable, fmt::format("{} did not answer within {} s; is the server running, and the "
                                                          "URL right?",
                                                          target.name, kConnectWithin.count()))};
    }
    state = PQconnectPoll(connection.get());
  }
  if (state == PGRES_POLLING_OK) {
    PQsetErrorVerbosity(connection.get(), PQERRORS_DEFAULT);
    return std::nullopt;
  }
  Failure failure = connection_failure(connection.get(), target);
  connection.reset();
  return failure;
}

}  // namespace thalweg::postgres
