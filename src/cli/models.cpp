// thalweg models

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include "cli/model_copies.h"
#include "cli/render.h"
#include "cli/session.h"
#include "cli/settings.h"
#include "cli/table.h"
#include "models/catalogue.h"
#include "models/licence.h"
#include "models/measure.h"
#include "thalweg/json.h"

namespace thalweg::cli {

namespace {

namespace fs = std::filesystem;
using models::Catalogue;
using models::CatalogueEntry;
using models::ModelKind;

std::string in_megabytes(std::uint64_t bytes) {
  return bytes < 1'000'000 ? fmt::format("{} kB", (bytes + 500) / 1000) : fmt::format("{} MB", (bytes + 500'000) / 1'000'000);
}

// "all-MiniLM-L6-v2.Q4_1" to "all-minilm-l6-v2.q4_1": what can be typed, and is no path.
std::string default_name(const std::string& path) {
  fs::path last = fs::path(path).filename();
  if (last.extension() == ".gguf") last = last.stem();
  std::string name;
  for (const char c : last.string()) {
    const char low = static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    const bool keep = (low >= 'a' && low <= 'z') || (low >= '0' && low <= '9') || low == '-' || low == '_' || low == '.';
    name += keep ? low : '-';
  }
  return name;
}

Result<> check_name(std::string_view name) {
  const bool good = !name.empty() && name.size() <= 100 && name.find_first_of("/ \t\n\"'") == std::string_view::npos &&
                    name != "." && name != "..";
  if (good) return {};
  return fail(Code::invalid_argument, "'{}' is no name for a model: letters, digits, '-', '_' and '.' are", name);
}

Result<std::string> read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) return std::unexpected(system_error(errno, "read " + path));
  TRY(check_utf8(path, text));
  return text;
}

using Row = std::vector<std::string>;

Row row_of(const std::string& name, const CatalogueEntry& entry) {
  Row row{name,
          std::string(models::name(entry.kind)),
          in_megabytes(total_size(entry.files)),
          entry.licence,
          models::hash_of(entry.files).substr(0, 12),
          entry.runs_on,
          "-",
          "-"};
  if (!entry.measured) return row;
  row[6] = fmt::format("{:.0f} ms", entry.measured->load_ms);
  row[7] = entry.kind == ModelKind::language
               ? fmt::format("{:.0f} tokens/s, reads {:.0f}", entry.measured->rate, entry.measured->prefill)
               : fmt::format("{:.0f} texts/s", entry.measured->rate);
  return row;
}

struct Given {
  std::string action;
  std::string what;
  std::string name;
  std::string licence;
  std::string precision;
  std::string quantise;
  std::string text;
  std::string tolerance = "1";
  SessionOptions session;
  bool json = false;
};

class Models final : public Command {
 public:
  void declare(Options& options) override {
    options.position("ACTION", given_.action, "list (when nothing is given), add, remove or check", Completes::nothing, false);
    options.position("MODEL", given_.what, "add: a folder or GGUF file; remove, check: a name", Completes::file, false);
    options.value("--name", "NAME", given_.name, "add: what it is called (made from the file's name)");
    options.value("--licence", "TEXT", given_.licence, "add: under which licence it is (as its files say)");
    options.value("--precision", "NAME", given_.precision,
                  "add: what an encoder is computed in, f32 or bf16, quicker where the processor has it (f32)");
    options.value("--quantise", "TYPES", given_.quantise,
                  "add: of a GGUF file, make copies with these weights (Q8_0,Q4_0) and take the fastest that is good enough");
    options.value("--text", "FILE", given_.text, "add --quantise: the text whose perplexity decides", Completes::file);
    options.value("--tolerance", "PERCENT", given_.tolerance, "add --quantise: by how much perplexity may grow (1)");
    given_.session.declare_for_one_model(options);
    options.flag("--json", given_.json, "print JSON");
  }

  [[nodiscard]] std::string_view examples() const override {
    return "  thalweg models\n"
           "  thalweg models add ./all-MiniLM-L6-v2 --name minilm --licence Apache-2.0\n"
           "  thalweg models add ./all-MiniLM-L6-v2 --name minilm-bf16 --precision bf16\n"
           "  thalweg models add SmolLM2.gguf --quantise Q8_0,Q4_0 --text manual.txt\n"
           "  thalweg models check minilm\n"
           "  thalweg models remove minilm  its files stay, copies that --quantise made do not\n";
  }

