#pragma once
// Texts, numbers and times as JSON spells them. Private to src/base.

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "thalweg/value.h"

namespace thalweg {

/// JSON's words at the end of a string that grows: what is written goes straight to its place, and only whole steps ask for room.
class JsonText {
 public:
  /// `most` more bytes may be written; what goes beyond is written, too, but noticed soon.
  JsonText(std::string& out, std::size_t most)
      : out_(out), at_(out.data() + out.size()), limit_(at_), end_(most > SIZE_MAX - out.size() ? SIZE_MAX : out.size() + most) {}
  /// Where the next `count` bytes may be written; wrote() tells how far that went.
  char* room(std::size_t count) {
    if (static_cast<std::size_t>(limit_ - at_) < count) [[unlikely]]
      grow(count);
    return at_;
  }
  void wrote(char* end) noexcept { at_ = end; }
  void put(char c) {
    *room(1) = c;
    ++at_;
  }
  void put(std::string_view text);
  template <std::size_t N>
  void word(const char (&text)[N]) {
    std::memcpy(room(N - 1), text, N - 1);
    at_ += N - 1;
  }
  void integer(std::int64_t number);
  void integer(std::uint64_t number);
  /// The shortest text that reads back as the same, with ".0" or an exponent where it is whole. Precondition: finite.
  void real(double number);
  void real(float number);
  /// In quotes. Where it is not UTF-8 the byte's offset; then what is written is no JSON.
  [[nodiscard]] std::optional<std::size_t> string(std::string_view text);
  void base64(std::string_view data);
  void time(Timestamp time);
  void time(Duration time);

  /// Whether too much has been written; certain in the end, before only as far as it costs nothing to know.
  [[nodiscard]] bool too_long() const noexcept { return noticed_; }
  /// Gives the string its length; nothing is written after it. False when it is too long.
  [[nodiscard]] bool finish() {
    out_.resize(size());
    return size() <= end_;
  }

 private:
  [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(at_ - out_.data()); }

  void grow(std::size_t count);

  std::string& out_;
  char* at_;
  char* limit_;
  std::size_t end_;
  bool noticed_ = false;
};

}  // namespace thalweg
