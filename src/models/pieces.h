#pragma once
// Texts as the pieces a network can take.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "models/encoder.h"
#include "models/tokenizer.h"

namespace thalweg::models {

/// Tokens that are run at once, special ones included.
struct Piece {
  std::vector<std::int64_t> ids;
  std::vector<std::int64_t> types;
  double weight = 1;  ///< its share in the pooling: tokens, without special ones
};

/// Cuts texts into pieces of at most `most` tokens. A text that fits is one piece, as the tokenizer encodes it. A longer one is
/// cut at its sentences, as many to a piece as fit; a sentence that is too long itself is cut between tokens. Of a pair the
/// longer half is cut, the other one stands in every piece; when neither fits into half a piece, every part of the one meets
/// every part of the other. All of it depends on the text alone.
class Cutter {
 public:
  /// Errors: failed_precondition when the tokenizer's special tokens leave no room.
  [[nodiscard]] static Result<Cutter> make(Tokenizer tokenizer, std::size_t most);
  /// Errors: invalid_argument (not UTF-8; a pair of more than kMostPieces pieces).
  [[nodiscard]] Result<std::vector<Piece>> cut(const Text& text) const;

  [[nodiscard]] const Tokenizer& tokenizer() const noexcept { return tokenizer_; }

  static constexpr std::size_t kMostPieces = 10'000;  ///< of a pair whose halves are both long

 private:
  // What stands around the tokens of texts: special tokens, and the places of the text and its pair.
  struct Place {
    std::int64_t id = 0;
    std::int64_t type = 0;
    std::uint32_t sequence = 0;
  };
  using Frame = std::vector<Place>;
  using Ids = std::vector<std::int64_t>;
  Cutter(Tokenizer tokenizer, std::size_t most) : tokenizer_(std::move(tokenizer)), most_(most) {}
  static Frame frame_of(const std::vector<Token>& tokens);
  static Piece framed(const Frame& frame, const Ids& text, const Ids& pair, std::size_t weight);
  [[nodiscard]] Result<std::vector<Ids>> parts(std::string_view text, std::size_t room) const;

  Tokenizer tokenizer_;
  std::size_t most_;
  Frame single_;
  Frame pair_;
};

}  // namespace thalweg::models
