// The stage `index`.

#include <atomic>
#include <mutex>

#include "index/embedded_text.h"
#include "index/passage_index.h"
#include "index/stages.h"

namespace thalweg::index {

namespace {

enum : std::size_t { kPassages, kTo, kModel, kPrune };

constexpr std::size_t kMostWaiting = 2048;  // texts handed to the model: enough to sort them by length

// One writing of an index. Its steps (a batch of passages, vectors that have come) are done one after another, on threads for
// what waits.
class Writing : public std::enable_shared_from_this<Writing> {
 public:
  explicit Writing(std::shared_ptr<models::Models> models) : models_(std::move(models)) {}

  // More passages have come, or the last ones: they stay with the call until more().
  void next(CallRef call) {
    step(std::move(call), [](Writing& writing, const CallRef& of) { return writing.take(of); });
  }

 private:
  Result<> take(const CallRef& call) {
    TRY(call->context().check());
    if (!writer_) TRY(open(*call));
    std::vector<Wanted> wanted;
    std::vector<models::Text> texts;
    for (Value& item : call->items()) {
      if (item.find("error") != nullptr) {
        skipped_.push_back(std::move(item));
        continue;
      }
      const auto id = TRY(writer_->put(item));
      ++passages_;
      if (!id || !encoder_) continue;
      std::vector<std::string> parts = embedded_texts(item);
      wanted.push_back({*id, texts.size(), parts.size()});
      for (std::string& part : parts) texts.push_back({std::move(part), {}, false});
    }
    call->progress(passages_, 0, "passages");
    const bool ended = call->ended();
    if (!texts.empty()) {
      const std::size_t count = texts.size();
      waiting_.fetch_add(count);
      encoder_->encode(std::move(texts), call->context(),
                       [self = shared_from_this(), working = call->working(), call, wanted = std::move(wanted),
                        count](Result<models::Rows> rows) { self->have(call, wanted, count, std::move(rows)); });
    }
    go_on(call, ended ? Then::commit : Then::more);
    return {};
  }

  // The rows of a passage among those asked for together.
  struct Wanted {
    std::uint64_t id = 0;
    std::size_t first = 0;
    std::size_t count = 0;
  };

  Result<> open(Call& call) {
    std::optional<VectorModel> model;
    if (const std::string name(call.argument(kModel).is_string() ? call.argument(kModel).as_string() : ""); !name.empty()) {
      model = VectorModel{name, TRY(models_->identity(name))};
      encoder_ = TRY(models_->encoder(name));
      if (encoder_->kind() != models::EncoderKind::embedding) {
        return fail(Code::invalid_argument, "the model '{}' makes no vectors: give an embedding model", name);
      }
    }
    writer_.emplace(TRY(IndexWriter::open(std::string(call.argument(kTo).as_string()), std::move(model))));
    return {};
  }

  // Vectors have come, on the model's thread.
  void have(const CallRef& call, const std::vector<Wanted>& wanted, std::size_t count, Result<models::Rows> rows) {
    if (!rows) return fail_with(call, rows.error());
    if (auto set = set_vectors(wanted, *rows); !set) return fail_with(call, set.error());
    waiting_.fetch_sub(count);
    go_on(call, std::nullopt);
  }

  Result<> set_vectors(const std::vector<Wanted>& wanted, const models::Rows& rows) {
    const std::lock_guard lock(closing_);
    if (!writer_) return {};  // it has failed meanwhile
    for (const Wanted& passage : wanted) {
      const auto of = std::span<const float>(rows.values).subspan(passage.first * rows.width, passage.count * rows.width);
      TRY(writer_->set_vectors(passage.id, of, rows.width));
    }
    return {};
  }

  enum class Then : std::uint8_t { more, commit };
  // Does what comes next once enough vectors have come.
  void go_on(const CallRef& call, std::optional<Then> then) {
    std::unique_lock lock(mutex_);
    if (error_) return;
    if (then) then_ = then;
    const std::size_t waiting = waiting_.load();
    if (!then_ || waiting > (*then_ == Then::more ? kMostWaiting : 0)) return;
    const Then now = *std::exchange(then_, std::nullopt);
    lock.unlock();
    if (now == Then::more) return call->more();
    step(call, [](Writing& writing, const CallRef& of) -> Result<> {
      of->finish(TRY(writing.commit(*of)));
      return {};
    });
  }

