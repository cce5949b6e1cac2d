#include "base/utf8.h"
#include "documents/reader.h"
#include "documents/stages.h"

namespace thalweg::documents {

namespace {

enum : std::size_t { kFolder, kPatterns, kExclude, kMaxBytes, kOnError };

Result<std::vector<std::string>> strings(const Value& value, std::string_view name) {
  std::vector<std::string> out;
  if (value.is_string()) {
    out.emplace_back(value.as_string());
    return out;
  }
  if (!value.is_list()) return fail(Code::invalid_argument, "'{}' must be a string or a list of strings", name);
  for (const Value& item : value.items()) {
    if (!item.is_string()) return fail(Code::invalid_argument, "'{}' must be a string or a list of strings", name);
    out.emplace_back(item.as_string());
  }
  return out;
}

Result<Value> run(Call& call) {
  const auto folders = TRY(strings(call.argument(kFolder), "folder"));
  FindOptions options;
  options.patterns = TRY(strings(call.argument(kPatterns), "patterns"));
  options.exclude = TRY(strings(call.argument(kExclude), "exclude"));
  const std::int64_t most = call.argument(kMaxBytes).as_int();
  if (most < 1) return fail(Code::invalid_argument, "'max_bytes' must be at least 1");
  const std::string_view on_error = call.argument(kOnError).as_string();
  if (on_error != "skip" && on_error != "fail")
    return fail(Code::invalid_argument, "'on_error' is 'skip' or 'fail', not '{}'", on_error);

  const auto files = TRY(find_files(folders, options));
  for (std::size_t i = 0; i < files.size(); ++i) {
    TRY(call.context().check());
    const std::size_t bad_byte = utf8::invalid_at(files[i]);
    auto document = bad_byte == std::string::npos
                        ? read_file(files[i], {.bytes = static_cast<std::uint64_t>(most)})
                        : fail(Code::invalid_argument, "its name is not UTF-8 at byte {}: rename it", bad_byte);
    if (document) {
      call.emit(to_value(*document));
    } else if (on_error == "fail") {
      return std::unexpected(document.error());
    } else {
      call.emit(Value::map({{"path", utf8::well_formed(files[i])}, {"error", utf8::well_formed(document.error().text())}}));
    }
    call.progress(static_cast<std::int64_t>(i + 1), static_cast<std::int64_t>(files.size()), "documents");
  }
  return Value();
}

}  // namespace

void add_read_documents(Catalog& catalog) {
  catalog.add(
      {
          .name = "read_documents",
          .version = "1",
          .summary = "Reads the HTML, Markdown and text files below a folder, gzipped or not.",
          .description = "Each file becomes {path, title, hash, sections: [{titles, level, text}]}, in order of paths. "
                         "Navigation, scripts, tables "
                         "of contents and indexes are left out; a text file is left out when the same name with .html stands "
                         "beside it; symbolic links are "
                         "followed, and each file is read once, under its shortest path. A file that cannot be read (a PDF named "
                         ".txt, broken gzip, too large) becomes "
                         "{path, error}, or fails "
                         "the stage with `on_error: fail`. NOT_FOUND when a folder is missing.",
          .example = R"yaml(name: titles
input: {folder: string}
stages:
  - {id: read, uses: read_documents, with: {folder: "{{ input.folder }}", patterns: ["*.html"]}}
output: "{{ read }}"
)yaml",
          .fields =
              {
                  {.name = "folder", .type = Type(), .description = "a folder or file, or a list of them"},
                  {.name = "patterns",
                   .type = Type(),
                   .description = "names or paths to take, with *, ? and **; without any: *.html, *.md, *.txt and the like",
                   .required = false,
                   .fallback = Value::list()},
                  {.name = "exclude",
                   .type = Type(),
                   .description = "names or paths to leave out",
                   .required = false,
                   .fallback = Value::list()},
                  {.name = "max_bytes",
                   .type = Type(Type::Kind::integer),
                   .description = "of one file, unpacked",
                   .required = false,
                   .fallback = Value(64 << 20)},
                  {.name = "on_error",
                   .type = Type(Type::Kind::string),
                   .description = "a file that cannot be read: skip or fail",
                   .required = false,
                   .fallback = Value("skip")},
              },
          .output = lang::parse_type("stream<map<string, dyn>>").value(),
          .deterministic = false,
      },
      [](const Configuration&) -> Result<std::unique_ptr<Stage>> { return stage_of(run); });
}

}  // namespace thalweg::documents
