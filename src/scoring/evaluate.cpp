#include "scoring/evaluate.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>

namespace thalweg::scoring {

namespace {

struct Batch {
  std::vector<Sample> samples;
  std::vector<std::vector<double>> given;  // raw scores that they bring
  std::vector<Hash128> keys;               // of the ledger
  std::vector<ItemStatus> kept;            // as the ledger has them
  std::vector<std::size_t> asked;          // of these, the model
  BatchScores scores;                      // of those asked
  bool done = false;
};

// What the batches in flight tell the caller's thread.
class Flight {
 public:
  void land(Batch& batch, BatchScores scores) {
    const std::lock_guard lock(mutex_);
    batch.scores = std::move(scores);
    batch.done = true;
    come_.notify_all();
  }
  void kept(Result<> result) {
    const std::lock_guard lock(mutex_);
    if (!result && !error_) error_ = result.error();
    --puts_;
    come_.notify_all();
  }
  void put_begins() {
    const std::lock_guard lock(mutex_);
    ++puts_;
  }
  [[nodiscard]] bool landed(const Batch& batch) {
    const std::lock_guard lock(mutex_);
    return batch.done;
  }
  void wait(const Batch& batch) {
    std::unique_lock lock(mutex_);
    come_.wait(lock, [&] { return batch.done; });
  }
  // No more than a few transactions wait for the disk.
  Result<> wait_puts(std::size_t most) {
    std::unique_lock lock(mutex_);
    come_.wait(lock, [&] { return puts_ <= most; });
    if (error_) return std::unexpected(*error_);
    return {};
  }

 private:
  std::mutex mutex_;
  std::condition_variable come_;
  std::size_t puts_ = 0;
  std::optional<Error> error_;
};

class Evaluating {
 public:
  Evaluating(const TextScorer& scorer, const NextSample& next, const Context& context, const EvaluateOptions& options)
      : scorer_(scorer), next_(next), context_(context), options_(options), width_(scorer.plan().columns().size()) {}

  Result<> run() {
    Result<> result = loop();
    // What is in flight is finished and kept, whatever happened.
    while (!flying_.empty()) {
      if (const auto landed = land(); !landed && result) result = landed;
    }
    const auto written = flight_.wait_puts(0);
    if (!written && result) return written;
    return result;
  }

 private:
  Result<> loop() {
    while (true) {
      TRY(context_.check());
      auto batch = TRY(read());
      if (batch->samples.empty()) return {};
      TRY(begin(*batch));
      flying_.push_back(std::move(batch));
      while (flying_.size() >= options_.concurrency || (!flying_.empty() && flight_.landed(*flying_.front()))) TRY(land());
    }
  }

  Result<std::unique_ptr<Batch>> read() {
    if (error_) return std::unexpected(*error_);
    auto batch = std::make_unique<Batch>();
    while (batch->samples.size() < options_.batch_size) {
      auto given = next_();
      if (!given) {
        error_ = given.error();
        if (batch->samples.empty()) return std::unexpected(*error_);
        break;
      }
      if (!*given) break;
      batch->samples.push_back(std::move((*given)->sample));
      batch->given.push_back(std::move((*given)->raw));
    }
    return batch;
  }

  Result<> begin(Batch& batch) {
    if (options_.ledger != nullptr) {
      for (const Sample& sample : batch.samples) batch.keys.push_back(options_.ledger->key(sample.text));
      if (!options_.fresh) batch.kept = TRY(options_.ledger->find(context_, options_.stage, batch.keys));
    }
    batch.kept.resize(batch.samples.size());
    std::vector<Input> inputs;
    for (std::size_t i = 0; i < batch.samples.size(); ++i) {
      ItemStatus& kept = batch.kept[i];
      if (kept.state == ItemState::done && !fits(kept.result)) kept.state = ItemState::open;
      if (kept.state != ItemState::open) continue;
      batch.asked.push_back(i);
      const Sample& sample = batch.samples[i];
      inputs.push_back({.text = sample.text, .id = sample.id, .raw = std::move(batch.given[i])});
    }
    if (inputs.empty()) {
      batch.done = true;
    } else {
      scorer_.score(std::move(inputs), context_, [this, &batch](BatchScores scores) { flight_.land(batch, std::move(scores)); });
    }
    return {};
  }

  [[nodiscard]] bool fits(const Value& kept) const {
    return kept.is_list() && kept.size() == width_ &&
           std::ranges::all_of(kept.items(), [](const Value& one) { return one.is_real(); });
  }

