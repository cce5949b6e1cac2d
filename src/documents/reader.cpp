#include "documents/reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "documents/encoding.h"
#include "documents/readers.h"

namespace thalweg::documents {

namespace {

class File {
 public:
  explicit File(const std::string& path) : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  [[nodiscard]] int get() const noexcept { return descriptor_; }

 private:
  int descriptor_;
};

std::string megabytes(std::uint64_t bytes) { return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6); }

Result<std::string> load(const std::string& path, std::uint64_t most) {
  const File file(path);
  if (file.get() < 0) return std::unexpected(system_error(errno, "open the document"));
  struct stat info{};
  if (::fstat(file.get(), &info) != 0) return std::unexpected(system_error(errno, "look at the document"));
  if (!S_ISREG(info.st_mode)) return fail(Code::invalid_argument, "is no regular file");
  if (static_cast<std::uint64_t>(info.st_size) > most) {
    return fail(Code::resource_exhausted, "has {}, more than the {} that are read: raise `max_bytes` or split it",
                megabytes(static_cast<std::uint64_t>(info.st_size)), megabytes(most));
  }
  std::string bytes(static_cast<std::size_t>(info.st_size), '\0');
  std::size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t got = ::read(file.get(), bytes.data() + have, bytes.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(system_error(errno, "read the document"));
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
  return out;
}

enum class Format : std::uint8_t { plain, markdown, html };

Format format_of(std::string_view text, std::string_view path) {
  const std::string head = lower(text.substr(0, 1024));
  const std::size_t first = head.find_first_not_of(" \t\r\n");
  const std::string_view start = first == std::string::npos ? std::string_view() : std::string_view(head).substr(first);
  if (start.starts_with("<!doctype html") || start.starts_with("<html") ||
      (start.starts_with("<?xml") && head.contains("<html"))) {
    return Format::html;
  }
  std::string name = lower(path);
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  const auto ends = [&](std::initializer_list<std::string_view> endings) {
    return std::ranges::any_of(endings, [&](std::string_view ending) { return name.ends_with(ending); });
  };
  if (ends({".md", ".markdown", ".mkd"})) return Format::markdown;
  return ends({".html", ".htm", ".xhtml"}) ? Format::html : Format::plain;
}

Result<Document> read_text(std::string_view text, Format format) {
  switch (format) {
    case Format::html:
      return read_html(text);
    case Format::markdown:
      return read_markdown(text);
    case Format::plain:
      break;
  }
  return read_plain(text);
}

}  // namespace

Result<std::string> unzipped(std::string_view bytes, std::uint64_t most) {
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) return fail(Code::resource_exhausted, "no memory to unpack gzip");
  const std::unique_ptr<z_stream, decltype(&inflateEnd)> ending(&stream, &inflateEnd);
  stream.next_in =
      reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // zlib does not write there; its type says otherwise
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  std::string part(256U << 10, '\0');
  while (true) {
    stream.next_out = reinterpret_cast<Bytef*>(part.data());
    stream.avail_out = static_cast<uInt>(part.size());
    const int status = inflate(&stream, Z_NO_FLUSH);
    out.append(part, 0, part.size() - stream.avail_out);
    if (out.size() > most) {
      return fail(Code::resource_exhausted, "unpacks to more than the {} that are read: raise `max_bytes` or unpack it first",
                  megabytes(most));
    }
    if (status == Z_STREAM_END) {
      // Another member may follow; zeros behind the last are padding.
      const std::string_view rest(reinterpret_cast<const char*>(stream.next_in), stream.avail_in);
      if (!rest.starts_with("\x1F\x8B")) return out;
      if (inflateReset(&stream) != Z_OK) return fail(Code::internal, "cannot go on with the next gzip member");
    } else if (status == Z_BUF_ERROR && stream.avail_in == 0) {
      return fail(Code::data_loss, "the gzip data ends too early, after {} bytes of text: fetch the file again", out.size());
    } else if (status != Z_OK) {
      return fail(Code::data_loss, "the gzip data is broken ({}): fetch the file again",
                  stream.msg == nullptr ? "zlib error" : stream.msg);
    }
  }
}

Result<Document> read_bytes(std::string bytes, std::string_view path, const ReadLimits& limits) {
  const auto read = [&]() -> Result<Document> {
    const std::string hash = fmt::format("{:016x}", XXH3_64bits(bytes.data(), bytes.size()));
    if (bytes.size() > limits.bytes) {
      return fail(Code::resource_exhausted, "has {}, more than the {} that are read", megabytes(bytes.size()),
                  megabytes(limits.bytes));
    }
    if (bytes.starts_with("\x1F\x8B")) bytes = TRY(unzipped(bytes, limits.bytes));
    if (const std::string_view kind = binary_kind(bytes); !kind.empty()) {
      return fail(Code::invalid_argument,
                  "looks like {}, not like text, Markdown or HTML: convert it first (pdftotext, pandoc, ...) or leave it out",
                  kind);
    }
    const Format guess = format_of(bytes, path);
    const std::string text = TRY(to_utf8(std::move(bytes), guess == Format::html));
    Document document = TRY(read_text(text, format_of(text, path)));
    document.hash = hash;
    return document;
  };
  auto document = read();
  if (!document) return std::unexpected(document.error().at(path));
  document->path = path;
  if (document->title.empty()) document->title = std::filesystem::path(path).filename().string();
  return document;
}

Result<Document> read_file(const std::string& path, const ReadLimits& limits) {
  auto bytes = load(path, limits.bytes);
  if (!bytes) return std::unexpected(bytes.error().at(path));
  return read_bytes(std::move(*bytes), path, limits);
}

}  // namespace thalweg::documents
