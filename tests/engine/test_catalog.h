#pragma once
// Stage types with every kind of field, for tests of definitions. They compute nothing of interest.

#include "engine/stage.h"

namespace thalweg::test {

[[nodiscard]] Catalog definition_catalog();

}  // namespace thalweg::test
