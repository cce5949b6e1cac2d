#pragma once
// What may be given as a parameter, on every backend alike.

#include <optional>

#include "store/driver.h"

namespace thalweg {

/// Why `statement` is refused before it reaches a database: another number of parameters than it has, a parameter of another kind
/// than a cell can have, NaN (SQLite would store null), text that is not UTF-8 or holds a zero byte (PostgreSQL refuses both).
[[nodiscard]] Result<> check_parameters(const Statement& statement);
[[nodiscard]] Result<> check_notification(const Notification& notification);
[[nodiscard]] Result<> check_channel(std::string_view channel);

/// The statement's beginning, for messages.
[[nodiscard]] std::string excerpt(std::string_view sql);

/// The failure of a statement with Expect::change that changed nothing.
[[nodiscard]] Failure nothing_changed(const Statement& statement);
/// The failure of a statement that writes where only reading is allowed.
[[nodiscard]] Failure writes(const Statement& statement);

}  // namespace thalweg
