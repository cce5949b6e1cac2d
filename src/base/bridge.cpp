#include "base/bridge.h"

#include "base/module.h"

namespace thalweg::bridge {

Result<const Table*> open() {
  const Module module = TRY(open_module("bridge"));
  const Table* table = TRY(module.function<const Table*()>("thalweg_bridge"))();
  if (table->version != kVersion || table->size != sizeof(Table)) {
    return fail(Code::failed_precondition, "{} has version {} of the bridge, this program needs {}: build it again (make build)",
                module.path(), table->version, kVersion);
  }
  return table;
}

}  // namespace thalweg::bridge
