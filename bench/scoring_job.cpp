#include "bench/scoring_job.h"

#include <array>
#include <fstream>

#include "scoring/data/dataset_check.h"
#include "scoring/data/row_writer.h"
#include "scoring/evaluate.h"
#include "scoring/evaluation.h"

namespace thalweg::bench {

using namespace scoring;

ScoreConfig scoring_labels(std::size_t count, std::string_view model, std::string_view calibration) {
  std::array<std::string, 6> categories;
  for (std::size_t i = 0; i < count; ++i) {
    categories[i % 6] += fmt::format(
        "label_{0}: {{hypothesis: 'The message speaks of subject {0}.', weight: 0.{1}, threshold: 0.{2}, calibration: {{method: "
        "{3}}}}}, ",
        i, 5 + i % 5, 2 + i % 7, calibration);
  }
  std::string yaml;
  for (std::size_t i = 0; i < categories.size(); ++i)
    yaml += fmt::format("c{}: {{top_k: 2, labels: {{{}}}}}, ", i, categories[i]);
  config::Layers layers;
  layers
      .text("bench.yaml", fmt::format("{{layers: {{score: {{model: {{{}}}, categories: {{{}}}}}}}}}", model, yaml),
            config::Format::yaml)
      .value();
  config::Tree tree = std::move(layers).build();
  return read_config(tree).value().score;
}

std::string scoring_message(std::size_t number) {
  static constexpr std::array kWhat{"Remember to call Mom on her birthday next Tuesday",
                                    "I moved to the new flat in May",
                                    "See you later",
                                    "We decided to take the train instead of the car this summer",
                                    "My sister's dog is called Bruno",
                                    "The meeting with the bank is at ten, bring the papers"};
  return fmt::format("{} {}", kWhat[number % kWhat.size()], number);
}

void write_scoring_set(const std::string& path, std::size_t from, std::size_t count, std::size_t labels) {
  std::ofstream file(path);
  for (std::size_t i = from; i < from + count; ++i) {
    file << fmt::format(R"({{"id": "s{}", "text": "{}", "expected_decision": "accept", "expected_labels": ["label_{}"], )"
                        R"("primary_category": "c{}"}})",
                        i, scoring_message(i), i % labels, i % labels % 6)
         << '\n';
  }
}

std::size_t run_scoring_set(const std::string& path, const TextScorer& scorer, const Context& context, Ledger* ledger) {
  DatasetReader reader = DatasetReader::open(path).value();
  DatasetCheck check(nullptr);
  Problems problems;
  Evaluation evaluation(scorer.plan());
  std::size_t bytes = 0;
  RowWriter rows(FileForm::lines, Value::map(), [&bytes](std::string_view text) -> Result<> {
    bytes += text.size();
    return {};
  });
  EvaluateOptions options;
  options.batch_size = 64;  // as the shipped configuration has it
  options.ledger = ledger;
  options.stage = ledger_stage(scorer);
  options.outcome = [&](const Outcome& outcome) -> Result<> {
    evaluation.add(outcome.sample, outcome.verdict, outcome.calibrated);
    return rows.write(scorer.plan().result(outcome.raw, outcome.characters).to_value());
  };
  const NextSample next = [&]() -> Result<std::optional<Sample>> {
    auto sample = TRY(reader.next());
    if (sample) check.add(*sample, path, problems);
    return sample;
  };
  evaluate(scorer, next, context, options).value();
  return rows.rows() + bytes;
}

}  // namespace thalweg::bench
