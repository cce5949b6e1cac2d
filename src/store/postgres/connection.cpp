#include "store/postgres/connection.h"

#include <bit>
#include <utility>

#include "store/parameters.h"

namespace thalweg::postgres {

namespace {
constexpr std::size_t kPreparedStatements = 256;
constexpr std::size_t kPipeline = 512;  // steps on their way at one time
constexpr int kCancelAgainMs = 100;
constexpr int kCancelTimes = 50;

// The types parameters are sent as; null is of whatever type fits.
constexpr Oid kInt8 = 20, kFloat8 = 701, kText = 25, kBytea = 17;

Oid type_of(const Value& value) {
  switch (value.kind()) {
    case Kind::boolean:
    case Kind::integer:
      return kInt8;
    case Kind::real:
      return kFloat8;
    case Kind::string:
      return kText;
    case Kind::bytes:
      return kBytea;
    default:
      return 0;
  }
}

std::string key_of(const Statement& statement) {
  std::string key;
  for (const Value& value : statement.parameters) key += static_cast<char>('a' + static_cast<int>(value.kind()));
  key += ' ';
  key += statement.sql;
  return key;
}

std::array<char, 8> big_endian(std::uint64_t bits) { return std::bit_cast<std::array<char, 8>>(__builtin_bswap64(bits)); }
}  // namespace

std::optional<Failure> PostgresConnection::open() {
  prepared_.clear();
  connection_.reset();
  if (!waker_) return out_of_descriptors();
  if (auto failure = connect(target_, waker_, connection_)) return failure;
  if (PQsetnonblocking(connection_.get(), 1) != 0 || PQenterPipelineMode(connection_.get()) == 0) return lost();
  return std::nullopt;
}

Failure PostgresConnection::lost() {
  Failure failure = connection_failure(connection_.get(), target_);
  connection_.reset();
  return failure;
}

bool PostgresConnection::in_transaction() const noexcept {
  return connection_ != nullptr && PQtransactionStatus(connection_.get()) != PQTRANS_IDLE;
}

std::optional<Failure> PostgresConnection::run(std::span<const Statement* const> steps, std::vector<Rows>& rows) {
  while (!steps.empty()) {
    // What a statement with Expect::change did must be known before the next one is sent.
    std::size_t size = 0;
    while (size < steps.size() && size < kPipeline && (size == 0 || steps[size - 1]->expect != Expect::change)) ++size;
    sent_.clear();
    for (const Statement* statement : steps.first(size)) {
      if (!send(*statement)) return lost();
    }
    if (PQpipelineSync(connection_.get()) == 0) return lost();
    if (auto failure = receive(rows)) return failure;
    if (steps[size - 1]->expect == Expect::change && rows.back().changed == 0) {
      rows.pop_back();
      return nothing_changed(*steps[size - 1]);
    }
    steps = steps.subspan(size);
  }
  return std::nullopt;
}

bool PostgresConnection::send(const Statement& statement) {
  if (prepared_.size() >= kPreparedStatements) {
    prepared_.clear();
    sent_.push_back({nullptr, {}});
    if (PQsendQueryParams(connection_.get(), "deallocate all", 0, nullptr, nullptr, nullptr, nullptr, 0) == 0) return false;
  }
  std::string key = key_of(statement);
  auto found = prepared_.find(key);
  if (found == prepared_.end()) {
    found = prepared_.emplace(key, fmt::format("s{}", ++names_)).first;
    std::vector<Oid> types;
    for (const Value& value : statement.parameters) types.push_back(type_of(value));
    sent_.push_back({&statement, std::move(key)});
    if (PQsendPrepare(connection_.get(), found->second.c_str(), statement.sql.c_str(), static_cast<int>(types.size()),
                      types.data()) == 0) {
      return false;
    }
  }
  sent_.push_back({&statement, {}});
  return send_parameters(statement, found->second);
}

bool PostgresConnection::send_parameters(const Statement& statement, const std::string& name) {
  const std::size_t count = statement.parameters.size();
  std::vector<std::array<char, 8>> numbers(count);
  std::vector<const char*> values(count);
  std::vector<int> lengths(count), formats(count, 1);  // all in binary: nothing is quoted, nothing rounded
  for (std::size_t i = 0; i < count; ++i) {
    const Value& value = statement.parameters[i];
    switch (type_of(value)) {
      case kInt8:
        numbers[i] = big_endian(value.is_bool() ? (value.as_bool() ? 1U : 0U) : static_cast<std::uint64_t>(value.as_int()));
        break;
      case kFloat8:
        numbers[i] = big_endian(std::bit_cast<std::uint64_t>(value.as_real()));
        break;
      case 0:
        continue;  // a null pointer is null
      default:
        values[i] = value.size() == 0 ? "" : value.as_string().data();
        lengths[i] = static_cast<int>(value.size());
        continue;
    }
    values[i] = numbers[i].data();
    lengths[i] = 8;
  }
  return PQsendQueryPrepared(connection_.get(), name.c_str(), static_cast<int>(count), values.data(), lengths.data(),
                             formats.data(), 0) != 0;
}

// Reads the answers to all that was sent, also behind the first failure, up to the pipeline's end.
std::optional<Failure> PostgresConnection::receive(std::vector<Rows>& rows) {
  std::optional<Failure> failure;
  cancelled_ = false;
  for (const Sent& sent : sent_) {
    ResultPtr result, end;
    if (auto broken = next(result)) return broken;
    if (auto broken = next(end)) return broken;  // each answer ends with a null
    const ExecStatusType status = PQresultStatus(result.get());
    const bool good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (!good && !sent.prepares.empty()) prepared_.erase(sent.prepares);
    if (failure || status == PGRES_PIPELINE_ABORTED) continue;
    if (!good) {
      failure = failed(result.get(), sent.statement);
    } else if (sent.statement != nullptr && sent.prepares.empty()) {
      rows.push_back(rows_of(result.get()));
    }
  }
  ResultPtr sync;
  if (auto broken = next(sync)) return failure && failure->trouble == Trouble::lost ? failure : broken;
  if (failure && failure->trouble == Trouble::lost) connection_.reset();
  return failure;
}

std::optional<Failure> PostgresConnection::next(ResultPtr& result) {
  for (int cancels = 0; PQisBusy(connection_.get()) != 0;) {
    const Awaited awaited = await(connection_.get(), waker_, cancelled_ ? kCancelAgainMs : -1);
    if (awaited == Awaited::data) continue;
    if (awaited == Awaited::lost || cancels == kCancelTimes) return lost();
    // The server may be between two statements, where there is nothing to cancel: asked again until an answer comes.
    waker_.clear();
    cancelled_ = true;
    ++cancels;
    const std::unique_ptr<PGcancel, Closer> cancel(PQgetCancel(connection_.get()));
    std::array<char, 256> reason{};
    if (cancel == nullptr || PQcancel(cancel.get(), reason.data(), static_cast<int>(reason.size())) == 0) return lost();
  }
  result.reset(PQgetResult(connection_.get()));
  return std::nullopt;
}

Failure PostgresConnection::failed(const PGresult* result, const Statement* statement) const {
  const std::string doing = statement == nullptr ? "deallocate all" : excerpt(statement->sql);
  const char* const state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const std::string_view code = state == nullptr ? std::string_view() : std::string_view(state);
  if (code == "57014" && cancelled_) return {Trouble::interrupted, Error(Code::cancelled, fmt::format("{}: interrupted", doing))};
  if (code == "25006" && statement != nullptr && statement->expect == Expect::reading) return writes(*statement);
  if (PQresultStatus(result) == PGRES_EMPTY_QUERY) {
    return {Trouble::statement, Error(Code::invalid_argument, fmt::format("\"{}\": there must be exactly one statement", doing))};
  }
  return result_failure(result, target_, doing);
}

}  // namespace thalweg::postgres
