#pragma once
// What the commands of `thalweg eval` share: the configuration, the model behind it, the data set, the folder of results.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/config_source.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "scoring/data/dataset.h"
#include "scoring/text_scorer.h"

namespace thalweg::cli {

/// A configuration, read with the options of a command on top.
struct EvalConfig {
  std::string path;  ///< of the file, or the shipped configuration's name
  scoring::ConfigData data;
  Value settings;    ///< the whole tree, defaults too
  std::string hash;  ///< of the settings
};

/// -c and what goes with it.
class EvalSource {
 public:
  /// -c, --set, ... and the options of a session.
  void declare(Options& options);
  /// And --concurrency, --batch-size, --strict.
  void declare_run(Options& options);
  /// Warnings go to standard error. Errors: those of the configuration.
  [[nodiscard]] Result<EvalConfig> read() const;
  [[nodiscard]] const SessionOptions& session() const noexcept { return session_; }
  [[nodiscard]] bool given() const noexcept { return !config_.empty(); }
  [[nodiscard]] const std::string& path() const noexcept { return config_; }  ///< as given

 private:
  std::string config_;
  ConfigSource layers_;
  SessionOptions session_;
  std::optional<std::int64_t> concurrency_;
  std::optional<std::int64_t> batch_size_;
  bool strict_ = false;
};

/// Where results go: --output, the configuration's `output`, else "NAME.eval" in the working folder.
[[nodiscard]] std::string results_folder_name(const std::string& option, const EvalConfig& config, const std::string& data);

/// That folder, made when it is not there. What was made and stays empty goes with this.
class ResultsFolder {
 public:
  /// Errors: permission_denied, ... with what to do; invalid_argument when it was not asked for by --output and holds the results
  /// of another data set.
  [[nodiscard]] static Result<ResultsFolder> open(const std::string& option, const EvalConfig& config, const std::string& data);
  ResultsFolder(ResultsFolder&&) noexcept = default;
  ResultsFolder& operator=(ResultsFolder&&) = delete;
  ~ResultsFolder();
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  explicit ResultsFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
  std::vector<std::string> made_;  // inner ones first; moved from, none
};

/// How far a file is worked off: `done` texts of as many as the `met` ones, and the bytes that they took, let expect.
void show_progress(Progress& progress, std::string_view what, std::size_t done, std::size_t met,
                   const scoring::ByteSource& source);
/// The same where each is done when it is met.
inline void show_progress(Progress& progress, std::string_view what, std::size_t done, const scoring::ByteSource& source) {
  show_progress(progress, what, done, done, source);
}

/// A number, or a share between 0 and 1 (both ends left out), that an option was given. Errors: invalid_argument.
[[nodiscard]] Result<double> number_option(std::string_view option, const std::string& text);
[[nodiscard]] Result<double> share_option(std::string_view option, const std::string& text);

/// "96.4 %".
[[nodiscard]] std::string percent(double share);

/// A text of others for a terminal: on one line, cut at so many characters, nothing in it that drives a terminal.
[[nodiscard]] std::string one_line(std::string_view text, std::size_t most);

/// The beginning of a text, of at most so many characters, and "..." where it is cut.
[[nodiscard]] std::string beginning_of(std::string_view text, std::size_t most);

/// What a command is told to read is wrong or not there: as an error of the command line (exit code 2), whatever the reading
/// called it. Not what broke while reading.
[[nodiscard]] Error as_usage(const Error& error);
template <class T>
[[nodiscard]] Result<T> as_usage(Result<T> result) {
  if (result) return result;
  return std::unexpected(as_usage(result.error()));
}

/// Prints the problems that were kept to standard error, at most `most`, and how many more there are.
void print_problems(const scoring::Problems& problems, std::size_t most);

}  // namespace thalweg::cli
