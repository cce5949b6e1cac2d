#pragma once
// The independent forward pass of reference.py. Tests run in their own folder beside this one.

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "models/encoder.h"
#include "models/minilm.h"
#include "models/tokenizer.h"
#include "scratch.h"
#include "thalweg/json.h"

namespace thalweg::models {

inline void python(const std::string& arguments) {
  const std::string command = "PYTHONPATH=" THALWEG_OPENVINO_PYTHON " /usr/bin/python3 " + arguments;
  REQUIRE_MESSAGE(std::system(command.c_str()) == 0, command);
}

/// A small model with random weights and MiniLM's tokenizer.
inline std::string make_model(const Scratch& scratch, const std::string& kind) {
  const std::string folder = scratch.path(kind);
  python("../models/reference.py make " + kind + " " + folder + " 30522");
  std::filesystem::copy_file(kMiniLm + "/tokenizer.json", folder + "/tokenizer.json");
  return folder;
}

/// Its rows for these texts.
inline std::vector<std::vector<double>> reference_rows(const Scratch& scratch, const std::string& folder,
                                                       const std::vector<Text>& texts) {
  const auto tokenizer = Tokenizer::open(kMiniLm + "/tokenizer.json").value();
  std::vector<Value> asked;
  for (const Text& text : texts) {
    std::vector<Value> ids;
    std::vector<Value> types;
    for (const Token& token : (text.has_pair ? tokenizer.encode(text.text, text.pair) : tokenizer.encode(text.text)).value()) {
      ids.emplace_back(static_cast<std::int64_t>(token.id));
      types.emplace_back(static_cast<std::int64_t>(token.type_id));
    }
    Value list = Value::list(std::move(ids));
    asked.push_back(text.has_pair ? Value::map({{"ids", list}, {"types", Value::list(std::move(types))}}) : list);
  }
  const std::string file = scratch.write("asked.json", to_json(Value::list(std::move(asked))).value());
  python("../models/reference.py vectors " + folder + " " + file + " > " + scratch.path("rows.json"));
  std::vector<std::vector<double>> rows;
  const Value made = parse_json(bytes_of(scratch.path("rows.json"))).value();
  for (const Value& row : made.items()) {
    rows.emplace_back();
    for (const Value& number : row.items()) rows.back().push_back(number.as_number());
  }
  return rows;
}

}  // namespace thalweg::models
