#pragma once
// Puts stages into a definition, one by one.

#include <string>
#include <string_view>
#include <vector>

#include "typed/sketch.h"
#include "typed/stage_text.h"

namespace thalweg::typed {

using Map = std::vector<Entry>;

class StageWriter {
 protected:
  /// A call of a function with these as its parameters; gives its id. Errors: those of the function's name.
  Result<std::string> call(const detail::Function& function, Scope& scope, std::vector<Value> arguments, const std::string& when);
  /// A stage of a type, under an id like `name`, which it gives.
  std::string add(Scope& scope, std::string_view name, std::string_view uses, Map with, const std::string& when = {});

  /// From here on the value is what stands at that path.
  static void moved(Scope& scope, std::string to) {
    scope.at = std::move(to);
    scope.path = true;
  }
  /// ... or what an expression gives.
  static void composed(Scope& scope, const std::string& expression) {
    scope.at = untyped(expression);
    scope.path = false;
  }
  /// The value under a name, so that it can be named several times.
  std::string path(Scope& scope) {
    if (!scope.path) moved(scope, add(scope, "value", "set", {{"it", hole(scope.at)}}) + ".it");
    return scope.at;
  }

  Drawn drawn_;
  Ids ids_;
  std::vector<Value> waits_;  ///< what the stages of the step at hand need

 private:
  void put(Scope& scope, const std::string& stage, std::string_view uses, Map with, const std::string& when) const;
  int unnamed_ = 0;
};

}  // namespace thalweg::typed
