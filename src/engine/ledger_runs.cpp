// The list of runs.
#include <sys/random.h>

#include <cerrno>

#include "base/time_text.h"
#include "base/value_codec.h"
#include "engine/ledger.h"
#include "engine/ledger_rows.h"

namespace thalweg {

namespace {
constexpr std::string_view kRunColumns =
    "id, name, version, configuration, model, given, began_at_ns, ended_at_ns, totals from thalweg_ledger_run";

Result<LedgerRun> decode_run(std::span<const Value> cells) {
  const auto text = [&](std::size_t at) { return std::string(cells[at].as_string()); };
  LedgerRun run{.id = text(0),
                .stage = {.name = text(1), .version = text(2), .configuration = text(3), .model = text(4)},
                .given = TRY(decode_value(cells[5].as_string())),
                .began = cells[6].as_int(),
                .ended = {},
                .totals = {}};
  if (!cells[7].is_null()) run.ended = cells[7].as_int();
  if (!cells[8].is_null()) run.totals = TRY(decode_value(cells[8].as_string()));
  return run;
}
}  // namespace

Result<std::string> new_run_id(Nanos wall) {
  std::uint32_t digits = 0;
  if (::getrandom(&digits, sizeof digits, 0) != sizeof digits) return std::unexpected(system_error(errno, "draw random bytes"));
  std::string id;
  append_text(id, Timestamp{wall / kSecond, 0});
  std::erase_if(id, [](char c) { return c == '-' || c == ':'; });
  return fmt::format("{}-{:08x}", id, digits);
}

Result<LedgerRun> Ledger::begin_run(const Context& context, const LedgerStage& stage, const Value& given) {
  const Nanos now = clock_.wall();
  LedgerRun run{.id = TRY(new_run_id(now)), .stage = stage, .given = given, .began = now, .ended = {}, .totals = {}};
  Transaction transaction;
  transaction.statements = {
      {"insert into thalweg_ledger_run (id, stage, name, version, configuration, model, given, began_at_ns) "
       "values ($1, $2, $3, $4, $5, $6, $7, $8)",
       {Value(run.id), cell(stage.key()), Value(stage.name), Value(stage.version), Value(stage.configuration), Value(stage.model),
        Value::bytes(TRY(encode_value(given))), Value(now)}}};
  TRY(store_->commit(context, std::move(transaction)));
  return run;
}

Result<> Ledger::end_run(const Context& context, std::string_view id, const Value& totals) {
  Transaction transaction;
  transaction.idempotent = true;
  transaction.statements = {{"update thalweg_ledger_run set ended_at_ns = $2, totals = $3 where id = $1",
                             {Value(id), Value(clock_.wall()), Value::bytes(TRY(encode_value(totals)))}}};
  const auto rows = TRY(store_->commit(context, std::move(transaction)));
  if (rows[0].changed == 0) return fail(Code::not_found, "{} has no run \"{}\"", name(), id);
  return {};
}

Result<LedgerRun> Ledger::run(const Context& context, std::string_view id) {
  const Rows rows = TRY(store_->read(context, {fmt::format("select {} where id = $1", kRunColumns), {Value(id)}}));
  if (rows.empty()) return fail(Code::not_found, "{} has no run \"{}\"", name(), id);
  return decode_run(rows[0]);
}

Result<std::vector<LedgerRun>> Ledger::runs(const Context& context, const LedgerStage* stage, std::int64_t most) {
  Statement query{fmt::format("select {}", kRunColumns), {Value(most)}};
  if (stage != nullptr) {
    query.sql += " where stage = $2";
    query.parameters.push_back(cell(stage->key()));
  }
  query.sql += " order by began_at_ns desc, id desc limit $1";
  const Rows rows = TRY(store_->read(context, std::move(query)));
  std::vector<LedgerRun> runs;
  runs.reserve(rows.size());
  for (std::size_t r = 0; r < rows.size(); ++r) runs.push_back(TRY(decode_run(rows[r])));
  return runs;
}

}  // namespace thalweg
