// thalweg eval apply

#include <algorithm>
#include <filesystem>
#include <map>

#include "cli/eval/source.h"
#include "cli/render.h"
#include "config/layers.h"
#include "scoring/config_file.h"
#include "scoring/deciding.h"
#include "scoring/fields.h"
#include "scoring/models/probe.h"
#include "scoring/origin.h"
#include "scoring/params_file.h"
#include "scoring/shipped.h"

namespace thalweg::cli {

namespace {

namespace fs = std::filesystem;

// `path` as a file in the folder of `from` names it.
std::string seen_from(const std::string& from, const std::string& path) {
  const fs::path folder = fs::absolute(from).parent_path();
  return fs::absolute(path).lexically_normal().lexically_relative(folder.lexically_normal()).string();
}

bool is_share(const Value& value) { return value.is_number() && value.as_number() >= 0 && value.as_number() <= 1; }

class EvalApply final : public Command {
 public:
  void declare(Options& options) override {
    options.position("CONFIG", config_, "the configuration, or the name of a shipped one (memory)", Completes::file);
    options.positions("PARAMS", params_, "what 'eval train' and 'eval threshold' wrote", Completes::file);
    options.value("-o,--output", "FILE", output_, "the new configuration", Completes::file);
    options.flag("--json", json_, "print {output, labels, probe, threshold}");
  }
  [[nodiscard]] std::string_view notes() const override {
    return "The new configuration includes the old one ($include) and sets calibrations, the probe, the combiner or the\n"
           "threshold on top, so that both stay readable and 'thalweg config explain' shows what came from where. A file that\n"
           "speaks of labels which the configuration does not have is refused, as are parameters of another model's raw scores "
           "and a\n"
           "threshold proven for other decisions. A combiner below new calibrations, which it was not fitted with, is left out;\n"
           "texts that something below was fitted on still count as seen.\n";
  }
  [[nodiscard]] std::string_view examples() const override {
    return "  thalweg eval apply gate.yaml params.json -o trained.yaml\n"
           "  thalweg eval apply memory probe.json params.json threshold.json -o trained.yaml\n";
  }
  [[nodiscard]] Result<int> run(Program& program) override {
    if (output_.empty()) return fail(Code::invalid_argument, "name a file for the new configuration with --output");
    if (config::format_of(output_) == config::Format::toml)
      return fail(Code::invalid_argument, "{}: what is written is no TOML; name a file that ends with .yaml or .json", output_);
    for (const std::string& path : params_) TRY(keep_inputs(output_, {path}));
    TRY(read_config());
    TRY(keep_inputs(output_, {shipped_ ? "" : config_}));
    Value top = Value::map();
    if (shipped_) {
      top = settings_;
    } else {
      top = Value::map({{"$include", seen_from(output_, config_)}});
    }
    // A threshold last: it is the combiner's where there is one.
    std::vector<std::pair<std::string, Value>> files;
    for (const std::string& path : params_) {
      const std::string text = TRY(as_usage(scoring::read_named_file(path)));
      auto value = parse_json(text);
      if (!value) return std::unexpected(value.error().at(path));
      files.emplace_back(path, std::move(*value));
    }
    for (const auto& [path, value] : files) {
      if (value.find("threshold") == nullptr) top = TRY(as_usage(add(std::move(top), path, value)));
    }
    if (stale_combiner()) {
      top = TRY(set(std::move(top), {"layers", "score", "combiner"}, Value()));
      top = TRY(set(std::move(top), {"layers", "score", "training", "combiner"}, false));
      put_.emplace_back("no combiner");
      print_error(fmt::format(
          "thalweg: warning: the combiner of {} was fitted with other calibrations than those of {}, and is left out: "
          "categories decide, by their own threshold; 'thalweg eval train --combiner' fits one with them\n",
          config_, params_path_));
    }
    for (const auto& [path, value] : files) {
      if (value.find("threshold") != nullptr) top = TRY(as_usage(add(std::move(top), path, value)));
    }
    // The configuration's own threshold goes with what it was chosen for.
    const bool kept = threshold_.is_null() && !combined_ && !stale_combiner();
    if (config_data_.training.decided_by && threshold_.is_null() && !kept) {
      top = TRY(set(std::move(top), {"layers", "score", "training", "decided_by"}, Value()));
      if (combined_)
        print_error(
            fmt::format("thalweg: warning: the threshold of {} was chosen from other decisions than those of the combiner of {}, "
                        "which has its own; choose one from what {} decides ('thalweg eval run' on new texts, 'thalweg eval "
                        "threshold')\n",
                        config_, params_path_, output_));
    }
    // As whoever reads it will see it, each line where it is written; only that what a text includes is sought from here.
    config::Layers layers;
    const std::string written = TRY(to_json(shipped_ ? top : Value(top).set("$include", config_), JsonStyle::pretty));
    TRY(layers.text(output_, written, config::Format::json));
    config::Tree tree = std::move(layers).build();
    const scoring::ScoreConfig score = TRY(scoring::read_config(tree)).score;
    const std::string origin = TRY(as_usage(origin_of(program, score)));
    TRY(as_usage(check_origin(score, origin)));
    const scoring::Deciding deciding = scoring::deciding_of(score, origin);
    for (const auto& [path, value] : files) TRY(as_usage(check_decisions(path, value, deciding)));
    if (kept) warn_of_kept_threshold(deciding);
    for (const config::Warning& warning : tree.warnings) print_error(fmt::format("thalweg: warning: {}\n", warning.text()));
    Output file = TRY(Output::file(output_));
    TRY(print_json(file, top));
    TRY(file.commit());
    if (json_) {
      TRY(print_json(program.out,
                     Value::map({{"output", output_}, {"labels", calibrated_}, {"probe", probe_}, {"threshold", threshold_}})));
    } else {
      TRY(program.out.write(fmt::format("{}: {}: {}\n", output_, shipped_ ? config_ : fmt::format("{} and on it", config_),
                                        fmt::join(put_, ", "))));
    }
    return kExitOk;
  }

