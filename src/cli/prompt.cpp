#include "cli/prompt.h"

#include <termios.h>
#include <unistd.h>

#include "base/bridge.h"
#include "cli/command.h"
#include "cli/input.h"
#include "cli/interrupt.h"

namespace thalweg::cli {

namespace {

class Prompt final : public Questions {
 public:
  static Result<std::unique_ptr<Questions>> open(const std::string& history, const Interrupt& interrupt) {
    std::unique_ptr<Prompt> prompt(new Prompt(interrupt));
    prompt->table_ = TRY(bridge::open());
    TRY(bridge::call(*prompt->table_, prompt->table_->prompt_open, history, &prompt->prompt_));
    ::tcgetattr(STDIN_FILENO, &prompt->terminal_);
    return prompt;
  }
  ~Prompt() override {
    if (prompt_ != nullptr) table_->prompt_close(prompt_);
  }
  /// Ctrl-C gives the line up; pressed once more, and Ctrl-D, end the questions.
  [[nodiscard]] Result<std::optional<std::string>> next() override {
    // Nothing is at work here, and the line being edited cannot be left from another thread: SIGTERM ends the program, with the
    // terminal as it was.
    const std::stop_callback ended(interrupt_.token(), [this] {
      ::tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal_);
      constexpr std::string_view kPlainPaste = "\x1b[?2004l";  // the editor had it bracketed
      (void)!::write(STDIN_FILENO, kPlainPaste.data(), kPlainPaste.size());
      ::_exit(kExitInterrupted);
    });
    for (int given_up = 0;;) {
      auto line = bridge::call(*table_, table_->prompt_read, prompt_, bridge::Slice(std::string_view("> ")));
      if (line) return std::optional(std::move(*line));
      if (line.error().code() == Code::out_of_range) return std::nullopt;
      if (line.error().code() == Code::invalid_argument) {  // not UTF-8
        print_error(fmt::format("thalweg: {}\n", line.error().text()));
        continue;
      }
      if (line.error().code() != Code::cancelled) return std::unexpected(line.error());
      if (++given_up == 2) return std::nullopt;
      print_error("Ctrl-C again, or Ctrl-D, leaves\n");
    }
  }

 private:
  explicit Prompt(const Interrupt& interrupt) : interrupt_(interrupt) {}
  const Interrupt& interrupt_;
  const bridge::Table* table_ = nullptr;
  bridge::Prompt* prompt_ = nullptr;
  termios terminal_{};
};

class Lines final : public Questions {
 public:
  static Result<std::unique_ptr<Questions>> open(const Interrupt& interrupt) {
    return std::unique_ptr<Questions>(new Lines(TRY(InputReader::open("-", &interrupt))));
  }
  [[nodiscard]] Result<std::optional<std::string>> next() override { return reader_.next_text(); }

 private:
  explicit Lines(InputReader reader) : reader_(std::move(reader)) {}
  InputReader reader_;
};

}  // namespace

Result<std::unique_ptr<Questions>> ask_person(const std::string& history, const Interrupt& interrupt) {
  return Prompt::open(history, interrupt);
}

Result<std::unique_ptr<Questions>> ask_lines(const Interrupt& interrupt) { return Lines::open(interrupt); }

}  // namespace thalweg::cli
