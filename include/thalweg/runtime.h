#pragma once
// What typed pipelines run on.

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "thalweg/clock.h"
#include "thalweg/context.h"
#include "thalweg/error.h"
#include "thalweg/function.h"

namespace thalweg {

class Catalog;
namespace models {
class Models;
}
namespace detail {
struct RuntimeState;
}

/// What a runtime's definitions can be made of, besides functions. A handle.
class StageTypes {
 public:
  /// Flow and data: set, switch, for_each, try, ... Needs nothing beside the library.
  [[nodiscard]] static StageTypes flow();
  /// All that the program has (`thalweg stages`): also models, indexes, documents. Models are loaded at first use, once for all
  /// runtimes with this handle; the modules that they need lie in lib/thalweg of where thalweg is installed.
  [[nodiscard]] static StageTypes all();

  explicit StageTypes(std::shared_ptr<const Catalog> catalog, std::shared_ptr<models::Models> models = nullptr)
      : catalog_(std::move(catalog)), models_(std::move(models)) {}
  [[nodiscard]] const std::shared_ptr<const Catalog>& catalog() const noexcept { return catalog_; }
  /// What its stages load; null pointer where none of them needs a model.
  [[nodiscard]] const std::shared_ptr<models::Models>& models() const noexcept { return models_; }

 private:
  std::shared_ptr<const Catalog> catalog_;
  std::shared_ptr<models::Models> models_;
};

/// Threads, a clock, the stage types, and functions by name. A handle: copies are the same runtime, which goes with the last of
/// them and of its pipelines, and waits for runs under way then (so that must not be inside a callback of one). Thread-safe.
class Runtime {
 public:
  /// On the machine's clock, with as many threads as the process may use cores, or with so many.
  explicit Runtime(std::size_t threads = 0, StageTypes stages = StageTypes::flow());
  /// On another clock, such as a VirtualClock, which must outlive it.
  explicit Runtime(Clock& clock, std::size_t threads = 0, StageTypes stages = StageTypes::flow());

  /// A context without deadline on this runtime's clock.
  [[nodiscard]] Context context() const;
  [[nodiscard]] Clock& clock() const;
  [[nodiscard]] const StageTypes& stage_types() const;

  /// Makes a function known by name, so that definitions which use it can be loaded: a stage type with the fields `value` and
  /// `item` (as many as it has parameters; a Context may follow). Building a pipeline does the same for its named functions
  /// that capture nothing.
  /// Errors: already_exists when the name is that of a stage type or of another function; invalid_argument when it is no name.
  template <class F>
  Result<> add(std::string name, F function, FunctionOptions options = {}) const {
    using Parameters = typename detail::Signature<F>::type;
    return add(detail::bind_as(Named<F>{std::move(name), std::move(function), std::move(options)}, Parameters()));
  }

  Result<> add(detail::Function function) const;
  [[nodiscard]] const std::shared_ptr<detail::RuntimeState>& state() const noexcept { return state_; }

 private:
  std::shared_ptr<detail::RuntimeState> state_;
};

}  // namespace thalweg