  // Runs a part that uses the writer on a thread for what waits. One at a time; only vectors may come beside it.
  template <class Part>
  void step(CallRef call, Part part) {
    {
      const std::lock_guard lock(mutex_);
      ++busy_;
    }
    auto working = call->working();
    models_->later([self = shared_from_this(), working = std::move(working), call = std::move(call), part] {
      auto done = part(*self, call);
      std::unique_lock lock(self->mutex_);
      --self->busy_;
      if (!done && !self->error_) self->error_ = done.error();
      if (self->error_ && self->busy_ == 0) self->close(call, lock);
    });
  }

  Result<Value> commit(Call& call) {
    const auto summary = TRY(writer_->commit(call.argument(kPrune).as_bool()));
    writer_.reset();
    return Value::map({{"index", call.argument(kTo)},
                       {"passages", summary.passages},
                       {"written", summary.written},
                       {"unchanged", summary.unchanged},
                       {"removed", summary.removed},
                       {"skipped", Value::list(std::move(skipped_))}});
  }

  // From the model's thread.
  void fail_with(const CallRef& call, const Error& error) {
    std::unique_lock lock(mutex_);
    if (!error_) error_ = error;
    if (busy_ == 0) close(call, lock);  // else the last part that is at work does it
  }

  // Ends the writing before the call: who sees the failure finds no lock and nothing half written any more.
  void close(const CallRef& call, std::unique_lock<std::mutex>& lock) {
    if (std::exchange(closed_, true)) return;
    const Error error = *error_;
    lock.unlock();
    {
      const std::lock_guard closing(closing_);
      writer_.reset();
    }
    call->finish(std::unexpected(error));
  }

  const std::shared_ptr<models::Models> models_;
  std::shared_ptr<models::Encoder> encoder_;
  std::optional<IndexWriter> writer_;
  std::int64_t passages_ = 0;
  std::vector<Value> skipped_;
  std::atomic<std::size_t> waiting_{0};  // texts handed to the model
  std::mutex mutex_;
  std::optional<Then> then_;
  std::optional<Error> error_;
  int busy_ = 0;  // parts at work or posted: the end of one may overlap the next
  bool closed_ = false;
  std::mutex closing_;  // held while vectors are set and while the writer is ended
};

class Index final : public Stage {
 public:
  explicit Index(std::shared_ptr<models::Models> models) : models_(std::move(models)) {}
  void start(CallRef call) const override {
    if (call->state() == nullptr) call->state() = std::make_shared<Writing>(models_);
    Writing& writing = *static_cast<Writing*>(call->state().get());
    writing.next(std::move(call));
  }

 private:
  std::shared_ptr<models::Models> models_;
};

}  // namespace

void add_index(Catalog& catalog, const std::shared_ptr<models::Models>& models) {
  catalog.add(
      {
          .name = "index",
          .version = "2",
          .summary = "Writes passages into an index on disk, for search by keywords and by meaning.",
          .description =
              "With a `model` each passage gets a vector. All or nothing: readers see the old index until the last passage is "
              "in, and after a failure. A document whose hash has not changed is left as it is, vectors included, as long as "
              "the model is the same. Items with an `error` (documents that could not be read) are listed in the output. One "
              "writer at a time: a second one fails with UNAVAILABLE.",
          .example = R"yaml(name: make-searchable
input: {folder: string, to: string}
stages:
  - {id: read, uses: read_documents, with: {folder: "{{ input.folder }}"}}
  - {id: cut, uses: passages, with: {documents: "{{ read }}"}}
  - {id: write, uses: index, with: {passages: "{{ cut }}", to: "{{ input.to }}", model: minilm}}
output: "{{ write }}"
)yaml",
          .fields =
              {
                  {.name = "passages",
                   .type = lang::parse_type("stream<map<string, dyn>>").value(),
                   .description = "as the stage `passages` makes them"},
                  {.name = "to", .type = Type(Type::Kind::string), .description = "the folder of the index, made when missing"},
                  {.name = "model",
                   .type = lang::parse_type("string?").value(),
                   .description = "an embedding model, by name or path; without one, or when empty: keywords only",
                   .required = false},
                  {.name = "prune",
                   .type = Type(Type::Kind::boolean),
                   .description = "drop documents that were in the index and do not come again",
                   .required = false,
                   .fallback = Value(true)},
              },
          .output = lang::parse_type("{index: string, passages: int, written: int, unchanged: int, removed: int, skipped: "
                                     "list<{document: string, error: string}>}")
                        .value(),
          .waits = true,
          .deterministic = false,
          .effects = true,
      },
      [models](const Configuration&) -> Result<std::unique_ptr<Stage>> { return std::make_unique<Index>(models); });
}

}  // namespace thalweg::index
