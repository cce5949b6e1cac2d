// Files that want to hurt: size, depth, aliases, pipes, folders, wrong encodings, includes without end.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "config/layers.h"
#include "scratch.h"
#include "thalweg/json.h"

using namespace thalweg;
using namespace thalweg::config;

namespace {

std::string repeated(std::string_view part, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += part;
  return out;
}

std::string outcome(std::string text, Format format) {
  Layers layers;
  const auto read = layers.text("a", std::move(text), format);
  return read ? to_json(layers.tree().to_value()).value_or("no JSON") : read.error().text();
}

std::string outcome_of(const Scratch& scratch, const std::string& path) {
  Layers layers;
  const auto read = layers.file(path);
  return read ? to_json(layers.tree().to_value()).value_or("no JSON") : scratch.told(read.error().text());
}

}  // namespace

TEST_CASE("a huge file is refused before it is read whole") {
  const std::string huge = "x: '" + repeated("0123456789", 200'000) + "'\n";
  const Scratch scratch;
  for (const std::string_view name : {"a.yaml", "a.json", "a.toml", "a"}) {
    CHECK(outcome_of(scratch, scratch.write(name, huge)) ==
          fmt::format("{} has more than 1048576 bytes, which is no file of settings", name));
  }
  CHECK(outcome(huge, Format::toml) == "a has more than 1048576 bytes, which is no file of settings");
  Layers layers;
  CHECK(!layers.file("/dev/zero"));
}

TEST_CASE("depth is bounded in every format") {
  CHECK(outcome(repeated("[", 1000), Format::yaml).starts_with("a:"));
  CHECK(outcome(R"({"x": )" + repeated("[", 1000) + repeated("]", 1000) + "}", Format::json) ==
        "a:1:106: nested deeper than 100 levels");
  CHECK(outcome("x = " + repeated("[", 100'000) + repeated("]", 100'000), Format::toml).starts_with("a:1:69: this is no TOML: "));
  CHECK(outcome("x = " + repeated("{a=", 100'000), Format::toml).starts_with("a:1:"));
  CHECK(outcome("x" + repeated(".x", 500'000) + " = 1", Format::toml) == "a:1:66: a key of more than 33 names");
  CHECK(outcome("[x" + repeated(" . 'x'", 150'000) + "]", Format::toml) == "a:1:196: a key of more than 33 names");
  // Each of these is in its bounds, all of them together are not.
  const std::string key = "k" + repeated(".k", 30);
  CHECK(outcome("[" + key + "]\n" + key + " = " + repeated("{" + key + " = ", 3) + "1" + repeated("}", 3), Format::toml)
            .ends_with("nested deeper than 100 levels"));
}

TEST_CASE("dots in strings and comments are no keys, wherever a string ends") {
  const std::string dots(100, '.');
  CHECK(
      outcome(fmt::format("a = '{0}' # {0}\nb = \"\"\"{0}\"{0}\\\"\"\"\"\nc = '''{0}''{0}'''\n'{0}' = 1\nd = \"\\\"{0}\"", dots),
              Format::toml)
          .size() == 742);
  CHECK(outcome(fmt::format("a = 'open\nb{} = 1", repeated(".b", 100'000)), Format::toml).starts_with("a:"));
  CHECK(outcome(fmt::format("a = \"\"\"\"\"\nb{} = 1", repeated(".b", 100'000)), Format::toml).starts_with("a:"));
  CHECK(outcome(fmt::format("\"\"\"{} = 1", repeated(".b", 100'000)), Format::toml).starts_with("a:"));
}

TEST_CASE("aliases do not multiply, in one file or over its includes") {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    bomb += fmt::format("a{0}: &a{0} [{1}*a{2}]\n", i, repeated(fmt::format("*a{}, ", i - 1), 9), i - 1);
  }
  CHECK(outcome(bomb, Format::yaml).find("more than 100000 values once aliases are expanded") != std::string::npos);
  const Scratch scratch;
  scratch.write("big.yaml", "x: &x [" + repeated("1, ", 10'000) + "1]\ny: [*x, *x, *x]\n");
  CHECK(outcome_of(scratch, scratch.write("a.yaml", "$include: [" + repeated("big.yaml, ", 100) + "big.yaml]")) ==
        "big.yaml: the files included are merged more than 1000 times, or have more than 500000 settings together");
}

TEST_CASE("includes without end are refused: a fan, a tower, doubling diamonds") {
  const Scratch scratch;
  scratch.write("leaf.yaml", "x: 1");
  const std::string fan = scratch.write("fan.yaml", "$include: [" + repeated("leaf.yaml, ", 10'000) + "leaf.yaml]");
  CHECK(outcome_of(scratch, fan).find("merged more than 1000 times") != std::string::npos);
  for (int i = 0; i < 40; ++i) {
    scratch.write(fmt::format("tower{}.yaml", i), fmt::format("$include: tower{}.yaml", i + 1));
    scratch.write(fmt::format("double{}.yaml", i), fmt::format("$include: [double{0}.yaml, double{0}.yaml]", i + 1));
  }
  scratch.write("tower40.yaml", "x: 1");
  scratch.write("double40.yaml", "x: 1");
  CHECK(outcome_of(scratch, scratch.path("tower0.yaml")) ==
        "tower31.yaml:1:11: $include: files include each other deeper than 32 levels");
  CHECK(outcome_of(scratch, scratch.path("tower9.yaml")) == R"({"x":1})");
  CHECK(outcome_of(scratch, scratch.path("double0.yaml"))
            .starts_with("double31.yaml:1:12: $include: files include each other deeper"));
  CHECK(outcome_of(scratch, scratch.path("double20.yaml")).find("merged more than 1000 times") != std::string::npos);
  for (int i = 0; i < 17; ++i) scratch.write(fmt::format("big{}.yaml", i), fmt::format("k{}: '{}'", i, repeated("x", 1'000'000)));
  std::string all = "$include: [";
  for (int i = 0; i < 17; ++i) all += fmt::format("{}big{}.yaml", i == 0 ? "" : ", ", i);
  CHECK(outcome_of(scratch, scratch.write("all.yaml", all + "]")) ==
        "all.yaml:1:194: $include: the files included have more than 16777216 bytes together");
}

TEST_CASE("what is no file cannot be included, and nobody waits for it") {
  const Scratch scratch;
  REQUIRE(::mkfifo(scratch.path("pipe.yaml").c_str(), 0600) == 0);
  std::filesystem::create_directory(scratch.path("folder.yaml"));
  const auto including = [&](std::string_view what) {
    return outcome_of(scratch, scratch.write("a.yaml", fmt::format("$include: '{}'", what)));
  };
  CHECK(including("pipe.yaml") == "a.yaml:1:11: $include: pipe.yaml is no plain file");
  CHECK(including("folder.yaml") == "a.yaml:1:11: $include: folder.yaml is a folder, not a file");
  CHECK(including("/dev/zero") == "a.yaml:1:11: $include: /dev/zero is no plain file");
  CHECK(including("a.yaml/b.yaml") == "a.yaml:1:11: $include: cannot open a.yaml/b.yaml: Not a directory");
  CHECK(including(repeated("long", 100)).ends_with("File name too long"));
  CHECK(including("x\n y") == "a.yaml:1:11: $include: cannot open x y: No such file or directory");  // YAML folds the line
  CHECK(outcome_of(scratch, scratch.path("folder.yaml")) == "folder.yaml is a folder, not a file");
}

TEST_CASE("a pipe that the user names is read") {
  const Scratch scratch;
  const std::string pipe = scratch.path("pipe");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  std::thread writer([&] {
    const int out = ::open(pipe.c_str(), O_WRONLY | O_CLOEXEC);
    CHECK(::write(out, "x: 1", 4) == 4);
    ::close(out);
  });
  CHECK(outcome_of(scratch, pipe) == R"({"x":1})");
  writer.join();
}

TEST_CASE("wrong encodings are told with their place") {
  CHECK(outcome("x: 1\ny: \xff\n", Format::yaml) == "a:2:4: byte 8 is no UTF-8; save the file as UTF-8");
  CHECK(outcome("x = 1\ny = '\xc3('\n", Format::toml) == "a:2:6: byte 11 is no UTF-8; save the file as UTF-8");
  CHECK(outcome("{\"x\": \"\xed\xa0\x80\"}", Format::json) == "a:1:8: byte 7 is no UTF-8; save the file as UTF-8");
  CHECK(outcome(std::string("\xff\xfex\0:\0 \0001\0", 10), Format::by_content).find("is no UTF-8") != std::string::npos);
  CHECK(outcome("\xEF\xBB\xBFx = 1", Format::toml) == R"({"x":1})");
  CHECK(outcome("\xEF\xBB\xBFx: 1", Format::yaml) == R"({"x":1})");
  CHECK(outcome("\xEF\xBB\xBF{\"x\": 1}", Format::json) == R"({"x":1})");
  CHECK(outcome(std::string("x = 1\0", 6), Format::toml).starts_with("a:1:6: this is no TOML: "));
}

TEST_CASE("what a format allows, and what the tree does not hold") {
  CHECK(outcome("", Format::yaml) == "{}");
  CHECK(outcome("# nothing\n  # but comments\n", Format::yaml) == "{}");
  CHECK(outcome("", Format::toml) == "{}");
  CHECK(outcome("---\n", Format::yaml) == "{}");
  CHECK(outcome("", Format::json) == "a is empty; without settings it is {}");
  CHECK(outcome("[1]", Format::yaml) == "a:1:1: settings are a map of names to values, which this is not");
  CHECK(outcome("7", Format::json) == "a:1:1: settings are a map of names to values, which this is not");
  CHECK(outcome("{x: 1}", Format::json).starts_with("a: invalid JSON"));  // YAML, not JSON
  CHECK(outcome("{x: 1}", Format::by_content) == R"({"x":1})");
  CHECK(outcome("x: 1\nx: 2\n", Format::yaml) == "a:2:1: the key 'x' is there twice");
  CHECK(outcome("x = 1\nx = 2\n", Format::toml).starts_with("a:2:5: this is no TOML: "));
  CHECK(outcome("x = [nan, -inf]", Format::toml) == "no JSON");  // held as they are; a schema refuses them
  CHECK(outcome("x = 99999999999999999999", Format::toml).starts_with("a:1:"));
  CHECK(outcome("\xef\xbb\xb7 3", Format::toml).starts_with("a:1:"));
  CHECK(outcome("x = \"\"\"\\\n  \xef\xbb\xb7\"\"\"", Format::toml) == "{\"x\":\"\xef\xbb\xb7\"}");
  CHECK(outcome("[[= 17\n", Format::toml).starts_with("a:1:3: this is no TOML: "));  // the library asserts otherwise
  CHECK(outcome("x = 1979-05-27\ny = 07:32:00\nz = [1979-05-27T07:32:00]", Format::toml) ==
        "a:1:5: a date or time without an offset is no point in time; add one (Z, +02:00), or write it in quotes\n"
        "a:2:5: a date or time without an offset is no point in time; add one (Z, +02:00), or write it in quotes\n"
        "a:3:6: a date or time without an offset is no point in time; add one (Z, +02:00), or write it in quotes");
  CHECK(outcome("x = 0000-05-27T00:00:00Z", Format::toml) == "a:1:5: the years of a date-time are 1 to 9999 (in UTC)");
  CHECK(outcome("x = 9999-12-31T23:59:59.999999999-00:30", Format::toml) ==
        "a:1:5: the years of a date-time are 1 to 9999 (in UTC)");
  CHECK(outcome("x = 1969-12-31T23:59:59.25Z", Format::toml) == R"({"x":"1969-12-31T23:59:59.25Z"})");
  CHECK(outcome("b = 1\na = 2\n[[t]]\nz = 1\ny = 2\n[[t]]\n", Format::toml) == R"({"b":1,"a":2,"t":[{"z":1,"y":2},{}]})");
  CHECK(outcome("'grün'.\"größe\" = 1\n'ü' = {x = 1979-05-27}", Format::toml)
            .starts_with("a:2:12: "));  // columns are of characters
}