 private:
  Result<> read_config() {
    shipped_ = scoring::shipped_config(config_).has_value();
    config::Layers layers = TRY(as_usage(scoring::config_layers(config_)));
    config::Tree tree = std::move(layers).build();
    settings_ = tree.to_value();
    config_data_ = TRY(scoring::read_config(tree)).score;
    return {};
  }

  static Result<Value> set(Value map, std::span<const std::string> path, Value value) {
    if (path.empty()) return value;
    const Value* inner = map.find(path[0]);
    Value next = TRY(set(inner != nullptr && inner->is_map() ? *inner : Value::map(), path.subspan(1), std::move(value)));
    return std::move(map).set(Value(path[0]), std::move(next));
  }
  static Result<Value> set(Value map, std::initializer_list<std::string> path, Value value) {
    return set(std::move(map), std::span(path.begin(), path.size()), std::move(value));
  }

  Result<Value> add(Value top, const std::string& path, const Value& value) {
    if (value.find("label_thresholds") != nullptr) {
      TRY(only_one("thresholds of labels", path));
      return add_label_thresholds(std::move(top), path, value);
    }
    if (value.find("params") != nullptr) {
      TRY(only_one("calibrations", path));
      return add_params(std::move(top), path, value);
    }
    if (value.find("width") != nullptr && value.find("labels") != nullptr) {
      TRY(only_one("a probe", path));
      return add_probe(std::move(top), path, value);
    }
    if (value.find("threshold") != nullptr) {
      TRY(only_one("a threshold", path));
      return add_threshold(std::move(top), path, value);
    }
    return fail(Code::invalid_argument, "{} is neither parameters, nor a probe, nor a threshold of 'thalweg eval'", path);
  }

