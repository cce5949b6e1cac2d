#include "models/llama/cores.h"

namespace thalweg::models::llama {

void Threads::use(llama_context& context, std::size_t count) {
  if (count > size_) {
    detach(context);
    auto params = ggml_threadpool_params_default(static_cast<int>(count));
    params.poll = 0;  // sleep at once: spinning would take the cores lent to others
    pool_.reset(ggml_threadpool_new(&params));
    size_ = count;
    llama_attach_threadpool(&context, pool_.get(), pool_.get());
  }
  if (count != count_) llama_set_n_threads(&context, static_cast<std::int32_t>(count), static_cast<std::int32_t>(count));
  count_ = count;
}

Result<Cores> Cores::take(const Context& context) {
  Cores cores;
  if (context.cores() == nullptr) {
    cores.count_ = usable_cores();
    return cores;
  }
  cores.wanted_ = context.cores()->cores();
  cores.lease_ = TRY(context.cores()->lease(cores.wanted_, context));
  cores.count_ = cores.lease_.cores();
  return cores;
}

Result<> Cores::share(const Context& context) {
  CoreBudget* const budget = context.cores();
  if (budget == nullptr) return {};
  const bool others = budget->waiting() > 0 || (budget->overdrawn() && count_ > 1);
  const bool more = count_ < wanted_ && budget->free() > 0;
  if (!others && !more) return {};
  {
    const CoreBudget::Lease given_back = std::move(lease_);
  }
  lease_ = TRY(budget->lease(wanted_, context));
  count_ = lease_.cores();
  return {};
}

}  // namespace thalweg::models::llama
