#include "base/utf8.h"
#include "lang/optional.h"
#include "lang/print.h"
#include "lang/template_program.h"

namespace thalweg::lang {

bool Renderer::print(const Node& node, const Value& value) {
  switch (value.kind()) {
    case Kind::string:
      out_ += value.as_string();
      return machine_.charge(node, value.size() / 16);
    case Kind::bytes:
      if (utf8::invalid_at(value.as_string()) != std::string_view::npos) {
        machine_.fail(node, Code::invalid_argument, "the bytes are no UTF-8 text; write base64.encode(...)");
        return false;
      }
      out_ += value.as_string();
      return machine_.charge(node, value.size() / 16);
    case Kind::list:
    case Kind::map:
    case Kind::floats:
      return print_json(machine_, node, value, out_);
    default:
      out_ += plain_text(value);
      return true;
  }
}

bool Renderer::render(const Pieces& pieces) {
  for (const Piece& piece : pieces) {
    switch (piece.kind) {
      case Piece::Kind::text:
        out_ += piece.text;
        break;
      case Piece::Kind::value: {
        Value holder;
        const Value* value = machine_.eval(*piece.expression, holder);
        if (value == nullptr || !print(*piece.expression, *value)) return false;
        break;
      }
      case Piece::Kind::choice:
        if (!choice(piece)) return false;
        break;
      case Piece::Kind::loop:
        if (!loop(piece)) return false;
        break;
      case Piece::Kind::set: {
        Value holder;
        const Value* value = machine_.eval(*piece.expression, holder);
        if (value == nullptr) return false;
        Value kept = *value;  // it may stand in the place that is now written
        held_[piece.slot] = std::move(kept);
        machine_.set_local(piece.slot, &held_[piece.slot]);
        break;
      }
    }
  }
  return true;
}

bool Renderer::choice(const Piece& piece) {
  for (const Branch& branch : piece.branches) {
    if (branch.condition != nullptr) {
      Value holder;
      const Value* value = machine_.eval(*branch.condition, holder);
      if (value == nullptr) return false;
      if (!value->is_bool()) {
        machine_.fail(*branch.condition, Code::invalid_argument,
                      fmt::format("'if' needs a bool, not {}", with_article(kind_name(*value))));
        return false;
      }
      if (!value->as_bool()) continue;
    }
    return render(branch.body);
  }
  return true;
}

bool Renderer::loop(const Piece& piece) {
  Value holder;
  const Value* range = machine_.eval(*piece.expression, holder);
  if (range == nullptr) return false;
  if (!range->is_list() && !range->is_map() && !range->is(Kind::floats)) {
    machine_.fail(*piece.expression, Code::invalid_argument,
                  fmt::format("'for' needs a list or a map, not {}", with_article(kind_name(*range))));
    return false;
  }
  if (range->size() == 0) return piece.branches.size() < 2 || render(piece.branches[1].body);
  return steps(piece, *range);
}

bool Renderer::steps(const Piece& piece, const Value& range) {
  const std::size_t size = range.size();
  const auto whole = [](std::size_t number) { return Value(static_cast<std::int64_t>(number)); };
  for (std::size_t i = 0; i < size; ++i) {
    Value number = whole(i), item, loop;
    const Value* key = &number;
    const Value* value = &item;
    if (range.is_map()) {
      key = &range.entries()[i].key;
      value = piece.two_variables ? &range.entries()[i].value : key;
    } else if (range.is_list()) {
      value = &range.items()[i];
    } else {
      item = Value(static_cast<double>(range.as_floats()[i]));
    }
    std::uint32_t slot = piece.slot;
    if (piece.two_variables) machine_.set_local(slot++, key);
    machine_.set_local(slot++, value);
    if (piece.uses_loop) {
      loop = Value::map(
          {{"index", whole(i + 1)}, {"index0", whole(i)}, {"first", i == 0}, {"last", i + 1 == size}, {"length", whole(size)}});
    }
    machine_.set_local(slot, &loop);
    for (std::uint32_t inner = piece.first_inner; inner < piece.last_inner; ++inner) machine_.set_local(inner, nullptr);
    if (!machine_.charge(*piece.expression, 1) || !render(piece.branches[0].body)) return false;
  }
  return true;
}

}  // namespace thalweg::lang
