#include "documents/reader.h"

#include <doctest/doctest.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>

#include "base/utf8.h"
#include "documents/html_guard.h"
#include "documents/manuals.h"
#include "documents/readers.h"
#include "scratch.h"

using namespace thalweg;
using namespace thalweg::documents;
namespace fs = std::filesystem;

namespace {

std::string zipped(std::string_view text) {
  std::string out(compressBound(text.size()) + 64, '\0');
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string all_text(const Document& document) {
  std::string text;
  for (const Section& section : document.sections) text += section.text + "\n\n";
  return text;
}

Error error_of(std::string bytes, std::string_view name, ReadLimits limits = {}) {
  const auto document = read_bytes(std::move(bytes), name, limits);
  REQUIRE_FALSE(document);
  return document.error();
}

}  // namespace

TEST_CASE("HTML becomes sections with their headings, without what leads through the page") {
  const auto document = read_bytes(R"(<!DOCTYPE html><html><head><title>The  Manual</title><style>p{}</style></head><body>
    <div class="navheader">Prev Next</div><nav>Home</nav>
    <h1>Cats<a class="headerlink" href="#">#</a></h1><p>Cats   are <b>small</b>&nbsp;animals.</p>
    <h2>Food</h2><ul><li>mice</li><li><p>fish</p><p>Raw or cooked.</p></li></ul>
    <dl><dt>purr</dt><dd>A sound.</dd></dl>
    <pre>cat &lt;file&gt;

    | sort</pre><table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>
    <h1>Dogs</h1><p>Dogs bark.<script>alert(1)</script></p><div class="toc"><p>Contents</p></div><footer>2026</footer></body></html>)",
                                   "cats.html")
                            .value();
  CHECK(document.title == "The Manual");
  REQUIRE(document.sections.size() == 3);
  CHECK(document.sections[0].text == "Cats are small animals.");
  CHECK(document.sections[1].titles == std::vector<std::string>{"Cats", "Food"});
  CHECK(document.sections[1].level == 2);
  CHECK(document.sections[1].text ==
        "- mice\n\n- fish\n\nRaw or cooked.\n\n- purr: A sound.\n\ncat <file>\n    | sort\n\na | b\n1 | 2");
  CHECK(document.sections[2].titles == std::vector<std::string>{"Dogs"});
  CHECK(document.sections[2].text == "Dogs bark.");
}

TEST_CASE("Markdown and plain text become the same kind of sections") {
  const auto markdown = read_bytes(
                            "# Cats\n\nCats are *small*\nanimals.\n\n- mice\n- fish\n\n```\na\n\nb\n```\n\n| x | y "
                            "|\n|---|---|\n| 1 | 2 |\n\n## Dogs\nBark.\n",
                            "a.md")
                            .value();
  REQUIRE(markdown.sections.size() == 2);
  CHECK(markdown.title == "Cats");
  CHECK(markdown.sections[0].text == "Cats are small animals.\n\n- mice\n\n- fish\n\na\nb\n\nx | y\n1 | 2");
  CHECK(markdown.sections[1].titles == std::vector<std::string>{"Cats", "Dogs"});
  const auto plain =
      read_bytes("Cats\n====\n\nCats are small\nanimals.\n\n1.2. Dogs\n\nDogs bark.\n* mice\n* fish\n", "a.txt").value();
  REQUIRE(plain.sections.size() == 2);
  CHECK(plain.sections[0].text == "Cats are small animals.");
  CHECK(plain.sections[1].titles == std::vector<std::string>{"Cats", "1.2. Dogs"});
  CHECK(plain.sections[1].text == "Dogs bark.\n\n- mice\n\n- fish");
}

TEST_CASE("encodings come out as UTF-8") {
  const auto text_of = [](std::string bytes, const char* name = "a.txt") {
    return read_bytes(std::move(bytes), name).value().sections.at(0).text;
  };
  CHECK(text_of("\xEF\xBB\xBF"
                "caf\xC3\xA9") == "caf\u00E9");
  CHECK(text_of("caf\xE9 cr\xE8me") == "caf\u00E9 cr\u00E8me");  // windows-1252
  CHECK(text_of(std::string("\xFF\xFE"
                            "c\0a\0f\0\xE9\0",
                            10)) == "caf\u00E9");
  CHECK(text_of(std::string("\xFE\xFF\0c\0a\0f\0\xE9", 10)) == "caf\u00E9");
  CHECK(text_of(std::string("c\0a\0f\0e\0 \0a\0u\0 \0l\0a\0i\0t\0", 24)) == "cafe au lait");  // no mark
  CHECK(text_of("<html><head><meta charset=\"koi8-r\"></head><body><p>\xCB\xCF\xD4</p></body></html>", "a.html") ==
        "\u043A\u043E\u0442");
}

