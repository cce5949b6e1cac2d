#include "bench/models.h"

#include "base/cores.h"
#include "bench/manuals.h"
#include "bench/pipelines.h"
#include "documents/passages.h"
#include "documents/reader.h"
#include "documents/stages.h"
#include "engine/executor.h"
#include "index/embedded_text.h"
#include "index/stages.h"
#include "models/local_models.h"
#include "models/wait.h"
#include "tests/scratch.h"

namespace thalweg::bench {

namespace {

constexpr std::size_t kPairs = 20;

std::vector<models::Text> embedded(const std::vector<std::string>& files) {
  std::vector<models::Text> texts;
  for (const std::string& file : files) {
    for (const auto& passage : documents::cut(documents::read_file(file).value())) {
      for (std::string& text : index::embedded_texts(to_value(passage))) texts.push_back({std::move(text), {}, false});
    }
  }
  return texts;
}

// A vector model and a language model with about a second of work each, one after the other and at the same time.
void side_by_side(Report& report, models::Encoder& encoder, models::LanguageModel& writer, std::vector<models::Text> texts) {
  CoreBudget cores(usable_cores());
  const Context context = Context(report.clock()).with_cores(cores);
  int number = 0;
  const auto request = [&number] {
    models::GenerateRequest made;
    // Other text from the start on, so that nothing is known from the time before.
    made.prompt = fmt::format("{}. The river rises in the mountains and runs down to the sea. On its way", number++);
    made.max_tokens = 96;
    return made;
  };
  const auto sink = [](std::string_view) { return true; };
  report.ratio(
      "models.side_by_side",
      [&] {
        keep(encoder.encode(texts, context).value().size());
        keep(writer.generate(request(), context, sink).value().text.size());
      },
      [&] {
        models::Answer<models::Rows> rows;
        encoder.encode(texts, context, [&rows](Result<models::Rows> made) { rows.set(std::move(made)); });
        keep(writer.generate(request(), context, sink).value().text.size());
        keep(rows.wait().value().size());
      },
      kPairs);
}

// The shipped pipeline over what the model alone takes for the same texts.
void indexing(Report& report, const std::shared_ptr<models::LocalModels>& models, models::Encoder& encoder,
              const std::vector<std::string>& files) {
  const Scratch place;
  CoreBudget cores(usable_cores());
  Executor executor(report.clock(), cores);
  Catalog catalog;
  documents::register_stages(catalog, models);
  index::register_stages(catalog, models);
  const auto plan = compile_plan(shipped_definition("index"), {.catalog = &catalog, .load = {}}).value();
  const Context context = Context(report.clock()).with_cores(cores);
  const std::vector<models::Text> texts = embedded(files);
  const std::vector<Value> names(files.begin(), files.end());
  report.ratio(
      "models.index",
      [&] {
        const std::string folder = place.fresh("index");
        const Value input = Value::map({{"folder", Value::list(names)}, {"to", folder}});
        keep(executor.run(plan, accept_input(*plan, input).value(), context).output.value().size());
      },
      [&] { keep(encoder.encode(texts, context).value().size()); }, kPairs);
}

}  // namespace

std::string missing_model(const Error& error) { return fmt::format("{} ('make models' adds minilm and smollm2)", error.text()); }

void bench_models(Report& report) {
  const auto models = std::make_shared<models::LocalModels>();
  const auto encoder = models->encoder(models::kDefaultEncoder);
  if (!encoder) return report.pass_over("models", missing_model(encoder.error()));
  std::vector<std::string> files = manuals();
  if (files.empty()) return report.pass_over("models", kManualsMissing);
  std::erase_if(files, [](const std::string& file) { return !file.contains("/FAQ/"); });
  std::vector<models::Text> texts = embedded(files);
  texts.resize(std::min<std::size_t>(texts.size(), 128));
  if (const auto writer = models->language_model(models::kDefaultLanguageModel)) {
    side_by_side(report, **encoder, **writer, std::move(texts));
  } else {
    report.pass_over("models.side_by_side", missing_model(writer.error()));
  }
  files.resize(std::min<std::size_t>(files.size(), 3));
  indexing(report, models, **encoder, files);
}

}  // namespace thalweg::bench
