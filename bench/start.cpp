// What a start of the program costs, against a C++ program that does nothing (bench/empty.cpp), in turn.

#include "bench/start.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "tests/scratch.h"

namespace thalweg::bench {

namespace {
void run_program(const std::string& path, std::vector<std::string> arguments) {
  std::vector<char*> argv{const_cast<char*>(path.c_str())};  // posix_spawn takes char* and leaves it alone
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  if (posix_spawn(&child, path.c_str(), &actions, nullptr, argv.data(), environ) == 0) {
    int status = 0;
    ::waitpid(child, &status, 0);
  }
  posix_spawn_file_actions_destroy(&actions);
}

constexpr std::string_view kSmallDefinition = R"(name: small
input: {question: string}
stages:
  - {id: words, uses: set, with: {text: "{{ input.question.trim() }}"}}
  - {id: long, uses: template, when: size(words.text) > 3, with: {text: "{{ words.text }}?"}}
output: {text: "{{ default(long, words.text) }}"}
)";
}  // namespace

void bench_start(Report& report) {
  namespace fs = std::filesystem;
  const fs::path here = fs::read_symlink("/proc/self/exe").parent_path();
  const std::string program = (here / "thalweg").string();
  const std::string empty = (here / "empty").string();
  for (const std::string& needed : {program, empty}) {
    if (!fs::exists(needed))
      return report.pass_over("start", fmt::format("there is no {}; 'ninja -C build program empty' makes it", needed));
  }
  const Scratch scratch;
  const std::string small = scratch.write("start.yaml", kSmallDefinition);
  report.ratio("start.version", [&] { run_program(program, {"--version"}); }, [&] { run_program(empty, {}); });
  report.ratio("start.validate", [&] { run_program(program, {"validate", small}); }, [&] { run_program(empty, {}); });
}

}  // namespace thalweg::bench
