// MiniLM's vectors through a pipeline beside a plain loop over OpenVINO: the same texts, tokenizer, padding, batches, precision
// and threads. A program of its own, as thalweg itself does not link OpenVINO.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <openvino/openvino.hpp>
#include <openvino/pass/serialize.hpp>

#include "base/cores.h"
#include "bench/harness.h"
#include "engine/definition.h"
#include "engine/executor.h"
#include "models/encoder.h"
#include "models/encoder_folder.h"
#include "models/models.h"
#include "models/openvino/graph.h"
#include "models/stages.h"
#include "models/tokenizer.h"
#include "tests/scratch.h"

using namespace thalweg;

namespace {

constexpr std::size_t kStep = 8;  // padding
const std::size_t kBatchTokens = models::EncoderOptions{}.max_batch_tokens;

/// The model of this benchmark, loaded.
class OneModel final : public models::Models {
 public:
  explicit OneModel(std::shared_ptr<models::Encoder> encoder) : encoder_(std::move(encoder)) {}
  Result<std::shared_ptr<models::Encoder>> encoder(std::string_view) override { return encoder_; }
  Result<std::shared_ptr<models::LanguageModel>> language_model(std::string_view) override {
    return fail(Code::not_found, "no language model");
  }
  void encoder(std::string_view, Then<models::Encoder> then) override { then(encoder_); }
  void language_model(std::string_view model, Then<models::LanguageModel> then) override { then(language_model(model)); }
  void later(std::move_only_function<void()> work) override { work(); }
  Result<std::string> identity(std::string_view model) override { return std::string(model); }

 private:
  std::shared_ptr<models::Encoder> encoder_;
};

/// What one would write without thalweg.
class Raw {
 public:
  Raw(ov::Core& core, const std::string& xml, const std::string& tokenizer, const ov::AnyMap& more = {})
      : tokenizer_(models::Tokenizer::open(tokenizer).value()) {
    ov::AnyMap options{ov::hint::inference_precision(ov::element::f32),
                       ov::hint::performance_mode(ov::hint::PerformanceMode::LATENCY),
                       ov::inference_num_threads(static_cast<int>(usable_cores())), ov::hint::enable_cpu_pinning(false)};
    options.insert(more.begin(), more.end());
    compiled_ = core.compile_model(xml, "CPU", options);
    request_ = compiled_.create_infer_request();
  }

  std::vector<std::vector<float>> embed(const std::vector<std::string>& texts) {
    std::vector<std::vector<models::Token>> tokens;
    std::map<std::size_t, std::vector<std::size_t>> buckets;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      tokens.push_back(tokenizer_.encode(texts[i]).value());
      buckets[(tokens[i].size() + kStep - 1) / kStep * kStep].push_back(i);
    }
    std::vector<std::vector<float>> rows(texts.size());
    for (const auto& [length, bucket] : buckets) {
      const std::size_t most = kBatchTokens / length;
      for (std::size_t from = 0; from < bucket.size(); from += most) {
        run(tokens, std::span(bucket).subspan(from, std::min(most, bucket.size() - from)), length, rows);
      }
    }
    return rows;
  }

 private:
  void run(const std::vector<std::vector<models::Token>>& tokens, std::span<const std::size_t> batch, std::size_t length,
           std::vector<std::vector<float>>& rows) {
    const ov::Shape shape{batch.size(), length};
    ov::Tensor ids = request_.get_tensor("input_ids"), mask = request_.get_tensor("attention_mask");
    ov::Tensor types = request_.get_tensor("token_type_ids");
    for (ov::Tensor* tensor : {&ids, &mask, &types}) {
      tensor->set_shape(shape);
      std::fill_n(tensor->data<std::int64_t>(), tensor->get_size(), 0);
    }
    for (std::size_t row = 0; row < batch.size(); ++row) {
      const auto& text = tokens[batch[row]];
      for (std::size_t i = 0; i < text.size(); ++i) {
        ids.data<std::int64_t>()[row * length + i] = text[i].id;
        mask.data<std::int64_t>()[row * length + i] = 1;
      }
    }
    request_.infer();
    const ov::Tensor output = request_.get_output_tensor(0);
    const std::size_t width = output.get_shape()[1];
    for (std::size_t row = 0; row < batch.size(); ++row) {
      const float* const at = output.data<const float>() + row * width;
      rows[batch[row]].assign(at, at + width);
    }
  }

  models::Tokenizer tokenizer_;
  ov::CompiledModel compiled_;
  ov::InferRequest request_;
};

std::vector<std::string> some_texts(std::size_t count, std::size_t least, std::size_t most) {
  static const std::vector<std::string> kWords = {"river", "valley", "the",  "of",   "deepest", "package", "line", "runs",
                                                  "and",   "where",  "boat", "bank", "system",  "sea",     "ice",  "salt"};
  Random random(11);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) {
    std::string text;
    const std::size_t words = least + random.below(most - least + 1);
    for (std::size_t k = 0; k < words; ++k) text += (k > 0 ? " " : "") + kWords[random.below(kWords.size())];
    texts.push_back(std::move(text));
  }
  return texts;
}