  // Of two files of a kind one would be lost without a word.
  Result<> only_one(const std::string& kind, const std::string& path) {
    const auto [before, first] = kinds_.emplace(kind, path);
    if (first) return {};
    return fail(Code::invalid_argument, "{} and {} both have {}; name one of them", before->second, path, kind);
  }

  Result<Value> add_params(Value top, const std::string& path, const Value& value) {
    auto params = scoring::Params::from_value(value);
    if (!params) return std::unexpected(params.error().at(path));
    for (const scoring::LabelParams& one : params->labels) {
      bool found = false;
      for (const scoring::CategoryConfig& category : config_data_.categories) {
        if (std::ranges::find(category.labels, one.label, &scoring::LabelConfig::name) == category.labels.end()) continue;
        found = true;
        const auto at = [&](const char* key) {
          return std::vector<std::string>{"layers", "score", "categories", category.name, "labels", one.label, key};
        };
        // One that was left raw is taken raw: what the configuration had was fitted to other scores.
        const bool legacy = one.calibrator.method() == calibration::Method::legacy;
        const calibration::Calibrator& before = config_data_.label(one.label)->calibrator;
        recalibrated_ |= !(before == one.calibrator);
        top = TRY(set(std::move(top), at("platt_a"), legacy ? Value(one.calibrator.a()) : Value()));
        top = TRY(set(std::move(top), at("platt_b"), legacy ? Value(one.calibrator.b()) : Value()));
        top = TRY(set(std::move(top), at("calibration"), legacy ? Value() : in_place_of(before, one.calibrator)));
      }
      if (!found) {
        std::vector<std::string> names;
        for (const scoring::LabelConfig* label : config_data_.labels()) names.push_back(label->name);
        const std::string near = nearest(one.label, names);
        return fail(Code::invalid_argument, "{}: params.{}: {} has no such label{}", path, one.label, config_,
                    near.empty() ? "" : fmt::format("; did you mean '{}'?", near));
      }
      calibrated_ += one.skipped ? 0 : 1;
      left_raw_ += one.skipped ? 1 : 0;
    }
    put_.push_back(
        fmt::format("calibrations of {} labels{}", calibrated_, left_raw_ > 0 ? fmt::format(" ({} raw)", left_raw_) : ""));
    params_path_ = path;
    if (params->combiner) {
      put_.emplace_back("a combiner");
      combined_ = true;
      top = TRY(set(std::move(top), {"layers", "score", "combiner"}, *value.find("combiner")));
      top = TRY(set(std::move(top), {"layers", "score", "training", "combiner"}, true));
    }
    // Also that it is not known: else what is included would answer for these.
    top = TRY(set(std::move(top), {"layers", "score", "training", "model"}, params->model.empty() ? Value() : params->model));
    if (params->fitted_on.size() > 0) fitted_.push_back(seen_from(output_, path));
    return set(std::move(top), {"layers", "score", "training", "texts"}, texts());
  }

  // Maps are merged key by key: numbers that belong to another method are taken out.
  [[nodiscard]] Value in_place_of(const calibration::Calibrator& before, const calibration::Calibrator& now) const {
    Value map = now.to_value();
    if (shipped_ || before.method() == calibration::Method::legacy) return map;
    for (const Entry& entry : before.to_value().entries()) {
      if (map.find(entry.key.as_string()) == nullptr) map = std::move(map).set(entry.key, Value());
    }
    return map;
  }

  // All files that tell of texts something was fitted on, of what is below too: its thresholds may still count.
  [[nodiscard]] Value texts() const {
    std::vector<std::string> all;
    for (const std::string& path : config_data_.training.texts)
      all.push_back(path.starts_with("shipped:") ? path : seen_from(output_, path));
    for (const std::string& path : fitted_) {
      if (std::ranges::find(all, path) == all.end()) all.push_back(path);
    }
    if (all.size() < 2) return all.empty() ? Value() : Value(all.front());
    std::vector<Value> list(all.begin(), all.end());
    return Value::list(std::move(list));
  }

