#include "index/manifest.h"

#include "thalweg/json.h"

namespace thalweg::index {

namespace {

std::unexpected<Error> broken() { return fail(Code::data_loss, "its list of documents is broken"); }

Result<std::string> text(const Value& map, std::string_view name) {
  const Value* const found = map.find(name);
  if (found == nullptr || !found->is_string()) return broken();
  return std::string(found->as_string());
}

Result<std::uint64_t> number(const Value* value) {
  if (value == nullptr || !value->is_int() || value->as_int() < 0) return broken();
  return static_cast<std::uint64_t>(value->as_int());
}

Value number(std::uint64_t value) { return Value(static_cast<std::int64_t>(value)); }

}  // namespace

Result<std::string> Manifest::to_json() const {
  MapBuilder entries;
  entries.reserve(documents.size());
  for (const auto& [path, entry] : documents) {
    std::vector<Value> ranges;
    for (const Range& range : entry.passages) {
      ranges.push_back(number(range.first));
      ranges.push_back(number(range.last));
    }
    TRY(entries.add(path, Value::map({{"hash", entry.hash}, {"passages", Value::list(std::move(ranges))}})));
  }
  Value all = Value::map({{"documents", entries.build()}, {"next", number(next)}});
  if (model) {
    all = std::move(all).set("model", model->name).set("identity", model->identity).set("vectors", vectors);
  }
  return thalweg::to_json(all);
}

Result<Manifest> Manifest::parse(std::string_view json) {
  const auto parsed = parse_json(json);
  const Value* const documents = parsed ? parsed->find("documents") : nullptr;
  if (documents == nullptr || !documents->is_map()) return broken();
  Manifest manifest;
  manifest.next = TRY(number(parsed->find("next")));
  for (const Entry& entry : documents->entries()) {
    DocumentEntry document{TRY(text(entry.value, "hash")), {}};
    const Value* const ranges = entry.value.find("passages");
    if (ranges == nullptr || !ranges->is_list() || ranges->size() % 2 != 0) return broken();
    for (std::size_t i = 0; i < ranges->size(); i += 2) {
      document.passages.push_back({TRY(number(&ranges->items()[i])), TRY(number(&ranges->items()[i + 1]))});
    }
    manifest.documents.emplace(entry.key.as_string(), std::move(document));
  }
  if (parsed->find("model") != nullptr) {
    manifest.model = VectorModel{TRY(text(*parsed, "model")), TRY(text(*parsed, "identity"))};
    manifest.vectors = TRY(text(*parsed, "vectors"));
    if (manifest.vectors.contains('/')) return broken();
  }
  return manifest;
}

}  // namespace thalweg::index