/// The stage embed, asked from outside.
struct Ours {
  explicit Ours(const std::shared_ptr<models::Encoder>& encoder) {
    models::register_stages(catalog, std::make_shared<OneModel>(encoder));
    const auto definition = parse_definition(
        "embed",
        "name: embed\ninput: {texts: list<string>}\nstages:\n  - {id: rows, uses: embed, with: {text: '{{ input.texts }}'}}\n"
        "output: '{{ rows }}'\n");
    plan = compile_plan(*definition, {.catalog = &catalog, .load = {}}).value();
  }
  Value embed(const Value& texts) {
    return executor.run(plan, accept_input(*plan, Value::map({{"texts", texts}})).value(), Context(*clock)).output.value();
  }
  Catalog catalog;
  std::unique_ptr<Clock> clock = make_system_clock();
  CoreBudget cores{usable_cores()};
  Executor executor{*clock, cores};
  std::shared_ptr<const Plan> plan;
};

/// What each call took.
struct Timed {
  Timed(Clock& of, double texts) : clock(of), count(texts) {}
  template <class Body>
  void time(Body&& body) {
    const Nanos start = clock.now();
    body();
    rates.push_back(count * static_cast<double>(kSecond) / static_cast<double>(clock.now() - start));
  }
  [[nodiscard]] std::vector<double> milliseconds() const {
    std::vector<double> times;
    for (const double rate : rates) times.push_back(1e3 / rate);
    return times;
  }
  Clock& clock;
  const double count;
  std::vector<double> rates{};
};

bool same(const Value& ours, const std::vector<std::vector<float>>& raw) {
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (!std::ranges::equal(ours.items()[i].as_floats(), raw[i])) return false;
  }
  return ours.size() == raw.size();
}

bool run(const std::string& folder, const std::filesystem::path& scratch) {
  const auto clock = make_system_clock();
  const auto about = models::read_encoder_folder(folder);
  if (!about) {
    std::fprintf(stderr, "%s\n", about.error().text().c_str());
    return false;
  }
  const std::string xml = (scratch / "model.xml").string();
  ov::pass::Serialize(xml, (scratch / "model.bin").string()).run_on_model(openvino::from_safetensors(*about).value());

  // So many pairs of each, taken in turn.
  bench::Report report(*clock, {.total = 5 * kSecond, .least = 80, .most = 1001});
  ov::Core core;  // one for all, as thalweg has it
  Raw raw(core, xml, about->tokenizer);
  Ours ours(models::open_encoder(folder).value());
  struct Job {
    const char* name;
    std::vector<std::string> texts;
  };
  for (const Job& job : {Job{"mixed_48", some_texts(48, 3, 120)}, Job{"words_60_x_16", some_texts(16, 60, 60)},
                         Job{"one_sentence", some_texts(1, 12, 12)}}) {
    std::vector<Value> items(job.texts.begin(), job.texts.end());
    const Value texts = Value::list(std::move(items));
    if (!same(ours.embed(texts), raw.embed(job.texts))) {
      std::fprintf(stderr, "the vectors of %s differ\n", job.name);
      return false;
    }
    const auto count = static_cast<double>(job.texts.size());
    Timed through(*clock, count), plain(*clock, count);
    const std::string name = job.name;
    // Of rates: the times the other way round.
    report.ratio(
        "embed/embed.raw." + name, [&] { plain.time([&] { bench::keep(raw.embed(job.texts)); }); },
        [&] { through.time([&] { bench::keep(ours.embed(texts)); }); });
    report.add("embed.raw." + name, "texts/s", plain.rates);
    report.add("embed." + name, "texts/s", through.rates);
  }
  Timed open(*clock, 1), open_raw(*clock, 1), open_cached(*clock, 1);
  report.ratio(
      "load/load.raw", [&] { open.time([&] { bench::keep(models::open_encoder(folder).value()); }); },
      [&] { open_raw.time([&] { bench::keep(Raw(core, xml, about->tokenizer)); }); });
  const ov::AnyMap cache{ov::cache_dir((scratch / "cache").string())};
  for (std::size_t i = 0; i < 12; ++i) open_cached.time([&] { bench::keep(Raw(core, xml, about->tokenizer, cache)); });
  open_cached.rates.erase(open_cached.rates.begin());  // the one that wrote the cache
  report.add("load.raw", "ms", open_raw.milliseconds());
  report.add("load.raw_with_cache_dir", "ms", open_cached.milliseconds());
  report.add("load", "ms", open.milliseconds());
  std::fputs(bench::to_text(report.results()).c_str(), stdout);
  return true;
}

}  // namespace

int main(int count, char** arguments) {
  const Scratch scratch;
  return run(count > 1 ? arguments[1] : THALWEG_MINILM, scratch.folder()) ? EXIT_SUCCESS : EXIT_FAILURE;
}