  // A rule that somebody wrote stays.
  [[nodiscard]] bool stale_combiner() const {
    return config_data_.combiner && config_data_.training.combiner && recalibrated_ && !combined_;
  }

  static bool any_calibrated(const scoring::ScoreConfig& score) {
    return std::ranges::any_of(score.labels(), [](const scoring::LabelConfig* label) {
      return label->calibrator.method() != calibration::Method::none;
    });
  }

  // Whose raw scores the new configuration takes, where something that is applied tells whose it was fitted to.
  [[nodiscard]] Result<std::string> origin_of(Program& program, const scoring::ScoreConfig& score) const {
    if (score.training.model.empty() && threshold_.is_null() && !score.training.decided_by) return "";
    const auto session = TRY(Session::open(program, {}));
    return scoring::scores_origin(score, *session->models());
  }

  // A threshold says something of the scores that it was chosen from and of no others.
  Result<> check_decisions(const std::string& path, const Value& value, const scoring::Deciding& now) const {
    using Is = scoring::ThresholdFit::Is;
    const scoring::ThresholdFit fit = TRY(scoring::threshold_fit(path, value, now, output_));
    if (fit.is == Is::right || (fit.is == Is::untold_model && !params_path_.empty())) return {};
    if (fit.is == Is::disproved) {
      return fail(
          Code::failed_precondition,
          "{}; what it proves does not hold here. Apply all else without it, run that configuration on texts that nothing "
          "was fitted on ('thalweg eval run') and choose its threshold from there",
          fit.problem);
    }
    print_error(fmt::format("thalweg: warning: {}\n", fit.problem));
    return {};
  }

  void warn_of_kept_threshold(const scoring::Deciding& now) const {
    const auto& then = config_data_.training.decided_by;
    const std::string other = then ? then->other_for_threshold(now) : "";
    if (other.empty()) return;
    print_error(fmt::format(
        "thalweg: warning: the threshold of {} is kept, and was chosen from other decisions than {} takes ({}): what it "
        "proved does not hold here; choose one from these ('thalweg eval run' on new texts, 'thalweg eval threshold')\n",
        config_, output_, other));
  }

  // Calibrations are right for the raw scores that they were fitted to and no others.
  Result<> check_origin(const scoring::ScoreConfig& score, const std::string& origin) const {
    if (score.training.model.empty()) {
      if (!params_path_.empty() && any_calibrated(score) && score.model.type != scoring::ModelType::recorded) {
        print_error(fmt::format(
            "thalweg: warning: {} does not tell whose raw scores it was fitted to; it is right for no others\n", params_path_));
      }
      return {};
    }
    if (origin.empty() || origin == score.training.model) return {};
    if (!params_path_.empty()) {
      return fail(
          Code::failed_precondition,
          "{} was fitted to raw scores of another model, probe or hypotheses than {} has; score, train and apply with one "
          "configuration",
          params_path_, probe_.empty() ? config_ : "the new configuration");
    }
    if (!probe_.empty()) {
      return fail(Code::failed_precondition,
                  "the calibrations of {} were fitted to other raw scores than the probe {} gives; name the parameters that were "
                  "trained on its --scores, too",
                  config_, probe_);
    }
    print_error(
        fmt::format("thalweg: warning: the calibrations of {} were fitted to raw scores of another model, probe or hypotheses "
                    "than it has\n",
                    config_));
    return {};
  }

