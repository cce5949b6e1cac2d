#include "cli/eval/train_probe.h"

#include <algorithm>
#include <numeric>

#include "cli/eval/equal_texts.h"
#include "cli/eval/samples.h"
#include "cli/render.h"
#include "scoring/data/row_writer.h"
#include "scoring/data/scores_file.h"
#include "scoring/digest.h"
#include "scoring/models/probe_fit.h"
#include "scoring/origin.h"

namespace thalweg::cli {

namespace {

Result<> write_scores(const std::string& path, const std::vector<scoring::Sample>& samples,
                      const std::vector<std::string>& labels, const std::vector<double>& raw, const std::string& model) {
  Output output = TRY(Output::file(path));
  scoring::RowWriter rows(scoring::form_to_write(path), Value::map(), [&](std::string_view text) { return output.write(text); });
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const scoring::Sample& sample = samples[i];
    scoring::ScoredSample row;
    row.id = sample.id;
    row.text = sample.text;
    row.expected_labels = sample.expected_labels;
    row.expected_decision = sample.expected_decision;
    row.primary_category = sample.primary_category;
    row.difficulty = sample.difficulty;
    row.model = model;
    for (std::size_t label = 0; label < labels.size(); ++label)
      row.scores.emplace_back(labels[label], raw[i * labels.size() + label]);
    const Value written = TRY(scoring::to_value(row));
    TRY(rows.write(written));
  }
  TRY(rows.finish());
  return output.commit();
}

}  // namespace

Result<int> train_probe(Program& program, const EvalSource& source, const ProbeTraining& training) {
  const EvalConfig config = TRY(source.read());
  const scoring::ModelConfig& model = config.data.score.model;
  if (model.type != scoring::ModelType::sentence_embeddings)
    return fail(Code::invalid_argument, "a probe needs a model of type sentence_embeddings, not {}", scoring::name(model.type));
  const auto session = TRY(Session::open(program, source.session()));
  const Context context = TRY(session->context({}));
  const auto reader = TRY(open_samples(training.data, config, session->interrupt()));
  std::vector<scoring::Sample> samples;
  std::vector<std::string> texts;
  while (auto sample = TRY(reader->next())) {
    texts.push_back(sample->text);
    samples.push_back(*std::move(sample));
  }
  print_problems(reader->problems(), 5);
  if (samples.empty())
    return fail(Code::invalid_argument, "no sample of '{}' fits the configuration '{}'", training.data, config.path);
  const scoring::ScorePlan plan(config.data.score);
  const std::string name(model.model.empty() ? std::string(models::kDefaultEncoder) : model.model);
  const auto encoder = TRY(session->models()->encoder(name));
  auto data = TRY(scoring::probe_data(*encoder, texts, plan.columns(), plan.hypotheses(), context));
  for (const std::string& label : plan.columns()) {
    auto& present = data.present.emplace_back();
    for (const scoring::Sample& sample : samples)
      present.push_back(std::ranges::find(sample.expected_labels, label) != sample.expected_labels.end());
  }
  data.groups = equal_texts(texts);

  Progress progress(program.clock);
  scoring::ProbeOptions options{.seed = static_cast<std::uint64_t>(training.seed), .threads = session->threads()};
  options.progress = [&](std::size_t done, std::size_t total) -> Result<> {
    progress.on_progress("fit", static_cast<std::int64_t>(done), static_cast<std::int64_t>(total), "regressions");
    return context.check();
  };
  std::vector<std::size_t> all(samples.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  auto fit = scoring::fit_probe(data, all, options);
  Result<std::vector<double>> raw;
  if (fit && !training.scores.empty()) {
    std::vector<std::uint8_t> accepted;
    for (const scoring::Sample& sample : samples) accepted.push_back(sample.expected_decision == scoring::Decision::accept);
    const auto folds =
        training.folds == 0
            ? calibration::Folds::leave_one_out(samples.size(), data.groups)
            : TRY(calibration::Folds::stratified(accepted, static_cast<std::size_t>(training.folds), options.seed, data.groups));
    raw = scoring::cross_fit(data, folds, options);
  }
  progress.clear();
  if (session->interrupt().requested()) return kExitInterrupted;
  if (!fit) return std::unexpected(fit.error());
  if (!raw) return std::unexpected(raw.error());
  fit->probe.model = TRY(session->models()->identity(name));
  fit->probe.fitted_on = scoring::FittedTexts(texts);
  for (std::size_t label = 0; label < plan.columns().size(); ++label)
    fit->probe.labels.at(plan.columns()[label]).hypothesis = scoring::digest(std::span(plan.hypotheses()).subspan(label, 1));
  Output file = TRY(Output::file(training.output));
  TRY(print_json(file, fit->probe.to_value(), JsonStyle::compact));
  TRY(file.commit());
  if (!training.scores.empty()) {
    scoring::ScoreConfig with_probe = config.data.score;
    with_probe.model.probe = training.output;
    const std::string origin = TRY(scoring::scores_origin(with_probe, *session->models()));
    TRY(write_scores(training.scores, samples, plan.columns(), *raw, origin));
  }
  if (training.json) {
    TRY(print_json(program.out, Value::map({{"output", training.output},
                                            {"samples", static_cast<std::int64_t>(samples.size())},
                                            {"ridge", fit->ridge}})));
  } else {
    TRY(program.out.write(fmt::format("{}: probes of {} labels on the vectors of {}, from {} texts; ridge {}\n", training.output,
                                      plan.columns().size(), name, samples.size(), fit->ridge)));
    if (!training.scores.empty())
      TRY(program.out.write(
          fmt::format("{}: what each text gets from probes fitted without it, to calibrate on\n", training.scores)));
  }
  return kExitOk;
}

}  // namespace thalweg::cli
