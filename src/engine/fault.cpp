#include "engine/fault.h"

#include "engine/keys.h"

namespace thalweg {

namespace {

// The map of a stage, told by its place: a stage begins where no other map does.
const Node* find_stage(const Node& node, Place place) {
  if (node.kind == Node::Kind::map && node.place == place && node.find("uses") != nullptr) return &node;
  for (const Node& item : node.items) {
    if (const Node* found = find_stage(item, place)) return found;
  }
  for (const Node::Member& member : node.members) {
    if (const Node* found = find_stage(member.node, place)) return found;
  }
  return nullptr;
}

// What stands at a path; where it leads on to nothing (a default of the contract), the last thing on the way.
const Node* follow(const Node& from, const Path& path) {
  if (path.outer == nullptr) return &from;
  const Node* before = follow(from, *path.outer);
  if (path.key.empty()) return path.index < before->items.size() ? &before->items[path.index] : before;
  const Node* found = before->find(path.key);
  return found == nullptr ? before : found;
}

Error placed(const Source& source, const Node& node, const Path& path, std::size_t offset, const Error& error) {
  const Place place = source.definition()->place_in(node, offset);
  return error.at(fmt::format("{} ({}:{}:{})", path.text(), source.file(), place.line, place.column));
}

// The path of what a trail leads to, with `use` called at its end: a path lives on the stack.
template <class Use>
Error along(const Argument& argument, const Trail& trail, std::size_t left, const Path& path, const Use& use) {
  if (left == 0) return use(path);
  const std::uint32_t step = trail[left - 1];
  const Argument& item = argument.items[step];
  if (argument.kind == Argument::Kind::list) return along(item, trail, left - 1, path[step], use);
  return along(item, trail, left - 1, path / argument.keys[step], use);
}

// Where a stage's nested plan stands: its field, and of cases which.
struct Nested {
  std::string_view field;
  std::optional<std::size_t> branch;
};

std::optional<Nested> find_nested(const PlannedStage& stage, const Plan& plan) {
  for (std::size_t field = 0; field < stage.pipelines.size(); ++field) {
    const std::string_view name = stage.kind->contract.fields[field].name;
    if (stage.pipelines[field].get() == &plan) return Nested{name, {}};
    for (std::size_t i = 0; i < stage.cases[field].size(); ++i) {
      if (stage.cases[field][i].then.get() == &plan) return Nested{name, i};
    }
  }
  return {};
}

}  // namespace

const Definition* Source::definition() const {
  std::call_once(read_, [this] {
    if (auto read = parse_definition(file_, text_)) definition_ = std::move(*read);
  });
  return definition_ ? &*definition_ : nullptr;
}

Error at_field(const Plan& plan, const PlannedStage& stage, const Path& path, std::size_t offset, const Error& error) {
  const Definition* definition = plan.source == nullptr ? nullptr : plan.source->definition();
  const Node* node = definition == nullptr ? nullptr : find_stage(definition->root, stage.place);
  return node == nullptr ? error.at(path.text()) : placed(*plan.source, *follow(*node, path), path, offset, error);
}

Error at_argument(const Plan& plan, const PlannedStage& stage, std::size_t field, const Trail& trail, std::size_t offset,
                  const Error& error) {
  const Path start;
  const Path with = start / "with";
  const auto use = [&](const Path& path) { return at_field(plan, stage, path, offset, error); };
  const auto& fields = stage.kind->contract.fields;
  if (field >= fields.size()) return along(stage.arguments[field], trail, trail.size(), with, use);
  return along(stage.arguments[field], trail, trail.size(), with / fields[field].name, use);
}

Error at_output(const Plan& plan, const Plan* outer, const PlannedStage* caller, const Trail& trail, std::size_t offset,
                const Error& error) {
  const Path start;
  const auto nested = caller == nullptr ? std::nullopt : find_nested(*caller, plan);
  const Definition* definition = plan.source == nullptr ? nullptr : plan.source->definition();
  if (!nested) {
    return along(plan.output, trail, trail.size(), start / "output", [&](const Path& path) {
      return definition == nullptr ? error.at(path.text())
                                   : placed(*plan.source, *follow(definition->root, path), path, offset, error);
    });
  }
  const Path with = start / "with";
  const Path field = with / nested->field;
  const Path item = field[nested->branch.value_or(0)];
  const Path then = item / "then";
  const Path& body = nested->branch ? then : field;
  // A block with `stages` and `output`, or the output alone.
  const Node* stage = definition == nullptr ? nullptr : find_stage(definition->root, caller->place);
  const bool block = stage != nullptr && follow(*stage, body)->find("output") != nullptr &&
                     std::ranges::all_of(follow(*stage, body)->members,
                                         [](const auto& member) { return blocks::nested().find(member.key) != nullptr; });
  const Path output = body / "output";
  return along(plan.output, trail, trail.size(), block ? output : body,
               [&](const Path& path) { return at_field(*outer, *caller, path, offset, error); });
}

}  // namespace thalweg