  Result<Value> add_probe(Value top, const std::string& path, const Value& value) {
    auto probe = scoring::Probe::from_value(value);
    if (!probe) return std::unexpected(probe.error().at(path));
    std::vector<std::string> lacking;
    for (const scoring::LabelConfig* label : config_data_.labels()) {
      if (!probe->labels.contains(label->name)) lacking.push_back(label->name);
    }
    if (!lacking.empty()) {
      return fail(
          Code::failed_precondition,
          "{} has nothing for the label{} {} of {}; fit it anew with this configuration ('thalweg eval train --method probe')",
          path, lacking.size() == 1 ? "" : "s", fmt::join(lacking, ", "), config_);
    }
    for (const auto& [label, one] : probe->labels) {
      if (config_data_.label(label) == nullptr)
        return fail(Code::invalid_argument, "{}: labels.{}: {} has no such label", path, label, config_);
    }
    probe_ = path.starts_with("shipped:") ? path : seen_from(output_, path);
    put_.push_back(fmt::format("the probe {}", probe_));
    return set(std::move(top), {"layers", "score", "model", "probe"}, Value(probe_));
  }

  Result<Value> add_label_thresholds(Value top, const std::string& path, const Value& value) {
    const Value* const thresholds = TRY(scoring::field(value, "label_thresholds", Kind::map));
    for (const Entry& entry : thresholds->entries()) {
      const std::string name(entry.key.as_string());
      if (config_data_.label(name) == nullptr)
        return fail(Code::invalid_argument, "{}: label_thresholds.{}: {} has no such label", path, name, config_);
      if (!is_share(entry.value))
        return fail(Code::invalid_argument, "{}: label_thresholds.{}: a threshold is a number from 0 to 1", path, name);
      for (const scoring::CategoryConfig& category : config_data_.categories) {
        if (std::ranges::find(category.labels, name, &scoring::LabelConfig::name) == category.labels.end()) continue;
        top =
            TRY(set(std::move(top), {"layers", "score", "categories", category.name, "labels", name, "threshold"}, entry.value));
      }
    }
    put_.push_back(fmt::format("thresholds of {} labels", thresholds->size()));
    return top;
  }

  Result<Value> add_threshold(Value top, const std::string& path, const Value& value) {
    const Value* threshold = value.find("threshold");
    if (!is_share(*threshold)) return fail(Code::invalid_argument, "{}: threshold: it is a number from 0 to 1", path);
    threshold_ = *threshold;
    put_.push_back(fmt::format("the threshold {:.4f}", threshold->as_number()));
    // Also that it is not known: else what is included would answer for this one.
    Value decided_by;
    if (const Value* const told = value.find("decided_by"); told != nullptr) {
      const auto deciding = scoring::Deciding::from_value(*told);
      if (!deciding) return std::unexpected(deciding.error().at(fmt::format("{}: decided_by", path)));
      decided_by = deciding->to_value();
    }
    if (!decided_by.is_null() || config_data_.training.decided_by)
      top = TRY(set(std::move(top), {"layers", "score", "training", "decided_by"}, std::move(decided_by)));
    if (combined_ || (config_data_.combiner && !stale_combiner()))
      return set(std::move(top), {"layers", "score", "combiner", "threshold"}, *threshold);
    return set(std::move(top), {"layers", "score", "threshold"}, *threshold);
  }

  std::string config_;
  std::vector<std::string> params_;
  std::string output_;
  bool json_ = false;
  bool shipped_ = false;
  Value settings_;
  scoring::ScoreConfig config_data_;
  std::int64_t calibrated_ = 0;
  std::int64_t left_raw_ = 0;
  bool combined_ = false;
  bool recalibrated_ = false;                              // otherwise than the configuration was
  std::vector<std::string> fitted_;                        // files of PARAMS that tell on which texts
  std::vector<std::string> put_;                           // what was, in words
  std::map<std::string, std::string, std::less<>> kinds_;  // of PARAMS, and the file of each
  std::string params_path_;
  std::string probe_;
  Value threshold_;
};

}  // namespace

std::unique_ptr<Command> make_eval_apply() { return std::make_unique<EvalApply>(); }

}  // namespace thalweg::cli
