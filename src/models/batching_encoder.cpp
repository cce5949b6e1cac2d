#include "models/batching_encoder.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "base/cores.h"

namespace thalweg::models {

/// What the encoder and its thread share. The thread keeps it, so that it may outlive the encoder: when the last one who held
/// that lets go from within `done`.
struct EncoderWork {
  explicit EncoderWork(BatchingEncoder::Parts given) : parts(std::move(given)) {}

  void run();
  bool take_in();
  void step();
  void cut();
  void choose(const std::shared_ptr<EncodeJob>& first);
  void fill();
  void give(const Result<>& good);

  const BatchingEncoder::Parts parts;
  const std::size_t threads = usable_cores();

  std::mutex mutex;
  std::condition_variable come;
  std::vector<std::shared_ptr<EncodeJob>> incoming;
  bool closed = false;

  // The thread's own.
  std::deque<std::shared_ptr<EncodeJob>> jobs;
  struct Chosen {
    std::shared_ptr<EncodeJob> job;
    EncodeJob::Ready ready;
  };
  std::vector<Chosen> chosen;  // the rows of the batch
  std::size_t length = 0;      // padded, of each
  std::vector<std::pair<std::shared_ptr<EncodeJob>, Error>> failed;
  std::vector<std::int64_t> ids, types, mask;
  std::vector<float> rows;

