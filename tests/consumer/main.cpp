// The first example of docs/typed.md, and a little of each header.
#include <thalweg/thalweg.h>

#include <cctype>
#include <cstdio>

namespace {

struct Word {
  std::string text;
  std::size_t letters = 0;
  static constexpr auto fields = std::tuple{thalweg::field("text", &Word::text), thalweg::field("letters", &Word::letters)};
};

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> words(1);
  for (const char c : line) {
    if (c != ' ') {
      words.back() += c;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  return words;
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

thalweg::Result<Word> measured(const std::string& text) {
  if (text.size() > 10) return std::unexpected(thalweg::Error(thalweg::Code::out_of_range, text + " is too long"));
  return Word{text, text.size()};
}

bool expect(bool holds, const char* what) {
  if (!holds) std::printf("wrong: %s\n", what);
  return holds;
}

}  // namespace

int main() {
  const thalweg::Runtime runtime;
  const auto word = thalweg::pipe<std::string>().map("upper", upper).map("measured", measured);
  const auto words = thalweg::pipe<std::string>("words").map("split", split).each(word).build(runtime);
  if (!words) {
    std::printf("%s\n", words.error().text().c_str());
    return 1;
  }
  bool good = true;
  const auto found = words->run("the deepest line");
  good &= expect(found && found->size() == 3 && (*found)[1].text == "DEEPEST" && (*found)[1].letters == 7, "the words");
  const auto refused = words->run("a much-too-long word");
  good &= expect(!refused && refused.error().code() == thalweg::Code::out_of_range, "the error's code");

  const auto text = words->definition();
  good &= expect(text.has_value(), "the definition");
  const auto loaded = thalweg::Pipeline<std::string, std::vector<Word>>::load(*text, runtime);
  good &= expect(loaded && loaded->run("again")->size() == 1, "the loaded one");

  // The program's stage types, when they are asked for.
  const auto vectors = thalweg::pipe<std::string>("vectors").stage<std::vector<float>>("embed", "text");
  good &= expect(vectors.build(thalweg::Runtime(1, thalweg::StageTypes::all())).has_value(), "a stage with a model");
  good &= expect(!vectors.build(runtime).has_value(), "a stage that is not there");

  const auto ran = words->run_with_report("one two");
  good &= expect(ran.report.stages().size() == 2, "the report");
  const thalweg::Value value = thalweg::parse_json(R"({"a": [1, 2.5]})").value();
  good &= expect(thalweg::to_json(value).value() == R"({"a":[1,2.5]})", "JSON");
  if (good) std::printf("%s", text->c_str());
  return good ? 0 : 1;
}
