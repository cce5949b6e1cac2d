#include "cli/options.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace thalweg::cli {

namespace {
// "-j,--jobs" -> {"-j", "--jobs"}
std::vector<std::string> split_names(std::string_view names) {
  std::vector<std::string> out;
  while (true) {
    const std::size_t comma = names.find(',');
    out.emplace_back(names.substr(0, comma));
    if (comma == std::string_view::npos) return out;
    names.remove_prefix(comma + 1);
  }
}

void declare(CLI::App& app, const Options::Option& option) {
  CLI::Option* made = std::visit(
      [&](auto* target) -> CLI::Option* {
        using T = std::remove_pointer_t<decltype(target)>;
        if constexpr (std::is_same_v<T, bool>) {
          return app.add_flag(option.names, *target);
        } else {
          return app.add_option(option.names, *target);
        }
      },
      option.target);
  made->type_name(option.value)->required(option.required);
  // An option takes one value each time it is given, so that the position after it stays a position.
  if (std::holds_alternative<std::vector<std::string>*>(option.target) && !option.positional) made->allow_extra_args(false);
}

// What nobody expected: an option that does not exist (with the nearest one that does) or one position too many.
Error unexpected(const CLI::App& app, const std::vector<Options::Option>& options) {
  for (const std::string& extra : app.remaining()) {
    if (extra.size() < 2 || extra[0] != '-') continue;
    std::vector<std::string> known{"--help"};
    for (const auto& option : options) {
      if (!option.positional) std::ranges::copy(split_names(option.names), std::back_inserter(known));
    }
    const std::string name = extra.substr(0, extra.find('='));
    const std::string near = nearest(name, known);
    return Error(Code::invalid_argument, near.empty() ? fmt::format("unknown option '{}'", name)
                                                      : fmt::format("unknown option '{}'; did you mean '{}'?", name, near));
  }
  const auto rest = app.remaining();
  return Error(Code::invalid_argument, fmt::format("'{}' is one argument too many", rest.empty() ? "" : rest.front()));
}
}  // namespace

void Options::flag(std::string names, bool& target, std::string help) {
  options_.push_back({std::move(names), "", std::move(help), Completes::nothing, false, false, &target});
}
void Options::value(std::string names, std::string value, std::string& target, std::string help, Completes completes) {
  options_.push_back({std::move(names), std::move(value), std::move(help), completes, false, false, &target});
}
void Options::value(std::string names, std::string value, std::int64_t& target, std::string help) {
  options_.push_back({std::move(names), std::move(value), std::move(help), Completes::nothing, false, false, &target});
}
void Options::value(std::string names, std::string value, std::optional<std::int64_t>& target, std::string help) {
  options_.push_back({std::move(names), std::move(value), std::move(help), Completes::nothing, false, false, &target});
}
void Options::values(std::string names, std::string value, std::vector<std::string>& target, std::string help) {
  options_.push_back({std::move(names), std::move(value), std::move(help), Completes::nothing, false, false, &target});
}
void Options::position(std::string name, std::string& target, std::string help, Completes completes, bool required) {
  options_.push_back({std::move(name), "", std::move(help), completes, true, required, &target});
}
void Options::positions(std::string name, std::vector<std::string>& target, std::string help, Completes completes,
                        bool required) {
  options_.push_back({std::move(name), "", std::move(help), completes, true, required, &target});
}

Result<> Options::parse(std::span<const std::string> arguments, bool& help) const {
  for (const std::string& argument : arguments) {
    if (argument == "--") break;
    if (argument == "--help" || argument == "-h") {
      help = true;
      return {};
    }
  }
  CLI::App app;
  app.set_help_flag();
  try {
    for (const Option& option : options_) declare(app, option);
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ExtrasError&) {
    return std::unexpected(unexpected(app, options_));
  } catch (const CLI::ConversionError& error) {
    // "Could not convert: --seed = x"; numbers are all that is converted.
    const std::string_view told = error.what();
    const std::size_t name = std::min(told.find("--"), told.size()), equal = told.find(" = ", name);
    if (equal == std::string_view::npos) return fail(Code::invalid_argument, "{}", told);
    return fail(Code::invalid_argument, "{} '{}' is no whole number", told.substr(name, equal - name), told.substr(equal + 3));
  } catch (const CLI::ParseError& error) {
    // A missing position often hides behind a misspelt option, which took its place.
    if (!app.remaining().empty() && app.remaining().front().starts_with('-')) return std::unexpected(unexpected(app, options_));
    return fail(Code::invalid_argument, "{}", error.what());
  }
  return {};
}

std::string Options::help(std::string_view command) const {
  std::string usage = fmt::format("Usage: thalweg {} [options]", command);
  std::vector<std::pair<std::string, std::string_view>> rows;
  std::size_t width = 0;
  for (const Option& option : options_) {
    if (!option.positional) continue;
    const bool many = std::holds_alternative<std::vector<std::string>*>(option.target);
    const std::string shown = option.names + (many ? "..." : "");
    usage += option.required ? fmt::format(" {}", shown) : fmt::format(" [{}]", shown);
    rows.emplace_back("  " + option.names, option.help);
  }
  for (const Option& option : options_) {
    if (option.positional) continue;
    std::string left = option.names.starts_with("--") ? "      " : "  ";
    for (const char c : option.names) left += c == ',' ? std::string(", ") : std::string(1, c);
    if (!option.value.empty()) left += " " + option.value;
    rows.emplace_back(std::move(left), option.help);
  }
  rows.emplace_back("  -h, --help", "print this help");
  for (const auto& [left, text] : rows) width = std::max(width, left.size());
  std::string out = usage + "\n\n";
  for (const auto& [left, text] : rows) out += fmt::format("{:<{}}  {}\n", left, width, text);
  return out;
}

}  // namespace thalweg::cli
