#include "scoring/data/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/error.h"
#include "base/utf8.h"

namespace thalweg::scoring {

struct ByteSource::Unpacking {
  Unpacking() { good = ::inflateInit2(&stream, 15 + 16) == Z_OK; }  // gzip alone
  Unpacking(const Unpacking&) = delete;
  Unpacking& operator=(const Unpacking&) = delete;
  ~Unpacking() { ::inflateEnd(&stream); }
  z_stream stream{};
  bool good = false;
  bool member_ended = false;  // another one may follow
};

ByteSource::ByteSource() = default;

ByteSource::ByteSource(ByteSource&& other) noexcept
    : name_(std::move(other.name_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      readable_(std::move(other.readable_)),
      text_(other.text_),
      piece_(other.piece_),
      buffer_(std::move(other.buffer_)),
      at_(other.at_),
      packed_(std::move(other.packed_)),
      unpacking_(std::move(other.unpacking_)),
      hash_(std::move(other.hash_)),
      begun_(other.begun_),
      ended_(other.ended_),
      read_(other.read_),
      taken_(other.taken_),
      size_(other.size_),
      line_(other.line_),
      column_(other.column_) {}

ByteSource::~ByteSource() {
  if (descriptor_ > STDERR_FILENO) ::close(descriptor_);
}

Result<ByteSource> ByteSource::open(std::string path, Readable readable) {
  ByteSource source;
  source.readable_ = std::move(readable);
  if (path == "-") {
    source.name_ = "standard input";
    source.descriptor_ = STDIN_FILENO;
  } else {
    source.descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (source.descriptor_ < 0) return std::unexpected(system_error(errno, fmt::format("read '{}'", path)));
    source.name_ = std::move(path);
  }
  struct stat status{};
  if (::fstat(source.descriptor_, &status) != 0)
    return std::unexpected(system_error(errno, fmt::format("read '{}'", source.name_)));
  if (S_ISDIR(status.st_mode)) return std::unexpected(system_error(EISDIR, fmt::format("read '{}'", source.name_)));
  if (S_ISREG(status.st_mode)) source.size_ = static_cast<std::size_t>(status.st_size);
  return source;
}

ByteSource ByteSource::of(std::string name, std::string_view text, std::size_t piece) {
  ByteSource source;
  source.name_ = std::move(name);
  source.text_ = text;
  source.piece_ = std::max<std::size_t>(piece, 1);
  source.size_ = text.size();
  return source;
}

// Appends what comes next to packed_ or buffer_; false at the end.
Result<bool> ByteSource::piece() {
  std::string& to = unpacking_ ? packed_ : buffer_;
  if (descriptor_ < 0) {
    const std::size_t count = std::min(text_.size(), piece_);
    to += text_.substr(0, count);
    text_.remove_prefix(count);
    read_ += count;
    return count > 0;
  }
  if (readable_ && !readable_(descriptor_)) return fail(Code::cancelled, "reading '{}' was stopped", name_);
  const std::size_t held = to.size();
  to.resize(held + kPiece);
  ssize_t got = 0;
  do {
    got = ::read(descriptor_, to.data() + held, kPiece);
  } while (got < 0 && errno == EINTR);
  to.resize(held + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  if (got < 0) return std::unexpected(system_error(errno, fmt::format("read '{}'", name_)));
  read_ += static_cast<std::size_t>(got);
  return got > 0;
}

// At most a piece at a time, so that a small file cannot become a large memory.
Result<bool> ByteSource::unpack() {
  z_stream& stream = unpacking_->stream;
  const auto broken = [&](std::string_view why) { return fail(Code::data_loss, "'{}' is no whole gzip file: {}", name_, why); };
  if (!unpacking_->good) return fail(Code::resource_exhausted, "no memory to unpack '{}'", name_);
  const std::size_t held = buffer_.size();
  buffer_.resize(held + kPiece);
  std::size_t made = 0;
  while (made == 0) {
    if (packed_.empty() && !TRY(piece())) {
      buffer_.resize(held);
      if (!unpacking_->member_ended) return broken("it breaks off");
      return false;
    }
    if (std::exchange(unpacking_->member_ended, false)) ::inflateReset(&stream);
    stream.next_in = reinterpret_cast<Bytef*>(packed_.data());
    stream.avail_in = static_cast<uInt>(packed_.size());
    stream.next_out = reinterpret_cast<Bytef*>(buffer_.data() + held);
    stream.avail_out = static_cast<uInt>(kPiece);
    const int result = ::inflate(&stream, Z_NO_FLUSH);
    made = kPiece - stream.avail_out;
    packed_.erase(0, packed_.size() - stream.avail_in);
    if (result == Z_STREAM_END) {
      unpacking_->member_ended = true;
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      return broken(stream.msg != nullptr ? stream.msg : "its data is damaged");
    }
  }
  buffer_.resize(held + made);
  return true;
}

// What the first bytes tell: packed, a byte order mark.
Result<> ByteSource::begin() {
  begun_ = true;
  const auto fill = [this](std::size_t bytes) -> Result<> {
    while (buffer_.size() < bytes) {
      if (!TRY(unpacking_ ? unpack() : piece())) break;
    }
    return {};
  };
  TRY(fill(2));
  if (buffer_.starts_with("\x1f\x8b")) {
    unpacking_ = std::make_unique<Unpacking>();
    packed_ = std::exchange(buffer_, {});
  }
  TRY(fill(3));
  if (buffer_.starts_with("\xFF\xFE") || buffer_.starts_with("\xFE\xFF"))
    return fail(Code::invalid_argument, "'{}' is UTF-16; save it as UTF-8", name_);
  if (buffer_.starts_with("\xEF\xBB\xBF")) {
    hash_.add(std::string_view(buffer_).substr(0, 3));
    at_ = 3;
  }
  return {};
}

Result<bool> ByteSource::more() {
  if (ended_) return false;
  if (!begun_) {
    TRY(begin());
    if (at_ < buffer_.size()) return true;
  }
  buffer_.erase(0, std::exchange(at_, 0));
  const bool more = TRY(unpacking_ ? unpack() : piece());
  ended_ = !more;
  return more;
}

void ByteSource::take(std::size_t bytes) {
  const std::string_view taken = rest().substr(0, bytes);
  hash_.add(taken);
  at_ += taken.size();
  taken_ += taken.size();
  if (const std::size_t last = taken.rfind('\n'); last != std::string_view::npos) {
    line_ += static_cast<std::size_t>(std::ranges::count(taken, '\n'));
    column_ = 1 + utf8::count(taken.substr(last + 1));
  } else {
    column_ += utf8::count(taken);
  }
}

std::size_t ByteSource::bytes_taken() const noexcept {
  if (!unpacking_) return read_ - rest().size();
  // What is unpacked and not taken yet counts as packed as what was.
  const auto unpacked = static_cast<double>(taken_ + rest().size());
  const auto consumed = static_cast<double>(read_ - packed_.size());
  return unpacked == 0 ? 0 : static_cast<std::size_t>(consumed * static_cast<double>(taken_) / unpacked);
}

std::string ByteSource::hash() const { return hash_.text(); }

}  // namespace thalweg::scoring
