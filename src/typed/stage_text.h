#pragma once
// What a definition's tree is made of: places, stages' ids, policies.

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "thalweg/sketch.h"
#include "thalweg/value.h"

namespace thalweg::typed {

inline Value text(std::string_view words) { return Value(words); }
inline Value number(std::int64_t count) { return Value(count); }

/// Whatever type an expression seems to have: the C++ types are known to fit, and the engine checks the value.
inline std::string untyped(const std::string& expression) { return fmt::format("dyn({})", expression); }

inline Value hole(const std::string& expression) { return Value(fmt::format("{{{{ {} }}}}", expression)); }

/// The stages of one level, and where the value is.
struct Scope {
  explicit Scope(std::string where) : at(std::move(where)) {}
  std::vector<Value> stages;
  std::string at;             ///< an expression
  bool path = true;           ///< ... that is only names and dots
  std::vector<Value> needs;   ///< ids that what comes next waits for
  std::vector<Value> last;    ///< ids of the step before
  std::vector<Value> ids;     ///< of the step at hand
  std::size_t put = 0;        ///< stages made so far
  std::vector<Entry> layers;  ///< not collected yet: names, and templates of what they gave
};

/// Ids of stages, each given once.
class Ids {
 public:
  /// One like that name, which no expression takes for something else.
  [[nodiscard]] std::string take(std::string_view name);

 private:
  std::set<std::string, std::less<>> taken_;
};

/// Adds timeout, retry, concurrency, cache and on_failure; `key` is the expression for the cache's.
void set_policies(const detail::Policies& policies, const std::optional<std::string>& key, Value& stage);

}  // namespace thalweg::typed
