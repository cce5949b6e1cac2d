#pragma once
// A first configuration for a data set: its categories and labels, with a draft of each hypothesis.

#include <cstddef>
#include <map>
#include <string>

#include "scoring/data/dataset.h"

namespace thalweg::scoring {

/// Collects what samples have, as they come.
///
///     ConfigDraft draft;
///     while (auto sample = TRY(reader.next())) draft.add(*sample);
///     write(TRY(draft.yaml("messages.json")));
class ConfigDraft {
 public:
  void add(const Sample& sample);

  /// The file, in YAML with comments. A label stands in the category that most of its samples have (the first by name of
  /// several), and weighs 0 when most of its samples are to be rejected, so that it never speaks for a text. Errors:
  /// failed_precondition when no sample had a label.
  [[nodiscard]] Result<std::string> yaml(std::string_view data) const;

 private:
  struct Label {
    std::map<std::string, std::size_t> categories;  // of its samples, with their numbers
    std::size_t accepts = 0, rejects = 0;
    std::string example;  // the first text with it
    [[nodiscard]] const std::string& category() const;
  };
  std::map<std::string, Label> labels_;
  std::map<std::string, std::size_t> categories_;
  std::size_t samples_ = 0;
};

}  // namespace thalweg::scoring
