#include "models/pieces.h"

#include <algorithm>
#include <span>

#include "text/sentences.h"

namespace thalweg::models {

namespace {

// No token of a usual text stands for more bytes: a longer text is not worth the try to take it whole.
constexpr std::size_t kBytesOfToken = 32;

Piece piece_of(const std::vector<Token>& tokens) {
  Piece piece;
  piece.ids.reserve(tokens.size());
  piece.types.reserve(tokens.size());
  std::size_t own = 0;
  for (const Token& token : tokens) {
    piece.ids.push_back(token.id);
    piece.types.push_back(token.type_id);
    if (token.sequence != bridge::kSpecialToken) ++own;
  }
  piece.weight = static_cast<double>(std::max<std::size_t>(own, 1));
  return piece;
}

}  // namespace

Result<Cutter> Cutter::make(Tokenizer tokenizer, std::size_t most) {
  Cutter made(std::move(tokenizer), most);
  made.single_ = frame_of(TRY(made.tokenizer_.encode("a")));
  made.pair_ = frame_of(TRY(made.tokenizer_.encode("a", "a")));
  const std::size_t special = std::max(made.single_.size() - 1, made.pair_.size() - 2);
  if (most < special + 2) {
    return fail(Code::failed_precondition, "max_tokens is {}: with {} special tokens a piece needs at least {}", most, special,
                special + 2);
  }
  return made;
}

Cutter::Frame Cutter::frame_of(const std::vector<Token>& tokens) {
  Frame frame;
  for (const Token& token : tokens) {
    const bool more = token.sequence != bridge::kSpecialToken && !frame.empty() && frame.back().sequence == token.sequence;
    if (!more) frame.push_back({token.id, token.type_id, token.sequence});
  }
  return frame;
}

Piece Cutter::framed(const Frame& frame, const Ids& text, const Ids& pair, std::size_t weight) {
  Piece piece;
  for (const Place& place : frame) {
    if (place.sequence == bridge::kSpecialToken) {
      piece.ids.push_back(place.id);
    } else {
      const Ids& own = place.sequence == 0 ? text : pair;
      piece.ids.insert(piece.ids.end(), own.begin(), own.end());
    }
    piece.types.resize(piece.ids.size(), place.type);
  }
  piece.weight = static_cast<double>(std::max<std::size_t>(weight, 1));
  return piece;
}

Result<std::vector<Cutter::Ids>> Cutter::parts(std::string_view text, std::size_t room) const {
  std::vector<Ids> made(1);
  const auto take = [&](std::span<const Token> sentence) {
    if (made.back().size() + sentence.size() > room && !made.back().empty()) made.emplace_back();
    for (const Token& token : sentence) {
      if (made.back().size() == room) made.emplace_back();
      made.back().push_back(token.id);
    }
  };
  for (const text::Block& block : text::blocks(text)) {
    const std::vector<Token> tokens = TRY(tokenizer_.encode_inner(block.span.in(text)));
    std::size_t at = 0;
    for (const text::Span& sentence : text::sentences(text, block)) {
      const std::size_t from = at;
      while (at < tokens.size() && block.span.begin + tokens[at].begin < sentence.end) ++at;
      take(std::span(tokens).subspan(from, at - from));
    }
    take(std::span(tokens).subspan(at));
  }
  return made;
}

Result<std::vector<Piece>> Cutter::cut(const Text& text) const {
  std::vector<Piece> pieces;
  if (text.text.size() + text.pair.size() <= most_ * kBytesOfToken) {
    const std::vector<Token> tokens =
        text.has_pair ? TRY(tokenizer_.encode(text.text, text.pair)) : TRY(tokenizer_.encode(text.text));
    if (tokens.size() <= most_) {
      pieces.push_back(piece_of(tokens));
      return pieces;
    }
  }
  if (!text.has_pair) {
    for (const Ids& part : TRY(parts(text.text, most_ - (single_.size() - 1)))) {
      pieces.push_back(framed(single_, part, {}, part.size()));
    }
    return pieces;
  }
  const std::size_t room = most_ - (pair_.size() - 2);
  std::size_t first = TRY(tokenizer_.encode_inner(text.text)).size();
  std::size_t second = TRY(tokenizer_.encode_inner(text.pair)).size();
  if (first <= room / 2) {
    second = room - first;
  } else if (second <= room / 2) {
    first = room - second;
  } else {
    first = second = room / 2;
  }
  const std::vector<Ids> firsts = TRY(parts(text.text, std::max<std::size_t>(first, 1)));
  const std::vector<Ids> seconds = TRY(parts(text.pair, std::max<std::size_t>(second, 1)));
  if (firsts.size() > kMostPieces / seconds.size()) {
    return fail(Code::invalid_argument,
                "both texts of a pair are too long: {} and {} parts meet in more than {} pieces; shorten one", firsts.size(),
                seconds.size(), kMostPieces);
  }
  for (const Ids& one : firsts) {
    for (const Ids& other : seconds) pieces.push_back(framed(pair_, one, other, one.size() + other.size()));
  }
  return pieces;
}

}  // namespace thalweg::models
