#include "documents/cues.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>

namespace thalweg::documents {

namespace {

// Lower case, every run of other than letters, digits and / as one blank, blanks around: " what is a package ".
std::string plain(std::string_view text) {
  std::string out = " ";
  for (const char c : text) {
    const char low = static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    const bool keep =
        (low >= 'a' && low <= 'z') || (low >= '0' && low <= '9') || low == '/' || static_cast<unsigned char>(low) >= 0x80;
    if (keep) {
      out += low;
    } else if (out.back() != ' ') {
      out += ' ';
    }
  }
  if (out.back() != ' ') out += ' ';
  return out;
}

bool any(std::string_view text, std::span<const std::string_view> phrases) {
  return std::ranges::any_of(phrases, [&](std::string_view phrase) { return text.contains(phrase); });
}

struct Rule {
  std::string_view begins;
  Asks what;
};
constexpr auto kRules = std::to_array<Rule>({
    {" how many ", Asks::quantity},
    {" how much ", Asks::quantity},
    {" how long ", Asks::quantity},
    {" how often ", Asks::quantity},
    {" how big ", Asks::quantity},
    {" how old ", Asks::quantity},
    {" how ", Asks::method},
    {" what is the maximum ", Asks::quantity},
    {" what number ", Asks::quantity},
    {" what share ", Asks::quantity},
    {" what percentage ", Asks::quantity},
    {" what proportion ", Asks::quantity},
    {" what is the purpose ", Asks::reason},
    {" what is the difference ", Asks::anything},
    {" what is ", Asks::definition},
    {" what are ", Asks::definition},
    {" what does ", Asks::definition},
    {" what s ", Asks::definition},
    {" define ", Asks::definition},
    {" when ", Asks::time},
    {" who ", Asks::person},
    {" whose ", Asks::person},
    {" where ", Asks::place},
    {" in which directory ", Asks::place},
    {" which directory ", Asks::place},
    {" which file ", Asks::place},
    {" in which file ", Asks::place},
    {" what file ", Asks::place},
    {" which command ", Asks::method},
    {" what command ", Asks::method},
    {" which tool ", Asks::method},
    {" why ", Asks::reason},
    {" can ", Asks::permission},
    {" may ", Asks::permission},
    {" must ", Asks::permission},
    {" should ", Asks::permission},
    {" is ", Asks::permission},
    {" are ", Asks::permission},
    {" do ", Asks::permission},
    {" does ", Asks::permission},
});

constexpr auto kDefines =
    std::to_array<std::string_view>({" is a ", " is an ", " is the ", " are ", " is ", " means ", " refers to ", " consists of ",
                                     " contains ", " describes ", " stands for ", " denotes ", " provides "});
constexpr auto kMethod = std::to_array<std::string_view>({" use ", " using ", " run ", " you can ", " you should ", " by ",
                                                          " command ", " with the ", " to do this ", " invoke ", " edit ",
                                                          " type ", " execute ", " install ", " set ", " must be ", " add "});
constexpr auto kTime = std::to_array<std::string_view>({" when ", " after ", " before ", " once ", " if ", " until ", " days ",
                                                        " day ", " weeks ", " months ", " year ", " years ", " every ",
                                                        " during ", " at the time ", " as soon as ", " only "});
constexpr auto kPerson = std::to_array<std::string_view>(
    {" maintainer ", " maintainers ", " team ", " developer ", " developers ", " leader ", " committee ", " manager ", " by ",
     " project ", " members ", " user ", " users ", " administrator ", " root ", " group "});
constexpr auto kPlace =
    std::to_array<std::string_view>({" in the ", " at ", " under ", " directory ", " located ", " file ", " found in ",
                                     " placed in ", " stored in ", " into ", " on the ", " installed in "});
constexpr auto kPermission = std::to_array<std::string_view>(
    {" must ", " should ", " may ", " can ", " cannot ", " allowed ", " forbidden ", " permitted ", " required ", " not "});
constexpr auto kReason = std::to_array<std::string_view>({" because ", " since ", " in order to ", " so that ", " therefore ",
                                                          " to avoid ", " reason ", " allows ", " this is to ", " purpose ",
                                                          " intended ", " to allow ", " ensure ", " as "});
constexpr auto kNumbers = std::to_array<std::string_view>(
    {" one ", " two ", " three ", " four ", " five ", " six ", " seven ", " eight ", " nine ", " ten ", " several ", " over "});

}  // namespace

Asks asks(std::string_view question) {
  const std::string text = plain(question);
  for (const Rule& rule : kRules) {
    if (text.starts_with(rule.begins)) return rule.what;
  }
  // "In Debian, where are ...": a question word further in.
  for (const Rule& rule : kRules) {
    if ((rule.what == Asks::place || rule.what == Asks::time || rule.what == Asks::person || rule.what == Asks::quantity) &&
        text.contains(rule.begins))
      return rule.what;
  }
  return Asks::anything;
}

bool has_number(std::string_view sentence) {
  const std::string text = plain(sentence);
  return std::ranges::any_of(text, [](char c) { return c >= '0' && c <= '9'; }) || any(text, kNumbers);
}

double wording(Asks what, std::string_view sentence, bool subject_first) {
  const std::string text = plain(sentence);
  const bool digit = std::ranges::any_of(text, [](char c) { return c >= '0' && c <= '9'; });
  switch (what) {
    case Asks::anything:
      return 0.3;
    case Asks::definition: {
      // The verb stands soon behind the subject.
      const std::string_view start = std::string_view(text).substr(0, 90);
      return (subject_first ? 0.5 : 0.0) + (any(start, kDefines) ? 0.5 : 0.0);
    }
    case Asks::method:
      return any(text, kMethod) ? 1 : 0;
    case Asks::time:
      return digit || any(text, kTime) ? 1 : 0;
    case Asks::person:
      return any(text, kPerson) ? 1 : 0;
    case Asks::place:
      return (sentence.contains('/') ? 0.6 : 0.0) + (any(text, kPlace) ? 0.4 : 0.0);
    case Asks::quantity:
      return has_number(sentence) ? 1 : 0;
    case Asks::permission:
      return any(text, kPermission) ? 1 : 0;
    case Asks::reason:
      return any(text, kReason) ? 1 : 0;
  }
  return 0;
}

}  // namespace thalweg::documents
