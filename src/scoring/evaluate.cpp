#include "scoring/evaluate.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>

namespace thalweg::scoring {

namespace {

struct Batch {
  std::vector<Sample> samples;
  std::vector<Hash128> keys;                // of the ledger
  std::vector<ItemStatus> kept;             // as the ledger has them
  std::vector<std::size_t> asked;           // of these, the model
  BatchScores scores;                       // of those asked
  std::vector<Result<detail::Scored>> own;  // the same of a scorer of the caller's own
  // What was told of long texts, until their outcomes.
  std::map<std::size_t, std::shared_ptr<std::atomic<double>>> parts;
  Nanos began = 0;
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
  void land(Batch& batch, std::vector<Result<detail::Scored>> own, Nanos now) {
    const std::lock_guard lock(mutex_);
    batch.own = std::move(own);
    batch.scores.elapsed_ns = batch.scores.inference_ns = now - batch.began;
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
  Evaluating(const TextScorer* scorer, detail::AnyScorer* own, const NextSample& next, const Context& context,
             const EvaluateOptions& options)
      : scorer_(scorer),
        own_(own),
        next_(next),
        context_(context),
        options_(options),
        width_(scorer == nullptr ? 0 : scorer->plan().columns().size()) {}

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
      auto sample = next_();
      if (!sample) {
        error_ = sample.error();
        if (batch->samples.empty()) return std::unexpected(*error_);
        break;
      }
      if (!*sample) break;
      batch->samples.push_back(*std::move(*sample));
    }
    return batch;
  }

  Result<> begin(Batch& batch) {
    if (own_ != nullptr) {
      begin_own(batch);
      return {};
    }
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
      inputs.push_back({.text = sample.text, .id = sample.id, .raw = by_column(sample)});
      if (options_.part_done && sample.text.size() >= kLongText) inputs.back().part_done = counting(batch.parts[i]);
    }
    if (inputs.empty()) {
      batch.done = true;
    } else {
      scorer_->score(std::move(inputs), context_, [this, &batch](BatchScores scores) { flight_.land(batch, std::move(scores)); });
    }
    return {};
  }

  // Tells shares of a text and adds them up.
  std::function<void(double)> counting(std::shared_ptr<std::atomic<double>>& all) const {
    all = std::make_shared<std::atomic<double>>(0);
    return [all, told = options_.part_done](double share) {
      *all += share;
      told(share);
    };
  }

  // The raw scores that a sample brings; none where one is missing or is no raw score.
  [[nodiscard]] std::vector<double> by_column(const Sample& sample) const {
    std::vector<double> raw;
    if (sample.scores.empty()) return raw;
    for (const std::string& column : scorer_->plan().columns()) {
      const auto found = std::ranges::find(sample.scores, column, &std::pair<std::string, double>::first);
      if (found == sample.scores.end() || !is_raw_score(found->second)) return {};
      raw.push_back(found->second);
    }
    return raw;
  }

  void begin_own(Batch& batch) {
    std::vector<TextContext> texts;
    for (std::size_t i = 0; i < batch.samples.size(); ++i) {
      batch.asked.push_back(i);
      texts.push_back(context_of(batch.samples[i]));
    }
    batch.began = context_.now();
    own_->start(std::move(texts), context_, [this, &batch](std::vector<Result<detail::Scored>> results) {
      // What a scorer of the caller's own gives is checked before anything is taken from it.
      const std::size_t texts = batch.samples.size();
      if (results.size() != texts) {
        results.assign(texts, fail(Code::internal, "the scorer gave {} results for {} texts", results.size(), texts));
      }
      flight_.land(batch, std::move(results), context_.now());
    });
  }

  static TextContext context_of(const Sample& sample) {
    std::vector<Entry> meta{{"id", sample.id}};
    if (!sample.metadata.is_null()) meta.push_back({"metadata", sample.metadata});
    return {.text = sample.text, .step = static_cast<std::int64_t>(sample.row), .meta = Value::map(std::move(meta))};
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
    const BatchDone done{batch->asked.size(), batch->scores.elapsed_ns, batch->scores.inference_ns, batch->scores.tokens};
    const bool stopped = own_ != nullptr ? stopped_own(*batch) : keep(*batch);
    if (!batch->asked.empty() && options_.batch) options_.batch(done);
    if (stopped) return context_.check();
    TRY(own_ != nullptr ? hand_over_own(*batch, done) : hand_over(*batch, done));
    return flight_.wait_puts(options_.concurrency);
  }

  // True when a stop or deadline came between: such texts are not failed, only not done.
  bool keep(Batch& batch) {
    bool stopped = false;
    std::vector<LedgerRow> rows;
    for (std::size_t i = 0; i < batch.asked.size(); ++i) {
      const std::size_t place = batch.asked[i];
      const std::optional<Error>& error = batch.scores.errors[i];
      if (error && is_stop(error->code())) {
        stopped = stopped || !context_.check();
        continue;
      }
      // A text that is refused never met the model: with another limit it is asked about.
      if (options_.ledger == nullptr || scorer_->refused(batch.samples[place].text, batch.scores.characters[i])) continue;
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

  static bool is_stop(Code code) noexcept { return code == Code::cancelled || code == Code::deadline_exceeded; }
  [[nodiscard]] bool stopped_own(const Batch& batch) const {
    const bool any = std::ranges::any_of(batch.own, [](const auto& result) { return !result && is_stop(result.error().code()); });
    return any && !context_.check();
  }

  Result<> hand_over_own(const Batch& batch, const BatchDone& done) {
    for (std::size_t i = 0; i < batch.samples.size(); ++i) {
      const Result<detail::Scored>& result = batch.own[i];
      Verdict verdict;
      if (result) verdict = {.decision = result->score.decision, .score = result->score.score};
      TRY(options_.outcome({.sample = batch.samples[i],
                            .raw = {},
                            .calibrated = {},
                            .verdict = verdict,
                            .characters = characters_of(batch.samples[i].text),
                            .error = result ? nullptr : &result.error(),
                            .kept = false,
                            .batch = done,
                            .own = result ? &*result : nullptr}));
    }
    return options_.handed_over ? options_.handed_over() : Result<>();
  }

  Result<> hand_over(Batch& batch, const BatchDone& done) {
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
    scorer_->plan().decide(raw, characters, verdicts, calibrated);
    for (std::size_t i = 0; i < texts; ++i) {
      const auto row = [&](const std::vector<double>& all) {
        return errors[i] != nullptr ? std::span<const double>() : std::span(all).subspan(i * width_, width_);
      };
      if (const auto part = batch.parts.find(i); part != batch.parts.end()) options_.part_done(-*part->second);
      TRY(options_.outcome({batch.samples[i], row(raw), row(calibrated), verdicts[i], characters[i], errors[i], kept[i], done}));
    }
    return options_.handed_over ? options_.handed_over() : Result<>();
  }

  const TextScorer* const scorer_;
  detail::AnyScorer* const own_;
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
  return Evaluating(&scorer, nullptr, next, context, options).run();
}

Result<> evaluate(detail::AnyScorer& scorer, const NextSample& next, const Context& context, const EvaluateOptions& options) {
  if (scorer.text_scorer() != nullptr) return evaluate(*scorer.text_scorer(), next, context, options);
  return Evaluating(nullptr, &scorer, next, context, options).run();
}

}  // namespace thalweg::scoring