  [[nodiscard]] Result<int> run(Program& program) override {
    folder_ = models::default_model_folder();
    language_model_ = TRY(given_.session.models()).language_model;
    if (given_.action.empty() || given_.action == "list") return list(program);
    if (given_.action == "check") return check(program);
    if (given_.action != "add" && given_.action != "remove") {
      return fail(Code::invalid_argument, "'{}' is none of list, add, remove, check", given_.action);
    }
    if (given_.what.empty()) {
      return fail(Code::invalid_argument, "'{}' needs {}", given_.action,
                  given_.action == "add" ? "a folder or a GGUF file" : "a name");
    }
    if (given_.action == "add") return add(program);
    TRY(Catalogue::change(folder_, [this](Catalogue& catalogue) { return catalogue.remove(given_.what); }));
    return kExitOk;
  }

 private:
  Result<int> list(Program& program) {
    const Catalogue catalogue = TRY(Catalogue::read(folder_));
    if (given_.json) {
      std::vector<Entry> all;
      for (const auto& [name, entry] : catalogue.entries()) all.push_back({name, to_value(entry)});
      TRY(print_json(program.out, Value::map(std::move(all))));
      return kExitOk;
    }
    if (catalogue.entries().empty()) {
      TRY(program.out.write("no models: add one with: thalweg models add PATH\n"));
      return kExitOk;
    }
    std::vector<Row> rows{{"NAME", "KIND", "SIZE", "LICENCE", "HASH", "RUNS ON", "LOAD", "SPEED"}};
    for (const auto& [name, entry] : catalogue.entries()) rows.push_back(row_of(name, entry));
    TRY(program.out.write(table(rows, Align::left)));
    return kExitOk;
  }

  Result<int> add(Program& program) {
    const auto session = TRY(Session::open(program, given_.session));
    const Context context = TRY(session->context({}));
    std::error_code problem;
    std::string path = fs::absolute(given_.what, problem).lexically_normal().string();
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    const std::string name = given_.name.empty() ? default_name(path) : given_.name;
    TRY(check_name(name));
    std::string licence = given_.licence.empty() ? models::licence_in(path) : given_.licence;
    ModelCopies copies(folder_);
    if (!given_.quantise.empty()) path = TRY(quantised(program, name, path, context, copies));
    const auto precision = given_.precision.empty() ? models::Precision::f32 : TRY(models::precision_named(given_.precision));
    if (!given_.precision.empty() && path.ends_with(".gguf")) {
      return fail(Code::invalid_argument, "--precision is for encoders; the weights of {} are what they are, see --quantise",
                  given_.what);
    }
    CatalogueEntry entry = TRY(look_at(path, precision, context));
    TRY(hash_files(path, entry.files));
    entry.licence = licence.empty() ? "unknown" : std::move(licence);
    TRY(Catalogue::change(folder_, [&](Catalogue& catalogue) -> Result<> {
      catalogue.put(name, entry);
      return {};
    }));
    copies.keep(path);
    return told(program, name, entry);
  }

  // Loads it, which finds what is wrong with it, and measures it. Its files have no hashes yet.
  [[nodiscard]] Result<CatalogueEntry> look_at(const std::string& path, models::Precision precision,
                                               const Context& context) const {
    CatalogueEntry entry;
    entry.path = path;
    entry.precision = precision;
    entry.files = TRY(models::model_files(path));
    const Nanos start = context.now();
    const auto measured = [&](auto& model, Nanos loaded) -> Result<> {
      entry.measured = TRY(measure(model, context));
      entry.measured->load_ms = static_cast<double>(loaded - start) / 1e6;
      return {};
    };
    if (path.ends_with(".gguf")) {
      const auto model = TRY(models::open_language_model(path, language_model_));
      TRY(measured(*model, context.now()));
      entry.kind = ModelKind::language;
      entry.runs_on = fmt::format("cpu, llama.cpp, {}", model->quantisation());
    } else {
      const auto model = TRY(models::open_encoder(path, {.precision = precision}));
      TRY(measured(*model, context.now()));
      entry.kind = model->kind() == models::EncoderKind::embedding ? ModelKind::embedding : ModelKind::classifier;
      entry.runs_on = fmt::format("cpu, OpenVINO, {}", models::name(model->precision()));
    }
    return entry;
  }

  struct Candidate {
    std::string type;
    std::string path;
    double perplexity = 0;
    models::Measured measured;
  };

  [[nodiscard]] Result<std::vector<std::string>> types() const {
    std::vector<std::string> all;
    for (std::size_t at = 0; at <= given_.quantise.size();) {
      const std::size_t comma = std::min(given_.quantise.find(',', at), given_.quantise.size());
      all.push_back(given_.quantise.substr(at, comma - at));
      TRY(models::check_quantisation(all.back()));
      at = comma + 1;
    }
    return all;
  }

