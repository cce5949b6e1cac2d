#include "scoring/models/remembering_model.h"

#include <list>
#include <mutex>
#include <unordered_map>

namespace thalweg::scoring {

namespace {

constexpr std::size_t kTexts = 1024;
constexpr std::size_t kLongest = 4096;  // bytes of a text that is remembered

// Rows by text, the one used last first. Thread-safe.
class Remembered {
 public:
  /// Whether the text is known; then its row is copied to `out`.
  bool find(std::string_view text, std::span<double> out) {
    const std::lock_guard lock(mutex_);
    const auto found = places_.find(text);
    if (found == places_.end()) return false;
    rows_.splice(rows_.begin(), rows_, found->second);
    std::ranges::copy(found->second->row, out.begin());
    return true;
  }
  void add(std::string text, std::span<const double> row) {
    if (text.size() > kLongest) return;
    const std::lock_guard lock(mutex_);
    if (places_.contains(text)) return;
    rows_.push_front({std::move(text), {row.begin(), row.end()}});
    places_.emplace(rows_.front().text, rows_.begin());
    if (rows_.size() <= kTexts) return;
    places_.erase(rows_.back().text);
    rows_.pop_back();
  }

 private:
  struct Row {
    std::string text;
    std::vector<double> row;
  };
  std::mutex mutex_;
  std::list<Row> rows_;
  std::unordered_map<std::string_view, std::list<Row>::iterator> places_;  // views of rows_
};

class RememberingModel final : public LabelModel {
 public:
  RememberingModel(std::shared_ptr<LabelModel> model, std::size_t width)
      : model_(std::move(model)), width_(width), remembered_(std::make_shared<Remembered>()) {}

  void score(std::vector<Input> inputs, const Context& context, Done done) override {
    RawScores scores{.values = std::vector<double>(inputs.size() * width_)};
    std::vector<std::size_t> places;  // of the texts that are asked
    std::vector<Input> asked;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (remembered_->find(inputs[i].text, std::span(scores.values).subspan(i * width_, width_))) continue;
      places.push_back(i);
      asked.push_back(std::move(inputs[i]));
    }
    if (asked.empty()) {
      if (auto good = context.check(); !good) return done(std::unexpected(good.error()));
      return done(std::move(scores));
    }
    std::vector<std::string> texts;
    for (const Input& input : asked) texts.push_back(input.text);
    model_->score(std::move(asked), context,
                  [scores = std::move(scores), places = std::move(places), texts = std::move(texts), remembered = remembered_,
                   width = width_, done = std::move(done)](Result<RawScores> made) mutable {
                    if (!made) return done(std::unexpected(made.error()));
                    for (std::size_t i = 0; i < places.size(); ++i) {
                      const auto row = std::span(made->values).subspan(i * width, width);
                      std::ranges::copy(row, scores.values.begin() + static_cast<std::ptrdiff_t>(places[i] * width));
                      remembered->add(std::move(texts[i]), row);
                    }
                    scores.inference_ns = made->inference_ns;
                    scores.tokens = made->tokens;
                    done(std::move(scores));
                  });
  }
  [[nodiscard]] const std::string& name() const noexcept override { return model_->name(); }
  [[nodiscard]] const std::string& identity() const noexcept override { return model_->identity(); }

 private:
  const std::shared_ptr<LabelModel> model_;
  const std::size_t width_;
  const std::shared_ptr<Remembered> remembered_;
};

}  // namespace

std::shared_ptr<LabelModel> remember(std::shared_ptr<LabelModel> model, std::size_t labels) {
  return std::make_shared<RememberingModel>(std::move(model), labels);
}

}  // namespace thalweg::scoring
