#pragma once
// The value of a Result that a test cannot go on without.

#include <doctest/doctest.h>

#include <utility>

#include "thalweg/error.h"

namespace thalweg {

template <class T>
T must(Result<T> result) {
  if (!result) FAIL(result.error().text());
  return std::move(*result);
}
inline void must(Result<> result) {
  if (!result) FAIL(result.error().text());
}

}  // namespace thalweg
