#include "config/tree.h"

#include <unordered_map>

namespace thalweg::config {

std::string Origin::text() const {
  if (source == nullptr) return "default";
  if (place.line == 0) return *source;
  return fmt::format("{}:{}:{}", *source, place.line, place.column);
}

bool Origin::operator==(const Origin& other) const noexcept {
  const bool same_source = source == other.source || (source != nullptr && other.source != nullptr && *source == *other.source);
  return kind == other.kind && place == other.place && same_source;
}

std::string_view name(Origin::Kind kind) noexcept {
  switch (kind) {
    case Origin::Kind::fallback:
      return "default";
    case Origin::Kind::file:
      return "file";
    case Origin::Kind::environment:
      return "environment";
    case Origin::Kind::command_line:
      return "command_line";
  }
  return "";
}

Setting Setting::map(Origin origin) {
  Setting made;
  made.kind = Kind::map;
  made.origin = std::move(origin);
  return made;
}

Setting Setting::scalar(Value value, Origin origin) {
  Setting made;
  made.value = std::move(value);
  made.origin = std::move(origin);
  return made;
}

const Setting* Setting::find(std::string_view key) const noexcept {
  for (const Member& member : members) {
    if (member.key == key) return &member.setting;
  }
  return nullptr;
}

Setting* Setting::find(std::string_view key) noexcept {
  for (Member& member : members) {
    if (member.key == key) return &member.setting;
  }
  return nullptr;
}

Value Setting::to_value() const {
  switch (kind) {
    case Kind::scalar:
      return value;
    case Kind::list: {
      std::vector<Value> values;
      values.reserve(items.size());
      for (const Setting& item : items) values.push_back(item.to_value());
      return Value::list(std::move(values));
    }
    case Kind::map: {
      std::vector<Entry> entries;
      entries.reserve(members.size());
      for (const Member& member : members) entries.push_back({Value(member.key), member.setting.to_value()});
      return Value::map(std::move(entries));
    }
  }
  return {};
}

namespace {

// The members of a wide map are looked up by hash: files of many keys are merged many times.
class Lookup {
 public:
  explicit Lookup(Setting& map) : map_(map) {
    constexpr std::size_t kWide = 32;
    if (map.members.size() < kWide) return;
    hashed_ = true;
    for (std::size_t i = 0; i < map.members.size(); ++i) places_.emplace(map.members[i].key, i);
  }
  Setting::Member* find(const std::string& key) {
    if (hashed_) {
      const auto found = places_.find(key);
      return found == places_.end() ? nullptr : &map_.members[found->second];
    }
    for (Setting::Member& member : map_.members) {
      if (member.key == key) return &member;
    }
    return nullptr;
  }

 private:
  Setting& map_;
  bool hashed_ = false;
  std::unordered_map<std::string, std::size_t> places_;
};

void replace(Setting& base, Setting over) {
  std::vector<Setting::Overridden> before = std::move(base.overridden);
  if (base.origin != over.origin) before.push_back({base.origin, base.to_value()});  // a file included twice overrides nothing
  base = std::move(over);
  base.overridden.insert(base.overridden.begin(), std::make_move_iterator(before.begin()), std::make_move_iterator(before.end()));
}

}  // namespace

void merge(Setting& base, Setting over) {
  if (base.kind != Setting::Kind::map || over.kind != Setting::Kind::map) return replace(base, std::move(over));
  base.first = base.begun().kind == Origin::Kind::fallback ? over.begun() : base.begun();
  base.origin = std::move(over.origin);
  std::vector<Setting::Member> fresh;  // keys of `over` are unique, so these need not be found again
  Lookup known(base);
  for (Setting::Member& member : over.members) {
    if (Setting::Member* there = known.find(member.key)) {
      there->place = member.place;
      merge(there->setting, std::move(member.setting));
    } else {
      fresh.push_back(std::move(member));
    }
  }
  base.members.insert(base.members.end(), std::make_move_iterator(fresh.begin()), std::make_move_iterator(fresh.end()));
}

const Setting* Tree::find(const Keys& path) const noexcept {
  const Setting* at = &root;
  for (const std::string& key : path) {
    at = at->find(key);
    if (at == nullptr) return nullptr;
  }
  return at;
}

const Setting* Tree::find(std::string_view path) const {
  const auto keys = parse_path(path);
  return keys ? find(*keys) : nullptr;
}

void Tree::add_fallback(const Keys& path, Value value, std::shared_ptr<const std::string> source) {
  Setting* at = &root;
  for (const std::string& key : path) {
    if (at->is_null()) replace(*at, Setting::map({}));
    if (at->kind != Setting::Kind::map) return;
    Setting* next = at->find(key);
    if (next == nullptr) {
      at->members.push_back({key, {}, &key == &path.back() ? Setting() : Setting::map({})});
      next = &at->members.back().setting;
    }
    at = next;
  }
  if (!at->is_null()) return;
  Origin origin{Origin::Kind::fallback, std::move(source), {}};
  if (at->origin.kind == Origin::Kind::fallback) {
    at->value = std::move(value);
    at->origin = std::move(origin);
  } else {
    replace(*at, Setting::scalar(std::move(value), std::move(origin)));
  }
}

}  // namespace thalweg::config
