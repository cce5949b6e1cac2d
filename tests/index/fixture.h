#pragma once
// A small index of three documents in a folder of its own.

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "index/passage_index.h"
#include "scratch.h"

namespace thalweg::index {

namespace fs = std::filesystem;

inline Value passage(std::string_view document, std::string_view text, std::string_view section = "",
                     std::string_view hash = "1") {
  return Value::map({{"id", std::string(document) + "#0"},
                     {"document", document},
                     {"title", "Manual"},
                     {"section", section},
                     {"ordinal", 0},
                     {"text", text},
                     {"hash", hash}});
}

inline void fill(const std::string& folder) {
  auto writer = IndexWriter::open(folder);
  REQUIRE_MESSAGE(writer, (writer ? "" : writer.error().text()));
  REQUIRE(writer->put(passage("a.html", "Cats chase mice through the barn.")));
  REQUIRE(writer->put(passage("b.html", "Dogs guard the sheep.", "About cats")));
  REQUIRE(writer->put(passage("c.html", "The barn owl hunts at night.")));
  REQUIRE(writer->commit());
}

inline std::vector<std::string> documents(const std::string& folder, std::string_view question) {
  std::vector<std::string> found;
  for (const Hit& hit : PassageIndex::open(folder).value().search(question).value().hits) {
    found.emplace_back(hit.passage.find("document")->as_string());
  }
  return found;
}

// The exit status of `body` run in a process of its own.
inline int in_child(const std::function<bool()>& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body() ? 0 : 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

using Names = std::vector<std::string>;

}  // namespace thalweg::index