  // Takes the oldest batch.
  Result<> land() {
    const std::unique_ptr<Batch> batch = std::move(flying_.front());
    flying_.pop_front();
    flight_.wait(*batch);
    const bool stopped = keep(*batch);
    if (!batch->asked.empty() && options_.batch)
      options_.batch({batch->asked.size(), batch->scores.elapsed_ns, batch->scores.inference_ns, batch->scores.tokens});
    if (stopped) return context_.check();
    TRY(hand_over(*batch));
    return flight_.wait_puts(options_.concurrency);
  }

  // True when a stop or deadline came between: such texts are not failed, only not done.
  bool keep(Batch& batch) {
    bool stopped = false;
    std::vector<LedgerRow> rows;
    for (std::size_t i = 0; i < batch.asked.size(); ++i) {
      const std::size_t place = batch.asked[i];
      const std::optional<Error>& error = batch.scores.errors[i];
      if (error && (error->code() == Code::cancelled || error->code() == Code::deadline_exceeded)) {
        stopped = stopped || !context_.check();
        continue;
      }
      // A text that is too long never met the model: with another limit it is asked about.
      if (options_.ledger == nullptr || scorer_.too_long(batch.scores.characters[i])) continue;
      LedgerRow row{.item = batch.keys[place], .label = batch.samples[place].id, .result = Value()};
      if (error) {
        row.result = std::unexpected(*error);
      } else {
        const auto raw = std::span(batch.scores.raw).subspan(i * width_, width_);
        row.result = Value::list(std::vector<Value>(raw.begin(), raw.end()));
      }
      row.attempts = batch.kept[place].attempts + 1;
      row.elapsed = batch.scores.elapsed_ns / static_cast<std::int64_t>(batch.asked.size());
      rows.push_back(std::move(row));
    }
    if (rows.empty()) return stopped;
    flight_.put_begins();
    // A stop must not lose what was computed.
    options_.ledger->put(Context(context_.clock()), options_.stage, std::move(rows),
                         [this](Result<> kept) { flight_.kept(std::move(kept)); });
    return stopped;
  }

  Result<> hand_over(Batch& batch) {
    const std::size_t texts = batch.samples.size();
    std::vector<double> raw(texts * width_);
    std::vector<std::size_t> characters(texts);
    std::vector<const Error*> errors(texts);
    std::vector<bool> kept(texts, true);
    for (std::size_t i = 0; i < batch.asked.size(); ++i) {
      const std::size_t place = batch.asked[i];
      kept[place] = false;
      errors[place] = batch.scores.errors[i] ? &*batch.scores.errors[i] : nullptr;
      std::copy_n(batch.scores.raw.data() + i * width_, width_, raw.data() + place * width_);
    }
    for (std::size_t i = 0; i < texts; ++i) {
      characters[i] = characters_of(batch.samples[i].text);
      if (!kept[i]) continue;
      if (batch.kept[i].state == ItemState::failed) {
        errors[i] = &*batch.kept[i].error;
        continue;
      }
      for (std::size_t column = 0; column < width_; ++column)
        raw[i * width_ + column] = batch.kept[i].result.items()[column].as_real();
    }
    std::vector<Verdict> verdicts(texts);
    std::vector<double> calibrated(raw.size());
    scorer_.plan().decide(raw, characters, verdicts, calibrated);
    for (std::size_t i = 0; i < texts; ++i) {
      const auto row = [&](const std::vector<double>& all) {
        return errors[i] != nullptr ? std::span<const double>() : std::span(all).subspan(i * width_, width_);
      };
      TRY(options_.outcome({batch.samples[i], row(raw), row(calibrated), verdicts[i], characters[i], errors[i], kept[i]}));
    }
    return options_.handed_over ? options_.handed_over() : Result<>();
  }

  const TextScorer& scorer_;
  const NextSample& next_;
  const Context& context_;
  const EvaluateOptions& options_;
  const std::size_t width_;
  std::optional<Error> error_;  // of next, told when what was read before it is out
  Flight flight_;
  std::deque<std::unique_ptr<Batch>> flying_;
};

}  // namespace

LedgerStage ledger_stage(const TextScorer& scorer) {
  return {.name = "raw scores", .version = "1", .configuration = "", .model = scorer.model().identity()};
}

Result<> evaluate(const TextScorer& scorer, const NextSample& next, const Context& context, const EvaluateOptions& options) {
  return Evaluating(scorer, next, context, options).run();
}

}  // namespace thalweg::scoring
