// The main job over Debian's manuals, its parts alone and as the shipped pipelines: the processor time that the parts alone do
// not account for is the engine's share.

#include "bench/documents.h"

#include <filesystem>

#include "base/cores.h"
#include "bench/manuals.h"
#include "bench/pipelines.h"
#include "documents/extract.h"
#include "documents/passages.h"
#include "documents/reader.h"
#include "documents/stages.h"
#include "engine/executor.h"
#include "index/passage_index.h"
#include "index/stages.h"
#include "models/local_models.h"
#include "tests/scratch.h"

namespace thalweg::bench {

namespace {

namespace fs = std::filesystem;
constexpr std::size_t kRounds = 7;
constexpr const char* kQuestion = "What is a virtual package?";

// What one part took, round by round, in ms: by the clock, and of the processor, whose time adds up although Tantivy's threads
// write beside the others.
struct Taken {
  std::vector<double> wall;
  std::vector<double> processor;
};

// Runs `part` once more; it gets a fresh folder's name each time.
template <class Part>
void measure(Report& report, const Scratch& place, Taken& taken, Part&& part) {
  const std::string folder = place.fresh("timed");
  const Cost cost = report.cost([&] { part(folder); });
  taken.processor.push_back(cost.processor / 1e6);
  taken.wall.push_back(cost.wall / 1e6);
}

std::vector<double> each(const std::vector<double>& values, double amount) {
  std::vector<double> rates;
  for (const double ms : values) rates.push_back(amount / ms * 1e3);
  return rates;
}

}  // namespace

void bench_documents(Report& report) {
  const std::vector<std::string> files = manuals();
  if (files.empty()) return report.pass_over("documents", kManualsMissing);
  const Scratch place;
  double megabytes = 0;
  for (const std::string& file : files) megabytes += static_cast<double>(fs::file_size(file)) / 1e6;
  std::vector<documents::Document> read;
  for (const std::string& file : files) read.push_back(documents::read_file(file).value());
  std::vector<Value> passages;
  for (const auto& document : read) {
    for (const auto& passage : documents::cut(document)) passages.push_back(to_value(passage));
  }
  const auto count = static_cast<double>(passages.size());

  Catalog catalog;
  const auto models = std::make_shared<models::LocalModels>();
  documents::register_stages(catalog, models);
  index::register_stages(catalog, models);
  CoreBudget cores(1);
  Executor executor(report.clock(), cores);
  const auto plan = [&](const char* name) {
    return compile_plan(shipped_definition(name), {.catalog = &catalog, .load = {}}).value();
  };
  const auto index_plan = plan("index");
  const std::vector<Value> names(files.begin(), files.end());

  // The parts take turns, so that a slow spell of the machine hits all of them.
  Taken parsing, cutting, writing, whole;
  std::vector<double> engine;  // of a run's time, as its report has it
  for (std::size_t round = 0; round < kRounds; ++round) {
    measure(report, place, parsing, [&](const std::string&) {
      for (const std::string& file : files) keep(documents::read_file(file).value().sections.size());
    });
    measure(report, place, cutting, [&](const std::string&) {
      for (const auto& document : read) keep(documents::cut(document).size());
    });
    measure(report, place, writing, [&](const std::string& folder) {
      auto writer = index::IndexWriter::open(folder).value();
      for (const Value& passage : passages) writer.put(passage).value();
      keep(writer.commit().value().passages);
    });
    measure(report, place, whole, [&](const std::string& folder) {
      const Value input = Value::map({{"folder", Value::list(names)}, {"to", folder}, {"model", ""}});
      const RunResult run = executor.run(index_plan, accept_input(*index_plan, input).value(), Context(report.clock()));
      keep(run.output.value().size());
      const Accounting sums = run.report.accounting();
      engine.push_back(100 * static_cast<double>(sums.wall - sums.stage) / static_cast<double>(sums.wall));
    });
  }
  report.add("documents.parse", "MB/s", each(parsing.wall, megabytes));
  report.add("documents.cut", "passages/s", each(cutting.wall, count));
  report.add("index.write", "passages/s", each(writing.wall, count));
  report.add("documents.index", "ms", whole.wall);
  std::vector<double> parse, cut, write;
  for (std::size_t i = 0; i < kRounds; ++i) {
    const double all = whole.processor[i] / 100;
    parse.push_back(parsing.processor[i] / all);
    cut.push_back(cutting.processor[i] / all);
    write.push_back(writing.processor[i] / all);
  }
  report.add("documents.index.parsing", "%", parse);
  report.add("documents.index.cutting", "%", cut);
  report.add("documents.index.writing", "%", write);
  report.add("documents.index.engine", "%", engine);

  const std::string folder = place.path("timed");
  const auto keyword = index::PassageIndex::open(folder).value();
  report.time("index.search", [&] { keep(keyword.search(kQuestion, {.limit = 8}).value().hits.size()); });
  const auto answer_plan = plan("answer");
  report.time("documents.answer", [&] {
    const Value input = Value::map({{"question", kQuestion}, {"index", folder}});
    keep(executor.run(answer_plan, accept_input(*answer_plan, input).value(), Context(report.clock())).output.value().size());
  });
}

}  // namespace thalweg::bench
