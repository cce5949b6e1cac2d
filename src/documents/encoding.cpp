#include "documents/encoding.h"

#include <lexbor/encoding/encoding.h>
#include <lexbor/html/encoding.h>

#include "base/utf8.h"

namespace thalweg::documents {

namespace {

Result<std::string> decode(std::string_view bytes, const lxb_encoding_data_t* encoding) {
  std::array<lxb_codepoint_t, 4096> points;
  lxb_encoding_decode_t context;
  if (lxb_encoding_decode_init(&context, encoding, points.data(), points.size()) != LXB_STATUS_OK) {
    return fail(Code::internal, "the decoder of an encoding cannot be made");
  }
  const lxb_codepoint_t replacement = LXB_ENCODING_REPLACEMENT_CODEPOINT;
  lxb_encoding_decode_replace_set(&context, &replacement, 1);
  std::string text;
  text.reserve(bytes.size() + bytes.size() / 8);
  const auto take = [&] {
    for (std::size_t i = 0; i < lxb_encoding_decode_buf_used(&context); ++i) {
      const lxb_codepoint_t point = points[i];
      utf8::append(text, point > 0x10FFFF || (point >= 0xD800 && point < 0xE000) ? U'\uFFFD' : static_cast<char32_t>(point));
    }
    lxb_encoding_decode_buf_used_set(&context, 0);
  };
  const auto* data = reinterpret_cast<const lxb_char_t*>(bytes.data());
  const auto* end = data + bytes.size();
  lxb_status_t status = LXB_STATUS_OK;
  do {
    const auto* before = data;
    status = encoding->decode(&context, &data, end);
    const bool stuck = data == before && lxb_encoding_decode_buf_used(&context) == 0;
    take();
    if (status == LXB_STATUS_SMALL_BUFFER && stuck) return fail(Code::internal, "the decoder makes no progress");
  } while (status == LXB_STATUS_SMALL_BUFFER);
  lxb_encoding_decode_finish(&context);
  take();
  return text;
}

const lxb_encoding_data_t* declared(std::string_view bytes) {
  lxb_html_encoding_t scan;
  if (lxb_html_encoding_init(&scan) != LXB_STATUS_OK) return nullptr;
  const auto* data = reinterpret_cast<const lxb_char_t*>(bytes.data());
  const lxb_encoding_data_t* found = nullptr;
  if (lxb_html_encoding_determine(&scan, data, data + std::min<std::size_t>(bytes.size(), 1024)) == LXB_STATUS_OK &&
      lxb_html_encoding_meta_length(&scan) > 0) {
    const lxb_html_encoding_entry_t* entry = lxb_html_encoding_meta_entry(&scan, 0);
    found = lxb_encoding_data_by_pre_name(entry->name, static_cast<std::size_t>(entry->end - entry->name));
  }
  lxb_html_encoding_destroy(&scan, false);
  return found;
}

// UTF-16 without a mark shows itself by zero bytes at every second place; UTF-8 validation would let it pass.
const lxb_encoding_data_t* by_zeros(std::string_view bytes) {
  const std::size_t looked = std::min<std::size_t>(bytes.size(), 4096) & ~std::size_t{1};
  std::array<std::size_t, 2> zeros{};
  for (std::size_t i = 0; i < looked; ++i) zeros[i % 2] += bytes[i] == '\0' ? 1 : 0;
  if (looked < 8 || zeros[0] + zeros[1] < looked / 4) return nullptr;
  if (zeros[1] > 10 * zeros[0]) return lxb_encoding_data(LXB_ENCODING_UTF_16LE);
  if (zeros[0] > 10 * zeros[1]) return lxb_encoding_data(LXB_ENCODING_UTF_16BE);
  return nullptr;
}

}  // namespace

Result<std::string> to_utf8(std::string bytes, bool html) {
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.erase(0, 3);
  if (bytes.starts_with("\xFF\xFE")) return decode(std::string_view(bytes).substr(2), lxb_encoding_data(LXB_ENCODING_UTF_16LE));
  if (bytes.starts_with("\xFE\xFF")) return decode(std::string_view(bytes).substr(2), lxb_encoding_data(LXB_ENCODING_UTF_16BE));
  if (const auto* wide = by_zeros(bytes)) return decode(bytes, wide);
  if (utf8::invalid_at(bytes) == std::string_view::npos) return bytes;
  const lxb_encoding_data_t* encoding = html ? declared(bytes) : nullptr;
  if (encoding == nullptr) {
    // Mostly UTF-8 with a slip reads better as UTF-8 with marks; one bad sequence in a hundred is the limit.
    std::size_t good = 0;
    std::size_t bad = 0;
    for (std::size_t at = 0; at < bytes.size();) {
      const auto step = utf8::step(bytes, at);
      if (step.code >= 0x80) ++(step.valid ? good : bad);
      at += step.length;
    }
    encoding = lxb_encoding_data(good > 100 * bad ? LXB_ENCODING_UTF_8 : LXB_ENCODING_WINDOWS_1252);
  }
  return decode(bytes, encoding);
}

std::string_view binary_kind(std::string_view bytes) noexcept {
  using Magic = std::pair<std::string_view, std::string_view>;
  static constexpr auto kMagics = std::to_array<Magic>({
      {"%PDF-", "a PDF document"},
      {"PK\x03\x04", "a zip archive (EPUB, DOCX, ODT, ...)"},
      {"\x7F"
       "ELF",
       "a program (ELF)"},
      {"\x89PNG", "a PNG image"},
      {"\xFF\xD8\xFF", "a JPEG image"},
      {"GIF8", "a GIF image"},
      {"\xD0\xCF\x11\xE0", "an old Microsoft Office document"},
      {"%!PS", "a PostScript document"},
      {"{\\rtf", "an RTF document"},
      {"SQLite format 3", "an SQLite database"},
      {"\x28\xB5\x2F\xFD", "zstd-compressed data"},
      {"BZh", "bzip2-compressed data"},
      {"\xFD\x37zXZ", "xz-compressed data"},
      {"!<arch>", "an archive (.deb, .a)"},
  });
  const std::string_view head = bytes.substr(0, 1024);
  for (const auto& [magic, kind] : kMagics) {
    if (head.starts_with(magic)) return kind;
  }
  // A PDF may begin with other bytes.
  if (head.contains("%PDF-1.") || head.contains("%PDF-2.")) return "a PDF document";
  if (head.starts_with("\xFF\xFE") || head.starts_with("\xFE\xFF") || by_zeros(bytes) != nullptr) return "";
  const std::string_view sample = bytes.substr(0, 65536);
  std::size_t control = 0;
  for (const char c : sample) {
    const auto byte = static_cast<unsigned char>(c);
    control +=
        byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r' && byte != '\f' && byte != 0x1B && byte != '\b' ? 1 : 0;
  }
  return control > sample.size() / 50 ? "binary data" : "";
}

}  // namespace thalweg::documents