TEST_CASE("gzip is unpacked, in one or several members; broken or endless gzip is told") {
  const std::string text = "Cats are small animals.\n";
  CHECK(read_bytes(zipped(text), "a.txt.gz").value().sections.at(0).text == "Cats are small animals.");
  CHECK(read_bytes(zipped("<html><body><p>Cats.</p></body></html>"), "a.html.gz").value().sections.at(0).text == "Cats.");
  CHECK(unzipped(zipped("a") + zipped("b"), 100).value() == "ab");
  const std::string whole = zipped(text + text + text);
  CHECK(error_of(whole.substr(0, whole.size() / 2), "a.gz").code() == Code::data_loss);
  CHECK(error_of(whole.substr(0, whole.size() / 2), "a.gz").text().contains("ends too early"));
  std::string flipped = whole;
  flipped[12] = static_cast<char>(flipped[12] ^ 0x55);
  CHECK(error_of(flipped, "a.gz").code() == Code::data_loss);
  const std::string bomb = zipped(std::string(100 << 20, ' '));  // 100 kB of gzip
  CHECK(bomb.size() < 200'000);
  CHECK(error_of(bomb, "bomb.gz").code() == Code::resource_exhausted);
}

TEST_CASE("what is no text is refused by what it looks like") {
  CHECK(error_of("%PDF-1.7\n%\xE2\xE3\xCF\xD3", "report.txt").text().contains("report.txt: looks like a PDF document"));
  CHECK(error_of(zipped("%PDF-1.4 etc"), "policy.pdf.gz").text().contains("PDF"));
  CHECK(error_of("PK\x03\x04...", "book.md").text().contains("zip archive"));
  CHECK(error_of(std::string("ab\0\0\x01\x02\x03\0\0\x07", 10), "a.html").text().contains("binary data"));
  CHECK(error_of("hello", "big.txt", {.bytes = 3}).code() == Code::resource_exhausted);
  CHECK(read_file("/nonexistent/a.txt").error().code() == Code::not_found);
  CHECK(read_file("/dev/null").error().text().contains("no regular file"));
  CHECK(read_bytes("", "empty.txt").value().sections.empty());
}

TEST_CASE("HTML that would take a parser minutes is refused in no time; broken HTML is read") {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<div>";
  CHECK(error_of(deep, "deep.html").text().contains("levels deep at byte"));
  std::string wide = "<p";
  for (int i = 0; i < 20'000; ++i) wide += fmt::format(" a{}=1", i);
  CHECK(error_of(wide + ">x</p>", "wide.html").text().contains("attributes"));
  std::string paragraphs;
  for (int i = 0; i < 100'000; ++i) paragraphs += "<p>x<li>y<br>";
  CHECK(check_html(paragraphs));
  CHECK(check_html("<script>" + deep + "</script>"));
  CHECK(check_html("<!-- " + deep));
  CHECK(read_html("<p>un<b>closed <i>tags").value().sections.at(0).text == "unclosed tags");
  CHECK(read_html(std::string_view("<p>a\0b</p>", 10)).value().sections.size() == 1);
  CHECK(read_html("</div></p><td>").has_value());
  CHECK(read_html("<!-- never closed").value().sections.empty());
  std::string fifty = "<html><body>";
  while (fifty.size() < (50U << 20)) fifty += "<p>Cats are small animals, and dogs are not.</p>\n";
  CHECK(read_bytes(std::move(fifty), "fifty.html").value().sections.at(0).text.size() > (20U << 20));
}

TEST_CASE("mutated manuals never crash a reader, and what comes out is UTF-8") {
  const std::string original = bytes_of("/usr/share/doc/debian/FAQ/pkg-basics.en.html");
  REQUIRE(original.size() > 10'000);
  std::uint64_t state = 42;
  const auto next = [&] { return (state = state * 6364136223846793005U + 1442695040888963407U) >> 33; };
  for (int round = 0; round < 60; ++round) {
    std::string bytes = original.substr(0, original.size() / 4 + next() % (original.size() / 2));
    for (int change = 0; change < 100; ++change)
      bytes[next() % bytes.size()] = static_cast<char>(next() % 5 == 0 ? "<>\"&/"[next() % 5] : next());
    const auto document = read_html(bytes);
    if (!document) continue;
    (void)cut(*document);
    const auto text = read_bytes(bytes, "a.html");
    if (text) CHECK(utf8::invalid_at(all_text(*text)) == std::string::npos);
  }
}

TEST_CASE("patterns match names and paths") {
  CHECK(matches("*.html", "/a/b/c.html"));
  CHECK_FALSE(matches("*.html", "/a/b/c.html.gz"));
  CHECK(matches("b/*.html", "/a/b/c.html"));
  CHECK_FALSE(matches("a/*.html", "/a/b/c.html"));
  CHECK(matches("a/**/*.html", "/a/b/c/d.html"));
  CHECK(matches("a/**/*.html", "/a/d.html"));
  CHECK(matches("**/_sources/**", "/a/_sources/b/c.txt"));
  CHECK_FALSE(matches("**/_sources/**", "/a/sources/c.txt"));
  CHECK(matches("ch??.html", "ch01.html"));
  CHECK_FALSE(matches("", "a"));
}

TEST_CASE("folders are visited once, and files named by the shortest way to them") {
  const Scratch inside;
  const Scratch elsewhere;
  const fs::path& folder = inside.folder();
  const fs::path& outside = elsewhere.folder();
  fs::create_directories(folder / "a/b/c");
  std::ofstream(folder / "a/b/c/deep.md") << "x";
  std::ofstream(folder / "top.md") << "x";
  std::ofstream(outside / "far.md") << "x";
  fs::create_directory_symlink(".", folder / "loop");
  fs::create_directory_symlink("..", folder / "a/up");
  fs::create_directory_symlink("a/b", folder / "near");
  fs::create_symlink("top.md", folder / "alias.md");
  fs::create_symlink("nowhere.md", folder / "dangling.md");
  fs::create_symlink(outside / "far.md", folder / "far.md");
  const auto found = find_files({folder.string()}).value();
  const auto at = [&](const char* name) { return (folder / name).string(); };
  // Through the link "near" the deep file is one step nearer; the link out of the folder is followed.
  CHECK(found == std::vector{at("far.md"), at("near/c/deep.md"), at("top.md")});
  CHECK(find_files({(folder / "loop/loop").string(), folder.string()}).value().size() == 3);
}

TEST_CASE("files are found once, the HTML form before the text form, generated pages left out") {
  const Scratch scratch;
  const fs::path& folder = scratch.folder();
  fs::create_directories(folder / "_sources");
  for (const char* name : {"manual.html", "manual.txt.gz", "genindex.html", "notes.txt", "picture.png", "_sources/a.txt"})
    std::ofstream(folder / name) << "x";
  fs::create_symlink(folder / "notes.txt", folder / "zz.txt");
  fs::create_directory_symlink(folder, folder / "circle");
  const auto found = find_files({folder.string()}).value();
  CHECK(found.size() == 2);
  CHECK(fs::path(found[0]).filename() == "manual.html");
  CHECK(find_files({folder.string()}, {.patterns = {"*.png"}, .exclude = {}}).value().size() == 1);
  CHECK(find_files({folder.string()}, {.patterns = {"*.pdf"}, .exclude = {}}).error().text().contains("*.pdf"));
  CHECK(find_files({(folder / "missing").string()}).error().code() == Code::not_found);
}

TEST_CASE("Debian's manuals are read whole") {
  const auto documents = read_manuals().value();
  CHECK(documents.size() > 70);
  std::size_t sections = 0;
  for (const Document& document : documents) {
    sections += document.sections.size();
    CHECK_MESSAGE(!document.title.empty(), document.path);
    CHECK_MESSAGE(utf8::invalid_at(all_text(document)) == std::string::npos, document.path);
    CHECK_MESSAGE(!all_text(document).contains("Table of Contents"), document.path);
  }
  CHECK(sections > 1'200);
}
