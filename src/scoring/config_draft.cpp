#include "scoring/config_draft.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/printable.h"
#include "thalweg/json.h"

namespace thalweg::scoring {

namespace {

constexpr std::size_t kLongestExample = 60;  // characters

// The beginning of a text, on one line, whole characters.
std::string example_of(std::string_view text) {
  std::size_t bytes = 0;
  for (std::size_t characters = 0; bytes < text.size(); ++bytes) {
    if ((text[bytes] & 0xC0) != 0x80 && ++characters > kLongestExample) break;
  }
  return printable_line(text.substr(0, bytes)) + (bytes < text.size() ? "..." : "");
}

// What a name says: "life_event" is "life event".
std::string words_of(std::string name) {
  std::ranges::replace_if(name, [](char c) { return c == '_' || c == '-' || c == '.'; }, ' ');
  return name;
}

// A key of YAML: as it is where that is plainly a string, else in quotes.
Result<std::string> key_of(const std::string& name) {
  static constexpr std::array<std::string_view, 9> kOther{"true", "false", "null", "yes", "no", "on", "off", "y", "n"};
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  if (!name.empty() && std::ranges::all_of(name, plain) && std::ranges::find(kOther, name) == kOther.end()) return name;
  return to_json(Value(name));
}

}  // namespace

const std::string& ConfigDraft::Label::category() const {
  return std::ranges::max_element(categories, {}, [](const auto& one) { return one.second; })->first;
}

void ConfigDraft::add(const Sample& sample) {
  ++samples_;
  ++categories_[sample.primary_category];
  for (const std::string& name : sample.expected_labels) {
    Label& label = labels_[name];
    if (label.categories.empty()) label.example = example_of(sample.text);
    ++label.categories[sample.primary_category];
    ++(sample.expected_decision == Decision::accept ? label.accepts : label.rejects);
  }
}

Result<std::string> ConfigDraft::yaml(std::string_view data) const {
  if (labels_.empty()) {
    return fail(Code::failed_precondition, "{} has no sample with a label, and a configuration is made of labels",
                printable_line(data));
  }
  if (labels_.contains("$include") || categories_.contains("$include")) {
    return fail(Code::failed_precondition,
                "{} has a label or category '$include', which configurations take for an include; rename it",
                printable_line(data));
  }
  std::string out = fmt::format(
      "# A first configuration for {}: {} samples, {} categories, {} labels.\n"
      "#\n"
      "# The hypotheses are drafts. Make of each a whole sentence that is true of texts with the label and of no others, such "
      "as\n"
      "# \"The speaker has to do something.\": what a model says of labels is worth what these sentences say. Then:\n"
      "#   thalweg eval validate DATA -c FILE\n"
      "#   thalweg eval run DATA -c FILE\n"
      "layers:\n"
      "  score:\n"
      "    model: {{type: sentence_embeddings, model: minilm}}\n"
      "    threshold: 0.5\n"
      "    top_k: 1\n"
      "    categories:\n",
      printable_line(data), samples_, categories_.size(), labels_.size());
  for (const auto& [category, count] : categories_) {
    out += fmt::format("      {}:  # {} sample{}\n", TRY(key_of(category)), count, count == 1 ? "" : "s");
    const auto here = [&](const auto& one) { return one.second.category() == category; };
    out += std::ranges::any_of(labels_, here) ? "        labels:\n" : "        labels: {}\n";
    for (const auto& [name, label] : labels_) {
      if (label.category() != category) continue;
      out += fmt::format("          {}:  # {} accepted, {} rejected: {}\n", TRY(key_of(name)), label.accepts, label.rejects,
                         label.example);
      out += fmt::format("            hypothesis: {}\n", TRY(to_json(Value(fmt::format("This is about {}.", words_of(name))))));
      out += fmt::format("            weight: {}\n            threshold: 0.5\n", label.rejects > label.accepts ? 0 : 1);
    }
  }
  return out;
}

}  // namespace thalweg::scoring
