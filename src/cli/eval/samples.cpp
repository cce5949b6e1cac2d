#include "cli/eval/samples.h"

#include <algorithm>

namespace thalweg::cli {

using scoring::Given;

namespace {

bool brings_scores(const EvalConfig& config) {
  const scoring::ModelConfig& model = config.data.score.model;
  return model.type == scoring::ModelType::recorded && model.scores.empty();
}

}  // namespace

EvalSamples::EvalSamples(const EvalConfig& config)
    : strict_(config.data.strict), known_(scoring::known_names(config.data.score)), check_(&known_) {
  if (!brings_scores(config)) return;
  for (const scoring::LabelConfig* label : config.data.score.labels()) columns_.push_back(label->name);
}

Result<std::unique_ptr<EvalSamples>> EvalSamples::open(const std::string& path, const EvalConfig& config,
                                                       const Interrupt& interrupt) {
  const scoring::ReadOptions options{.strict = config.data.strict,
                                     .readable = [&interrupt](int descriptor) { return interrupt.readable(descriptor); }};
  const auto open_one = [&]() -> Result<std::unique_ptr<EvalSamples>> {
    std::unique_ptr<EvalSamples> samples(new EvalSamples(config));
    if (brings_scores(config)) {
      samples->scored_ = std::make_unique<scoring::ScoresReader>(TRY(as_usage(scoring::ScoresReader::open(path, options))));
    } else {
      samples->samples_ = std::make_unique<scoring::DatasetReader>(TRY(as_usage(scoring::DatasetReader::open(path, options))));
    }
    return samples;
  };
  if (config.data.strict && path != "-") {
    const auto first = TRY(open_one());
    while (TRY(first->next()) && !interrupt.requested()) {
    }
  }
  return open_one();
}

const scoring::ByteSource& EvalSamples::source() const noexcept { return scored_ ? scored_->source() : samples_->source(); }
const Value& EvalSamples::header() const noexcept { return scored_ ? scored_->header() : samples_->header(); }

scoring::Problems EvalSamples::problems() const {
  scoring::Problems all = scored_ ? scored_->problems() : samples_->problems();
  all.add(problems_);
  return all;
}

Result<std::optional<Given>> EvalSamples::next() {
  while (true) {
    const auto passed_over = [this] { return scored_ ? scored_->passed_over() : samples_->passed_over(); };
    const std::size_t before_it = passed_over();
    auto given = TRY(scored_ ? read_scored() : read());
    dropped_ += passed_over() - before_it;
    if (!given) return given;
    const std::string place = (scored_ ? scored_->source() : samples_->source()).name();
    const std::string where = samples_ ? samples_->place(given->sample) : fmt::format("{}:{}", place, given->sample.line);
    const std::size_t before = problems_.kept().size();
    if (check_.add(given->sample, where, problems_)) return given;
    ++dropped_;
    if (strict_) {
      for (std::size_t i = before; i < problems_.kept().size(); ++i) {
        if (!scoring::is_warning(problems_.kept()[i].kind)) return std::unexpected(problems_.kept()[i].error());
      }
      return fail(Code::invalid_argument, "{}: this sample is wrong", where);
    }
  }
}

std::optional<scoring::Sample> next_sample(scoring::DatasetReader& reader, std::optional<Error>& broken) {
  auto sample = reader.next();
  if (sample) return std::move(*sample);
  broken = sample.error();
  return std::nullopt;
}

scoring::Problem broken_file(const Error& error, const scoring::DatasetReader& reader, std::size_t rows) {
  return {.kind = scoring::ProblemKind::broken,
          .place = error.path().empty() ? reader.source().name() : error.path(),
          .row = rows,
          .line = reader.source().place().line,
          .id = {},
          .message = error.message()};
}

Result<std::optional<Given>> EvalSamples::read() {
  auto sample = TRY(samples_->next());
  if (!sample) return std::nullopt;
  return Given{.sample = std::move(*sample), .raw = {}};
}

Result<std::optional<Given>> EvalSamples::read_scored() {
  auto scored = TRY(scored_->next());
  if (!scored) return std::nullopt;
  if (!scored->expected_decision) {
    return fail(Code::invalid_argument,
                "{}: the field 'expected_decision' is missing; export the scores with 'thalweg eval score', which keeps it",
                scored_->place(*scored));
  }
  Given given;
  given.raw.reserve(columns_.size());
  for (const std::string& column : columns_) {
    const auto found = std::ranges::find(scored->scores, column, &std::pair<std::string, double>::first);
    if (found == scored->scores.end()) {
      return fail(Code::invalid_argument, "{}: there is no score of the label '{}'; this file is of another configuration",
                  scored_->place(*scored), column);
    }
    given.raw.push_back(found->second);
  }
  given.sample.id = std::move(scored->id);
  given.sample.text = std::move(scored->text);
  given.sample.expected_decision = *scored->expected_decision;
  given.sample.expected_labels = std::move(scored->expected_labels);
  given.sample.primary_category = std::move(scored->primary_category);
  given.sample.difficulty = scored->difficulty;
  given.sample.fitted_on = scored->fitted_on;
  given.sample.row = scored->row;
  given.sample.line = scored->line;
  return given;
}

}  // namespace thalweg::cli
