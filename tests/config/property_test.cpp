// What holds for any layers: they merge as maps do, every setting is of the last layer that has it, paths lead where they say.

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <map>

#include "base/identical.h"
#include "config/explain.h"
#include "config/layers.h"
#include "thalweg/json.h"

using namespace thalweg;
using namespace thalweg::config;

namespace {

// A small tree of few keys, so that layers meet; some keys need quotes in a path.
Value tree_value(int depth) {
  const auto kind = *rc::gen::inRange(0, depth == 0 ? 3 : 8);
  if (kind == 0) return Value(std::int64_t{*rc::gen::inRange(0, 100)});
  if (kind == 1) return Value(*rc::gen::element<std::string>("text", "", "a.b", "\"", "null"));
  if (kind == 2) return Value(*rc::gen::arbitrary<bool>());
  if (kind == 3) {
    std::vector<Value> items;
    for (int i = *rc::gen::inRange(0, 3); i > 0; --i) items.push_back(tree_value(depth - 1));
    return Value::list(std::move(items));
  }
  std::map<std::string, Value> members;
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
    members.emplace(*rc::gen::element<std::string>("a", "b", "top_k", "c.d", "x y", "\"q\\", ""), tree_value(depth - 1));
  }
  std::vector<Entry> entries;
  for (auto& [key, value] : members) entries.push_back({Value(key), std::move(value)});
  return Value::map(std::move(entries));
}

std::vector<Value> layers_of_values() {
  std::vector<Value> all;
  for (int i = *rc::gen::inRange(1, 5); i > 0; --i) {
    Value value = tree_value(4);
    if (value.is_map()) all.push_back(std::move(value));
  }
  return all;
}

Tree laid(const std::vector<Value>& values) {
  Layers layers;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto read = layers.text(fmt::format("{}.json", i), to_json(values[i], JsonStyle::pretty).value(), Format::json);
    RC_ASSERT(read.has_value());
  }
  return std::move(layers).build();
}

// The rule once more, over plain values.
Value overlaid(Value base, const Value& over) {
  if (!base.is_map() || !over.is_map()) return over;
  for (const Entry& entry : over.entries()) {
    const Value* present = base.find_key(entry.key);
    Value merged = present == nullptr ? entry.value : overlaid(*present, entry.value);
    base = std::move(base).set(entry.key, std::move(merged));
  }
  return base;
}

// The value at a path of one layer; null pointer when something on the way is no map.
const Value* at(const Value& tree, const Keys& path) {
  const Value* found = &tree;
  for (const std::string& key : path) {
    found = found->is_map() ? found->find(key) : nullptr;
    if (found == nullptr) return nullptr;
  }
  return found;
}

void each_leaf(const Setting& setting, const Keys& path, const std::function<void(const Keys&, const Setting&)>& then) {
  if (setting.kind != Setting::Kind::map) return then(path, setting);
  for (const Setting::Member& member : setting.members) {
    Keys inner = path;
    inner.push_back(member.key);
    each_leaf(member.setting, inner, then);
  }
}

}  // namespace

TEST_CASE("layers merge as plain maps do") {
  CHECK(rc::check([] {
    const std::vector<Value> values = layers_of_values();
    Value wanted = Value::map();
    for (const Value& value : values) wanted = overlaid(std::move(wanted), value);
    RC_ASSERT(identical(laid(values).to_value(), wanted));
  }));
}

TEST_CASE("every setting is of the last layer that has it, and overrode those before, in order") {
  CHECK(rc::check([] {
    const std::vector<Value> values = layers_of_values();
    const Tree tree = laid(values);
    each_leaf(tree.root, {}, [&](const Keys& path, const Setting& setting) {
      std::size_t last = 0;
      for (std::size_t i = 0; i < values.size(); ++i) last = at(values[i], path) == nullptr ? last : i;
      RC_ASSERT(*setting.origin.source == fmt::format("{}.json", last));
      RC_ASSERT(identical(setting.to_value(), *at(values[last], path)));
      std::string before;
      for (const Setting::Overridden& old : setting.overridden) {
        RC_ASSERT(*old.origin.source > before);
        RC_ASSERT(*old.origin.source < *setting.origin.source);
        before = *old.origin.source;
      }
    });
  }));
}

TEST_CASE("the path of a setting leads to it, as text and as an option") {
  CHECK(rc::check([] {
    const std::vector<Value> values = layers_of_values();
    const Tree tree = laid(values);
    Layers again;
    each_leaf(tree.root, {}, [&](const Keys& path, const Setting& setting) {
      const std::string text = path_text(path);
      RC_ASSERT(tree.find(text) == &setting);
      RC_ASSERT(parse_path(text).value() == path);
      RC_ASSERT(again.set(fmt::format("{}={}", text, to_json(setting.to_value()).value()), "--set").has_value());
    });
    // Options that name each setting make the same tree, but for maps that are empty.
    each_leaf(tree.root, {}, [&](const Keys& path, const Setting& setting) {
      RC_ASSERT(identical(again.tree().find(path)->to_value(), setting.to_value()));
    });
    RC_ASSERT(explain_text(explain(tree, nullptr)).has_value());
  }));
}
