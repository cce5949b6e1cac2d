// thalweg completion

#include "cli/command.h"
#include "cli/pipelines.h"
#include "cli/settings.h"

namespace thalweg::cli {

namespace {

struct Described {
  const CommandInfo* info;
  std::string words;                 // "run", "eval run"
  std::unique_ptr<Command> command;  // its options point into it
  Options options;
};

void describe(const CommandInfo& info, std::string words, std::vector<Described>& out) {
  Described& one = out.emplace_back(&info, std::move(words), info.make(), Options{});
  one.command->declare(one.options);
}

// All commands, those of groups too.
std::vector<Described> described() {
  std::vector<Described> out;
  for (const CommandInfo& info : commands()) {
    if (info.group == nullptr)
      describe(info, std::string(info.name), out);
    else
      for (const CommandInfo& inner : info.group()) describe(inner, fmt::format("{} {}", info.name, inner.name), out);
  }
  return out;
}

std::vector<const CommandInfo*> groups() {
  std::vector<const CommandInfo*> out;
  for (const CommandInfo& info : commands()) {
    if (info.group != nullptr) out.push_back(&info);
  }
  return out;
}

std::string names_of(std::span<const CommandInfo> commands) {
  std::string out;
  for (const CommandInfo& command : commands) out += fmt::format("{} ", command.name);
  return out;
}

std::vector<std::string> names_of(const Options::Option& option) {
  std::vector<std::string> out;
  std::string_view names = option.names;
  while (!names.empty()) {
    const std::size_t comma = names.find(',');
    out.emplace_back(names.substr(0, comma));
    names.remove_prefix(comma == std::string_view::npos ? names.size() : comma + 1);
  }
  return out;
}

bool takes_value(const Options::Option& option) { return !option.positional && !option.value.empty(); }

std::string shipped_names() {
  std::string out;
  for (const Shipped& shipped : shipped_pipelines()) out += (out.empty() ? "" : " ") + std::string(shipped.name);
  return out;
}

// What bash offers for a value: words or a compgen action.
std::string bash_values(Completes completes) {
  switch (completes) {
    case Completes::nothing:
      return "";
    case Completes::file:
      return "-f";
    case Completes::folder:
      return "-d";
    case Completes::pipeline:
      return fmt::format("-f -W \"{}\"", shipped_names());
    case Completes::stage:
      return "-W \"$(thalweg stages 2>/dev/null | cut -d' ' -f1)\"";
  }
  return "";
}

std::string bash() {
  std::string cases;
  std::string inner;
  for (const CommandInfo* group : groups()) {
    inner += fmt::format(
        "  if [[ $command == {0} ]]; then\n"
        "    if [[ $COMP_CWORD -eq 2 ]]; then COMPREPLY=($(compgen -W \"{1}--help\" -- \"$word\")); return; fi\n"
        "    command=\"{0} ${{COMP_WORDS[2]}}\"\n"
        "  fi\n",
        group->name, names_of(group->group()));
  }
  for (const Described& one : described()) {
    std::string options = "--help";
    std::string previous;
    std::string position;
    for (const Options::Option& option : one.options.all()) {
      if (option.positional) {
        position = bash_values(option.completes);
        continue;
      }
      for (const std::string& name : names_of(option)) options += " " + name;
      if (takes_value(option)) {
        previous += fmt::format("        {}) COMPREPLY=($(compgen {} -- \"$word\")); return ;;\n",
                                fmt::join(names_of(option), "|"), bash_values(option.completes));
      }
    }
    cases += fmt::format(
        "    \"{}\")\n      case \"$before\" in\n{}        *) ;;\n      esac\n"
        "      if [[ $word == -* ]]; then COMPREPLY=($(compgen -W \"{}\" -- \"$word\")); else COMPREPLY=($(compgen {} -- "
        "\"$word\")); fi ;;\n",
        one.words, previous, options, position);
  }
  return fmt::format(
      "# bash completion of thalweg; put this into ~/.bashrc:  source <(thalweg completion bash)\n"
      "_thalweg() {{\n"
      "  local word=\"${{COMP_WORDS[COMP_CWORD]}}\" before=\"${{COMP_WORDS[COMP_CWORD-1]}}\" command=\"${{COMP_WORDS[1]}}\"\n"
      "  if [[ $COMP_CWORD -eq 1 ]]; then COMPREPLY=($(compgen -W \"{}--help --version\" -- \"$word\")); return; fi\n"
      "{}"
      "  case \"$command\" in\n{}  esac\n"
      "}}\n"
      "complete -o filenames -F _thalweg thalweg\n",
      names_of(commands()), inner, cases);
}

// A word in single quotes.
std::string in_quotes(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// Help inside the brackets of zsh's _arguments.
std::string bracketed(std::string_view text) {
  std::string out = "[";
  for (const char c : text) out += c == '[' || c == ']' ? fmt::format("\\{}", c) : std::string(1, c);
  return out + "]";
}

std::string zsh() {
  constexpr std::array<std::string_view, 5> kActions{" ", "_files", "_files -/", "_thalweg_pipelines", "_thalweg_stages"};
  const auto list = [](std::span<const CommandInfo> of) {
    std::string names;
    for (const CommandInfo& command : of)
      names += fmt::format("    {}\n", in_quotes(fmt::format("{}:{}", command.name, command.summary)));
    return names;
  };
  std::string inner;
  for (const CommandInfo* group : groups()) {
    inner += fmt::format(
        "  if [[ $words[1] == {0} ]]; then\n"
        "    local -a inner=(\n{1}    )\n"
        "    if (( CURRENT == 2 )); then _describe command inner; return; fi\n"
        "    shift words; (( CURRENT-- )); words[1]=\"{0} $words[1]\"\n"
        "  fi\n",
        group->name, list(group->group()));
  }
  std::string cases;
  for (const Described& one : described()) {
    std::string arguments = " '--help[print this help]'";
    for (const Options::Option& option : one.options.all()) {
      const std::string_view action = kActions[static_cast<std::size_t>(option.completes)];
      if (option.positional) {
        arguments += fmt::format(" '*:{}:{}'", option.names, action);
        continue;
      }
      for (const std::string& name : names_of(option)) {
        const std::string spec = (takes_value(option) ? "*" : "") + name + bracketed(option.help);
        arguments += " " + in_quotes(takes_value(option) ? fmt::format("{}:{}:{}", spec, option.value, action) : spec);
      }
    }
    cases += fmt::format("    '{}') _arguments{} ;;\n", one.words, arguments);
  }
  return fmt::format(
      "#compdef thalweg\n"
      "# zsh completion of thalweg; put this into ~/.zshrc:  source <(thalweg completion zsh)\n"
      "_thalweg_pipelines() {{ _alternative 'shipped:shipped pipeline:({})' 'files:file:_files' }}\n"
      "_thalweg_stages() {{ compadd ${{(f)\"$(thalweg stages 2>/dev/null | cut -d' ' -f1)\"}} }}\n"
      "_thalweg() {{\n"
      "  local -a names=(\n{}  )\n"
      "  if (( CURRENT == 2 )); then _describe command names; return; fi\n"
      "  shift words; (( CURRENT-- ))\n"
      "{}"
      "  case $words[1] in\n{}  esac\n"
      "}}\n"
      "compdef _thalweg thalweg\n",
      shipped_names(), list(commands()), inner, cases);
}

std::string fish() {
  std::string out =
      "# fish completion of thalweg:  thalweg completion fish > ~/.config/fish/completions/thalweg.fish\n"
      "complete -c thalweg -f\n";
  for (const CommandInfo& info : commands())
    out += fmt::format("complete -c thalweg -n __fish_use_subcommand -a {} -d {}\n", info.name, in_quotes(info.summary));
  for (const CommandInfo* group : groups()) {
    for (const CommandInfo& info : group->group())
      out += fmt::format(
          "complete -c thalweg -n '__fish_seen_subcommand_from {}; and not __fish_seen_subcommand_from {}' -a {} -d {}\n",
          group->name, names_of(group->group()), info.name, in_quotes(info.summary));
  }
  for (const Described& one : described()) {
    std::string seen;
    for (const std::string_view word : split(one.words, ' '))
      seen += fmt::format("{}__fish_seen_subcommand_from {}", seen.empty() ? "" : "; and ", word);
    const std::string when = fmt::format("complete -c thalweg -n '{}'", seen);
    for (const Options::Option& option : one.options.all()) {
      const bool files =
          option.completes == Completes::file || option.completes == Completes::folder || option.completes == Completes::pipeline;
      if (option.positional) {
        if (files) out += when + " -F\n";
        if (option.completes == Completes::pipeline) out += fmt::format("{} -a '{}'\n", when, shipped_names());
        if (option.completes == Completes::stage) out += when + " -a \"(thalweg stages 2>/dev/null | cut -d' ' -f1)\"\n";
        continue;
      }
      out += when;
      for (const std::string& name : names_of(option)) {
        out += name.starts_with("--") ? fmt::format(" -l {}", name.substr(2)) : fmt::format(" -s {}", name.substr(1));
      }
      if (!option.value.empty()) out += files ? " -r -F" : " -x";
      out += fmt::format(" -d {}\n", in_quotes(option.help));
    }
  }
  return out;
}

class Completion final : public Command {
 public:
  void declare(Options& options) override { options.position("SHELL", shell_, "bash, zsh or fish", Completes::nothing); }
  [[nodiscard]] std::string_view examples() const override {
    return "  source <(thalweg completion bash)                                       in ~/.bashrc\n"
           "  source <(thalweg completion zsh)                                        in ~/.zshrc\n"
           "  thalweg completion fish > ~/.config/fish/completions/thalweg.fish\n";
  }
  [[nodiscard]] Result<int> run(Program& program) override {
    if (shell_ != "bash" && shell_ != "zsh" && shell_ != "fish") {
      return fail(Code::invalid_argument, "no completion for '{}'; known are bash, zsh and fish", shell_);
    }
    TRY(program.out.write(shell_ == "bash" ? bash() : shell_ == "zsh" ? zsh() : fish()));
    return kExitOk;
  }

 private:
  std::string shell_;
};

}  // namespace

std::unique_ptr<Command> make_completion() { return std::make_unique<Completion>(); }

}  // namespace thalweg::cli