  // The fastest of the file and its copies that is good enough.
  Result<std::string> quantised(Program& program, const std::string& name, const std::string& path, const Context& context,
                                ModelCopies& copies) {
    if (given_.text.empty()) return fail(Code::invalid_argument, "--quantise needs --text FILE: what perplexity is measured on");
    const Value tolerance = parse_json(given_.tolerance).value_or(Value());
    if (!tolerance.is_number() || tolerance.as_number() < 0) {
      return fail(Code::invalid_argument, "--tolerance '{}' is no number of percent", given_.tolerance);
    }
    const std::vector<std::string> wanted = TRY(types());
    const std::string text = TRY(read_text(given_.text));
    std::vector<Candidate> all;
    all.push_back(TRY(candidate("as it is", path, text, context)));
    for (const std::string& type : wanted) {
      const std::string copy = TRY(copies.place(name, type));
      const std::size_t threads = context.cores() != nullptr ? context.cores()->cores() : 1;
      TRY(models::quantise(path, copy, type, threads));
      TRY(context.check());
      all.push_back(TRY(candidate(type, copy, text, context)));
    }
    const Candidate* best = &all.front();
    const double most = all.front().perplexity * (1 + tolerance.as_number() / 100);
    for (const Candidate& other : all) {
      if (other.perplexity <= most && time_of(other) < time_of(*best)) best = &other;
    }
    std::error_code problem;
    std::string out =
        fmt::format("perplexity on {} ({} bytes), at most {:.2f} is good enough:\n", given_.text, text.size(), most);
    for (const Candidate& other : all) {
      out += fmt::format("  {:<9} {:>4}  perplexity {:.3f}  reads {:.0f} tokens/s, writes {:.0f}{}\n", other.type,
                         in_megabytes(fs::file_size(other.path, problem)), other.perplexity, other.measured.prefill,
                         other.measured.rate, &other == best ? "  <- taken" : "");
    }
    if (!given_.json) TRY(program.out.write(out));
    return best->path;
  }

  // Of an answer of 64 tokens to a prompt of 512.
  static double time_of(const Candidate& candidate) {
    return 512 / std::max(candidate.measured.prefill, 1.0) + 64 / std::max(candidate.measured.rate, 1.0);
  }

  [[nodiscard]] Result<Candidate> candidate(std::string type, std::string path, std::string_view text,
                                            const Context& context) const {
    const auto model = TRY(models::open_language_model(path, language_model_));
    Candidate made{std::move(type), std::move(path), 0, TRY(measure(*model, context))};
    made.perplexity = TRY(perplexity(*model, text, context));
    return made;
  }

  Result<int> told(Program& program, const std::string& name, const CatalogueEntry& entry) const {
    if (given_.json) {
      TRY(print_json(program.out, Value::map({{Value(name), to_value(entry)}})));
    } else {
      TRY(program.out.write(table({row_of(name, entry)}, Align::left)));
    }
    return kExitOk;
  }

  // Files read whole and compared, model loaded and measured again.
  Result<int> check(Program& program) {
    const auto session = TRY(Session::open(program, given_.session));
    const Context context = TRY(session->context({}));
    const Catalogue catalogue = TRY(Catalogue::read(folder_));
    if (!given_.what.empty()) TRY(catalogue.get(given_.what));
    bool good = true;
    for (const auto& [name, was] : catalogue.entries()) {
      if (!given_.what.empty() && name != given_.what) continue;
      auto now = [&]() -> Result<CatalogueEntry> {
        // The files as they were added, so that the model's hash stays: indexes are made with it.
        std::vector<models::ModelFile> files = TRY(check_files(name, was, true));
        CatalogueEntry entry = TRY(look_at(was.path, was.precision, context));
        entry.files = std::move(files);
        entry.licence = was.licence;
        return entry;
      }();
      if (!now) {
        good = false;
        print_error(fmt::format("thalweg: {}\n", now.error().text()));
        if (session->interrupt().requested()) return kExitInterrupted;
        continue;
      }
      TRY(Catalogue::change(folder_, [&](Catalogue& changed) -> Result<> {
        const CatalogueEntry* const there = changed.find(name);
        if (there != nullptr && there->path == was.path) changed.put(name, *now);  // else somebody changed it meanwhile
        return {};
      }));
      TRY(told(program, name, *now));
    }
    return good ? kExitOk : kExitFailed;
  }

  Given given_;
  std::string folder_;
  models::LanguageModelOptions language_model_;
};

}  // namespace

std::unique_ptr<Command> make_models() { return std::make_unique<Models>(); }

}  // namespace thalweg::cli
