#include "cli/input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/json_prefix.h"
#include "cli/interrupt.h"
#include "thalweg/json.h"

namespace thalweg::cli {

namespace {
bool is_blank(std::string_view text) noexcept { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

Error too_long() {
  return Error(Code::resource_exhausted,
               fmt::format("longer than {} MiB, which is the most one input may have", kLongestInput >> 20));
}
}  // namespace

Result<InputReader> InputReader::open(std::string path, const Interrupt* interrupt) {
  InputReader reader;
  reader.interrupt_ = interrupt;
  if (path == "-") {
    reader.name_ = "standard input";
    reader.descriptor_ = STDIN_FILENO;
  } else {
    reader.descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (reader.descriptor_ < 0) return std::unexpected(system_error(errno, fmt::format("cannot read '{}'", path)));
    if (path.ends_with(".jsonl") || path.ends_with(".ndjson")) reader.form_ = Form::lines;
    if (path.ends_with(".json")) reader.form_ = Form::document;
    reader.name_ = std::move(path);
  }
  struct stat status{};
  if (::fstat(reader.descriptor_, &status) != 0)
    return std::unexpected(system_error(errno, fmt::format("cannot read '{}'", reader.name_)));
  if (S_ISDIR(status.st_mode)) return std::unexpected(system_error(EISDIR, fmt::format("cannot read '{}'", reader.name_)));
  if (S_ISREG(status.st_mode)) reader.size_ = static_cast<std::size_t>(status.st_size);
  return reader;
}

InputReader::InputReader(InputReader&& other) noexcept
    : name_(std::move(other.name_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      interrupt_(other.interrupt_),
      form_(other.form_),
      buffer_(std::move(other.buffer_)),
      at_(other.at_),
      scanned_(other.scanned_),
      ended_(other.ended_),
      read_(other.read_),
      size_(other.size_),
      line_number_(other.line_number_),
      first_(std::move(other.first_)) {}

InputReader::~InputReader() {
  if (descriptor_ > STDERR_FILENO) ::close(descriptor_);
}

Result<bool> InputReader::fill() {
  constexpr std::size_t kPiece = std::size_t{256} << 10;
  if (ended_) return false;
  if (interrupt_ != nullptr && !interrupt_->readable(descriptor_)) {
    ended_ = true;
    buffer_.clear();
    at_ = scanned_ = 0;
    return false;
  }
  buffer_.erase(0, at_);
  scanned_ -= at_;
  at_ = 0;
  const std::size_t held = buffer_.size();
  buffer_.resize(held + kPiece);
  ssize_t got = 0;
  do {
    got = ::read(descriptor_, buffer_.data() + held, kPiece);
  } while (got < 0 && errno == EINTR);
  buffer_.resize(held + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  if (got < 0) return std::unexpected(system_error(errno, fmt::format("cannot read '{}'", name_)));
  read_ += static_cast<std::size_t>(got);
  ended_ = got == 0;
  return got > 0;
}

// The next line that is not blank, without its end. One that is too long is passed over piece by piece, and comes as an error.
Result<std::optional<InputReader::Line>> InputReader::next_line() {
  bool dropped = false;
  while (true) {
    const std::size_t end = buffer_.find('\n', scanned_);
    if (end == std::string::npos) {
      scanned_ = buffer_.size();
      if (buffer_.size() - at_ > kLongestInput) {
        at_ = scanned_;
        dropped = true;
      }
      if (TRY(fill())) continue;
      if (at_ >= buffer_.size() && !dropped) return std::nullopt;
    }
    const std::size_t stop = std::min(end, buffer_.size());
    const std::string_view text = std::string_view(buffer_).substr(at_, stop - at_);
    at_ = scanned_ = std::min(stop + 1, buffer_.size());
    ++line_number_;
    if (dropped) return Line{{}, true};
    if (!is_blank(text)) return Line{text, false};
  }
}

Result<std::optional<std::string>> InputReader::next_text() {
  const auto line = TRY(next_line());
  if (!line) return std::nullopt;
  if (line->too_long) return std::unexpected(too_long().at(fmt::format("{}:{}", name_, line_number_)));
  return std::string(line->text.ends_with('\r') ? line->text.substr(0, line->text.size() - 1) : line->text);
}

Result<bool> InputReader::lines() {
  if (form_ != Form::unknown) return form_ == Form::lines;
  const auto line = TRY(next_line());
  form_ = Form::lines;
  if (!line) return true;
  first_ = item(*line);
  if (first_->value || line->too_long) return true;
  // No document of its own: the beginning of a longer one, or a broken line.
  const auto begin = static_cast<std::size_t>(line->text.data() - buffer_.data());
  const std::size_t end = std::exchange(at_, begin);  // kept while the next line is looked for
  if (TRY(broken_line(end - begin))) {
    at_ = scanned_ = at_ + (end - begin);
    return true;
  }
  first_.reset();
  --line_number_;
  scanned_ = at_;
  form_ = Form::document;
  return false;
}

// Whether the line at at_, which is no document, is a line of its own: with the next one that is not blank, which begins behind
// `length` bytes, it is the beginning of no document either, and that one is a whole document of the same kind.
Result<bool> InputReader::broken_line(std::size_t length) {
  const auto second_line = [&] { return buffer_.find_first_not_of(" \t\r\n", at_ + length); };
  while (second_line() == std::string::npos || buffer_.find('\n', second_line()) == std::string::npos) {
    if (buffer_.size() - at_ > 2 * kLongestInput) return false;
    scanned_ = buffer_.size();
    if (!TRY(fill())) break;
  }
  const std::size_t next = second_line();
  if (next == std::string::npos) return false;
  const std::string_view both = std::string_view(buffer_).substr(at_, std::min(buffer_.find('\n', next), buffer_.size()) - at_);
  const std::string_view second = both.substr(next - at_);
  return second.front() == both[both.find_first_not_of(" \t\r\n")] && json_prefix(both) <= next - at_ &&
         parse_json(second).has_value();
}

Result<std::optional<Item>> InputReader::next() {
  const bool by_line = TRY(lines());
  if (first_) return std::exchange(first_, std::nullopt);
  if (!by_line) return whole();
  const auto line = TRY(next_line());
  if (!line) return std::nullopt;
  return item(*line);
}

Item InputReader::item(const Line& line) const {
  if (line.too_long) return {line_number_, std::unexpected(too_long())};
  return {line_number_, parse_json_line(line.text, name_, line_number_)};
}

Result<std::optional<Item>> InputReader::whole() {
  const std::size_t line = line_number_ + 1;
  while (TRY(fill())) {
    if (buffer_.size() - at_ > kLongestInput) return std::unexpected(too_long().at(name_));
  }
  const std::string_view text = std::string_view(buffer_).substr(at_);
  if (is_blank(text)) return std::nullopt;
  auto value = parse_json(text);
  at_ = scanned_ = buffer_.size();
  return Item{line, std::move(value)};
}

}  // namespace thalweg::cli
