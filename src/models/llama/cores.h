#pragma once
// The threads a model computes with: as many as cores are lent to it.

#include <llama.h>

#include <memory>

#include "base/cores.h"
#include "thalweg/context.h"

namespace thalweg::models::llama {

/// The library's threads, which sleep while nothing is computed. Used by one thread at a time.
class Threads {
 public:
  /// Lets the context compute with `count` threads, this one among them.
  void use(llama_context& context, std::size_t count);
  /// Before the context goes.
  void detach(llama_context& context) noexcept { llama_detach_threadpool(&context); }

 private:
  struct Free {
    void operator()(ggml_threadpool* pool) const noexcept { ggml_threadpool_free(pool); }
  };
  std::unique_ptr<ggml_threadpool, Free> pool_;
  std::size_t size_ = 0;   // of the pool
  std::size_t count_ = 0;  // in use
};

/// The cores of one request. Waits for them at its beginning and, between two steps, lets others have them who stand in line.
class Cores {
 public:
  /// Errors: cancelled, deadline_exceeded.
  [[nodiscard]] static Result<Cores> take(const Context& context);
  /// Between two steps: gives cores back when others wait or too many are in use, and takes more when some are free.
  [[nodiscard]] Result<> share(const Context& context);
  [[nodiscard]] std::size_t count() const noexcept { return count_; }

 private:
  std::size_t wanted_ = 0;
  std::size_t count_ = 0;
  CoreBudget::Lease lease_;
};

}  // namespace thalweg::models::llama
