#pragma once
// The border to llama.cpp: what it throws, aborts with or logs becomes an error's text.

#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace thalweg::models::llama {

/// Prepares the library once a process: its messages and aborts go to whoever is inside a Watch on that thread, and nowhere else.
void prepare();

/// While it lives, this thread's calls of the library are watched: an abort inside them is thrown as an exception instead of
/// ending the program, and what it logs as a warning or an error is kept.
class Watch {
 public:
  Watch();
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  /// What the library said since the watch began, in one line; "it gives no reason" when that was nothing.
  [[nodiscard]] std::string said() const;

 private:
  Watch* outer_;
  std::string log_;
  friend void keep(std::string_view text);
  friend bool watched() noexcept;
};

/// Runs `body`, which calls the library and returns a Result. A thrown exception becomes an error of that code: "cannot DOING:
/// ..."; memory that was not to be had is resource_exhausted.
[[nodiscard]] Result<> guarded(Code code, std::string_view doing, std::move_only_function<Result<>(const Watch& watch)> body);

}  // namespace thalweg::models::llama