  [[nodiscard]] std::size_t padded(const Piece& piece) const noexcept {
    constexpr std::size_t kStep = BatchingEncoder::kStep;
    return std::min((std::max<std::size_t>(piece.ids.size(), 1) + kStep - 1) / kStep * kStep, parts.longest);
  }
};

void EncoderWork::run() {
  while (take_in()) step();
  for (const auto& job : jobs) job->finish(fail(Code::cancelled, "the model was closed"));
}

// Waits for work; false when the encoder is closed.
bool EncoderWork::take_in() {
  const auto finished = [](const auto& job) { return job->finished(); };
  std::unique_lock lock(mutex);
  std::erase_if(jobs, finished);
  come.wait(lock, [&] { return closed || !incoming.empty() || !jobs.empty(); });
  jobs.insert(jobs.end(), std::make_move_iterator(incoming.begin()), std::make_move_iterator(incoming.end()));
  incoming.clear();
  std::erase_if(jobs, finished);
  return !closed;
}

// One batch. The lease is given back before anybody hears of it: what they do then may need cores.
void EncoderWork::step() {
  if (jobs.empty()) return;
  const std::shared_ptr<EncodeJob> first = jobs.front();
  jobs.pop_front();
  jobs.push_back(first);
  Result<> good;
  {
    std::size_t cores = threads;
    CoreBudget::Lease lease;
    if (CoreBudget* const budget = first->context().cores(); budget != nullptr) {
      auto leased = budget->lease(threads, first->context());
      if (!leased) return first->finish(std::unexpected(std::move(leased).error()));
      lease = std::move(*leased);
      cores = lease.cores();
    }
    cut();
    choose(first);
    if (!chosen.empty()) {
      fill();
      good = parts.network->run({chosen.size(), length, ids, types, mask}, cores, rows);
    }
  }
  for (auto& [job, error] : failed) job->finish(std::unexpected(std::move(error)));
  failed.clear();
  give(good);
}

// Two batches ahead: enough pieces of about one length are found among them.
void EncoderWork::cut() {
  for (const auto& job : jobs) {
    if (job->finished()) continue;
    if (auto made = job->cut(parts.cutter, 2 * parts.options.max_batch_tokens); !made) {
      failed.emplace_back(job, std::move(made).error());
    }
  }
  for (const auto& [job, error] : failed) std::erase(jobs, job);
}

// The padded length that most tokens of `first` have, and pieces of it.
void EncoderWork::choose(const std::shared_ptr<EncodeJob>& first) {
  std::map<std::size_t, std::size_t> waiting;
  for (const auto& ready : first->ready()) waiting[padded(ready.piece)] += padded(ready.piece);
  if (waiting.empty() || std::ranges::find(jobs, first) == jobs.end()) return;
  length = std::ranges::max_element(waiting, {}, [](const auto& each) { return each.second; })->first;
  const std::size_t most = std::max<std::size_t>(parts.options.max_batch_tokens / length, 1);
  const auto take = [&](const std::shared_ptr<EncodeJob>& job) {
    std::deque<EncodeJob::Ready> rest;
    for (auto& ready : job->ready()) {
      if (chosen.size() < most && padded(ready.piece) == length) {
        chosen.push_back({job, std::move(ready)});
      } else {
        rest.push_back(std::move(ready));
      }
    }
    job->ready().swap(rest);
  };
  take(first);
  for (const auto& job : jobs) {
    if (chosen.size() < most && job != first && !job->finished()) take(job);
  }
}

void EncoderWork::fill() {
  ids.assign(chosen.size() * length, parts.pad_id);
  types.assign(ids.size(), 0);
  mask.assign(ids.size(), 0);
  for (std::size_t row = 0; row < chosen.size(); ++row) {
    const Piece& piece = chosen[row].ready.piece;
    const auto at = static_cast<std::ptrdiff_t>(row * length);
    std::ranges::copy(piece.ids, ids.begin() + at);
    std::ranges::copy(piece.types, types.begin() + at);
    std::fill_n(mask.begin() + at, piece.ids.size(), 1);
  }
  rows.clear();
}

void EncoderWork::give(const Result<>& good) {
  const std::size_t width = parts.network->width();
  for (std::size_t row = 0; row < chosen.size(); ++row) {
    const auto& [job, ready] = chosen[row];
    const auto numbers = std::span<const float>(rows).subspan(good ? row * width : 0, good ? width : 0);
    if (!good) {
      job->finish(std::unexpected(good.error()));
    } else if (!std::ranges::all_of(numbers, [](float number) { return std::isfinite(number); })) {
      job->finish(fail(Code::data_loss, "the model gives no finite numbers: its weights are damaged"));
    } else if (!job->finished()) {
      job->take(ready, numbers);
    }
  }
  chosen.clear();
}

BatchingEncoder::BatchingEncoder(Parts parts)
    : work_(std::make_shared<EncoderWork>(std::move(parts))), thread_([work = work_] { work->run(); }) {}

BatchingEncoder::~BatchingEncoder() {
  {
    const std::lock_guard lock(work_->mutex);
    work_->closed = true;
    work_->come.notify_one();
  }
  if (thread_.get_id() == std::this_thread::get_id()) {
    thread_.detach();
  } else {
    thread_.join();
  }
}

void BatchingEncoder::encode(std::vector<Text> texts, const Context& context, Done done) {
  if (auto on = context.check(); !on) return done(std::unexpected(std::move(on).error()));
  const bool logits = kind() == EncoderKind::classifier;
  if (!logits && std::ranges::any_of(texts, &Text::has_pair)) {
    return done(
        fail(Code::invalid_argument, "pairs of texts need a cross-encoder or classifier; this model gives vectors of texts"));
  }
  if (texts.empty()) {
    Rows none;
    none.width = width();
    return done(std::move(none));
  }
  const auto job = std::make_shared<EncodeJob>(std::move(texts), context, width(), logits, std::move(done));
  job->watch();
  const std::lock_guard lock(work_->mutex);
  work_->incoming.push_back(job);
  work_->come.notify_one();
}

EncoderKind BatchingEncoder::kind() const noexcept { return work_->parts.network->kind(); }
std::size_t BatchingEncoder::width() const noexcept { return work_->parts.network->width(); }
std::size_t BatchingEncoder::max_tokens() const noexcept { return work_->parts.max_tokens; }
const std::vector<std::string>& BatchingEncoder::labels() const noexcept { return work_->parts.labels; }
std::string BatchingEncoder::labels_file() const { return work_->parts.labels_file; }
Precision BatchingEncoder::precision() const noexcept { return work_->parts.options.precision; }
Result<std::size_t> BatchingEncoder::count_tokens(std::string_view text) const {
  return work_->parts.cutter.tokenizer().count(text);
}
std::uint64_t BatchingEncoder::memory_bytes() const noexcept { return work_->parts.network->memory_bytes(); }

}  // namespace thalweg::models
