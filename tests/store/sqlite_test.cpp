// What can happen to a database file.
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <thread>

#include "store/helpers.h"
#include "store/process.h"

using namespace thalweg;
using namespace thalweg::test;

namespace {
std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Somebody else's connection, with nothing of ours in between.
class Raw {
 public:
  explicit Raw(const std::string& path) { REQUIRE(sqlite3_open(path.c_str(), &database_) == SQLITE_OK); }
  Raw(const Raw&) = delete;
  Raw& operator=(const Raw&) = delete;
  ~Raw() { sqlite3_close(database_); }
  void run(const char* sql) {
    CAPTURE(sql);
    REQUIRE(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  }

 private:
  sqlite3* database_ = nullptr;
};

void wait_for_file(const std::string& path) {
  for (int i = 0; i < 3'000 && !std::filesystem::exists(path); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  REQUIRE(std::filesystem::exists(path));
}
}  // namespace

TEST_CASE("a file database keeps what was committed") {
  const World world;
  const Scratch folder;
  const Context context = world.within();
  {
    auto store = must(open_store(context, "sqlite:" + folder / "a.db"));
    CHECK(store->name() == "sqlite:" + folder / "a.db");
    must(store->commit(context, one("create table t (id bigint primary key, x text)")));
    must(store->commit(context, one("insert into t values ($1, $2)", {Value(1), Value("eins")})));
  }
  auto store = must(open_store(context, folder / "a.db"));
  CHECK(must(store->read(context, {"select id, x from t", {}})).cells == std::vector{Value(1), Value("eins")});
}

TEST_CASE("a database in memory reads and writes, and refuses to write in a read") {
  const World world;
  const Context context = world.within();
  const auto store = must(open_store(context, ":memory:"));
  must(store->commit(context, one("create table t (id bigint primary key)")));
  CHECK(count(*store, context, "t") == 0);
  CHECK(code_of(store->read(context, {"insert into t values (1)", {}})) == Code::invalid_argument);
  const auto other = must(open_store(context, ":memory:"));
  CHECK(code_of(other->read(context, {"select * from t", {}})) == Code::invalid_argument);
}

TEST_CASE("addresses that name no database are refused with a hint") {
  const World world;
  const Scratch folder;
  const auto error = [&](const std::string& url) { return open_store(world.within(), url).error(); };
  CHECK(error("mysql://host/x").code() == Code::invalid_argument);
  CHECK(error("sqlit:x").message().find("did you mean sqlite") != std::string::npos);
  CHECK(error("sqlite:").code() == Code::invalid_argument);
  CHECK(error("").code() == Code::invalid_argument);
  CHECK(error(folder / "missing/a.db").code() == Code::not_found);
  CHECK(error(folder / "missing/a.db").text().find("no folder") != std::string::npos);
  CHECK(error(folder.path()).code() == Code::invalid_argument);
  // No address of SQLite's own kind: a file with that name.
  const auto odd = must(open_store(world.within(), folder / "file:x?mode=memory"));
  CHECK(std::filesystem::exists(folder / "file:x?mode=memory"));
}

TEST_CASE("a lock held by another process: the call waits for it, but not longer than it may") {
  const World world;
  const Scratch folder;
  const std::string path = folder / "a.db";
  const auto store = must(open_store(world.within(), path, {.patience = kSecond / 5}));
  must(store->commit(world.within(), one("create table t (id bigint primary key)")));
  Raw raw(path);
  raw.run("begin immediate");
  CHECK(code_of(store->commit(world.within(0.05), one("insert into t values (1)"))) == Code::deadline_exceeded);
  const auto busy = store->commit(world.within(), one("insert into t values (1)"));
  CHECK(code_of(busy) == Code::unavailable);
  CHECK(busy.error().message().find("locked by another process") != std::string::npos);
  CHECK(count(*store, world.within(), "t") == 0);  // reading goes on beside the lock

  const auto patient = must(open_store(world.within(), folder / "b.db"));
  Raw other(folder / "b.db");
  must(patient->commit(world.within(), one("create table t (id bigint primary key)")));
  other.run("begin immediate");
  Box<Code> box;
  patient->commit(world.within(), one("insert into t values (1)"), [&](auto rows) { box.put(code_of(rows)); });
  CHECK(box.wait(1, 0.1).empty());
  other.run("insert into t values (2)");
  other.run("commit");
  CHECK(box.wait(1) == std::vector{Code::ok});
  CHECK(count(*patient, world.within(), "t") == 2);
  CHECK(patient->statistics().repeated > 0);
}

TEST_CASE("a group that waits for a lock sheds those whose time is over") {
  const World world;
  const Scratch folder;
  const auto store = must(open_store(world.within(), folder / "a.db"));
  must(store->commit(world.within(), one("create table t (id bigint primary key)")));
  Raw raw(folder / "a.db");
  raw.run("begin immediate");
  Box<std::pair<int, Code>> box;
  for (int i = 0; i < 10; ++i) {
    store->commit(world.within(i % 2 == 0 ? 0.05 : 30), one("insert into t values ($1)", {Value(i)}),
                  [&, i](auto rows) { box.put({i, code_of(rows)}); });
  }
  for (const auto& [i, code] : box.wait(5)) CHECK((i % 2 == 0 && code == Code::deadline_exceeded));
  raw.run("commit");
  for (const auto& [i, code] : box.wait(10)) CHECK(code == (i % 2 == 0 ? Code::deadline_exceeded : Code::ok));
  CHECK(count(*store, world.within(), "t") == 5);
}

TEST_CASE("the child that writes rows" * doctest::skip()) {
  const World world;
  const auto store = must(open_store(world.within(), variable("THALWEG_TEST_PATH")));
  for (int i = 0; i < 200; ++i) must(store->commit(world.within(), one("update counter set n = n + 1", {}, Expect::change)));
}

TEST_CASE("two processes write at the same time") {
  const World world;
  const Scratch folder;
  const auto store = must(open_store(world.within(), folder / "a.db"));
  must(store->commit(world.within(), one("create table counter (n bigint not null)")));
  must(store->commit(world.within(), one("insert into counter values (0)")));
  Child a("the child that writes rows", {"THALWEG_TEST_PATH=" + folder / "a.db"});
  Child b("the child that writes rows", {"THALWEG_TEST_PATH=" + folder / "a.db"});
  for (int i = 0; i < 200; ++i) must(store->commit(world.within(), one("update counter set n = n + 1")));
  CHECK(a.wait() == 0);
  CHECK(b.wait() == 0);
  CHECK(must(store->read(world.within(), {"select n from counter", {}}))[0][0] == Value(600));
}

TEST_CASE("the child that is killed while it writes" * doctest::skip()) {
  const World world;
  const auto store = must(open_store(world.within(), variable("THALWEG_TEST_PATH")));
  std::ofstream told(variable("THALWEG_TEST_PATH") + ".told");
  for (int i = 0;; ++i) {
    // Pairs: after a crash there are two of each or none.
    Transaction pair = one("insert into t values ($1, 'a')", {Value(i)});
    pair.statements.push_back({"insert into t values ($1, 'b')", {Value(i)}});
    must(store->commit(world.within(), std::move(pair)));
    told << i << std::endl;
  }
}

TEST_CASE("a process killed in mid-transaction leaves whole transactions, and all that it was told were kept") {
  const World world;
  for (int round = 0; round < 3; ++round) {
    const Scratch folder;
    const std::string path = folder / "a.db";
    {
      const auto store = must(open_store(world.within(), path));
      must(store->commit(world.within(), one("create table t (id bigint, half text)")));
    }
    Child child("the child that is killed while it writes", {"THALWEG_TEST_PATH=" + path});
    wait_for_file(path + ".told");
    std::this_thread::sleep_for(std::chrono::milliseconds(50 + 37 * round));
    child.kill(SIGKILL);
    CHECK(child.wait() == -SIGKILL);
    std::int64_t last_told = -1, number = 0;
    for (std::ifstream told(path + ".told"); told >> number;) last_told = number;
    const auto store = must(open_store(world.within(), path));
    const Rows rows =
        must(store->read(world.within(), {"select count(*), count(distinct id), coalesce(max(id), -1) from t", {}}));
    CHECK(rows[0][0].as_int() == 2 * rows[0][1].as_int());
    CHECK(rows[0][1].as_int() == rows[0][2].as_int() + 1);
    CHECK(rows[0][2].as_int() >= last_told);
    must(store->commit(world.within(), one("insert into t values (-1, 'c')")));
  }
}

TEST_CASE("the child whose disk is full" * doctest::skip()) {
  const World world;
  const auto store = must(open_store(world.within(), variable("THALWEG_TEST_PATH")));
  must(store->commit(world.within(), one("create table t (id bigint primary key, x text)")));
  must(store->commit(world.within(), one("insert into t values (0, 'small')")));
  rlimit limit{};
  ::getrlimit(RLIMIT_FSIZE, &limit);
  limit.rlim_cur = 600'000;
  ::signal(SIGXFSZ, SIG_IGN);
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  const auto full = store->commit(world.within(), one("insert into t values (1, $1)", {Value(std::string(3'000'000, 'x'))}));
  CHECK(code_of(full) == Code::resource_exhausted);
  CHECK(full.error().message().find("free some space") != std::string::npos);
  limit.rlim_cur = limit.rlim_max;
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  // With room again the same store goes on.
  must(store->commit(world.within(), one("insert into t values (2, $1)", {Value(std::string(3'000'000, 'x'))})));
  CHECK(must(store->read(world.within(), {"select id from t order by id", {}})).cells == std::vector{Value(0), Value(2)});
}

TEST_CASE("a full disk is told, loses nothing that was there, and ends") {
  const Scratch folder;
  Child child("the child whose disk is full", {"THALWEG_TEST_PATH=" + folder / "a.db"});
  CHECK(child.wait() == 0);
}

TEST_CASE("a real file system that is full") {
  const World world;
  const Scratch folder;
  if (::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=1m") != 0) {
    MESSAGE("no right to mount a small file system here; the limit on file sizes stands for it");
    return;
  }
  {
    const auto store = must(open_store(world.within(), folder / "a.db"));
    must(store->commit(world.within(), one("create table t (id bigint primary key, x text)")));
    CHECK(code_of(store->commit(world.within(), one("insert into t values (1, $1)", {Value(std::string(3'000'000, 'x'))}))) ==
          Code::resource_exhausted);
    CHECK(count(*store, world.within(), "t") == 0);
    must(store->commit(world.within(), one("insert into t values (2, 'small')")));
  }
  CHECK(::umount(folder.path().c_str()) == 0);
}

TEST_CASE("the child without rights" * doctest::skip()) {
  const World world;
  const std::string path = variable("THALWEG_TEST_PATH");
  const auto opened = open_store(world.within(), path);
  CHECK(code_of(opened) == Code::permission_denied);
  if (!opened) CHECK(opened.error().text().find("needs the right to") != std::string::npos);
}

TEST_CASE("a read-only file or folder is told with the right that is missing") {
  const World world;
  const Scratch folder;
  std::filesystem::create_directory(folder / "closed");
  must(open_store(world.within(), folder / "closed/a.db"));
  std::filesystem::create_directory(folder / "empty");
  std::filesystem::create_directory(folder / "file");
  must(open_store(world.within(), folder / "file/a.db"));
  ::chmod(folder.path().c_str(), 0755);
  ::chmod((folder / "closed").c_str(), 0555);
  ::chmod((folder / "closed/a.db").c_str(), 0444);
  ::chmod((folder / "empty").c_str(), 0555);
  ::chmod((folder / "file").c_str(), 0777);
  ::chmod((folder / "file/a.db").c_str(), 0444);
  // As another user when we are root, who may write everywhere.
  for (const char* path : {"closed/a.db", "empty/new.db", "file/a.db"}) {
    CAPTURE(path);
    Child child("the child without rights", {"THALWEG_TEST_PATH=" + folder / path}, "nobody");
    CHECK(child.wait() == 0);
  }
  CHECK_FALSE(std::filesystem::exists(folder / "empty/new.db"));
  ::chmod((folder / "closed").c_str(), 0755);
}

TEST_CASE("a file that is no database, or a damaged one, is refused and left as it is") {
  const World world;
  const Scratch folder;
  const std::string text(100'000, 'x');
  std::ofstream(folder / "text.db") << text;
  const auto refused = open_store(world.within(), folder / "text.db");
  CHECK(code_of(refused) == Code::data_loss);
  CHECK(refused.error().text().find("no SQLite database") != std::string::npos);
  CHECK(std::filesystem::file_size(folder / "text.db") == text.size());

  const std::string path = folder / "a.db";
  {
    const auto store = must(open_store(world.within(), path));
    must(store->commit(world.within(), one("create table t (id bigint primary key, x text)")));
    Transaction many;
    for (int i = 0; i < 500; ++i)
      many.statements.push_back({"insert into t values ($1, $2)", {Value(i), Value(std::string(500, 'x'))}});
    must(store->commit(world.within(), std::move(many)));
  }
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    const std::string noise(4'096 * 20, '\xA5');
    file.seekp(4'096 * 3);
    file.write(noise.data(), static_cast<std::streamsize>(noise.size()));
  }
  const auto store = must(open_store(world.within(), path));
  CHECK(code_of(store->read(world.within(), {"select sum(length(x)) from t", {}})) == Code::data_loss);
  Transaction group = one("update t set x = 'y'");
  CHECK(code_of(store->commit(world.within(), group)) == Code::data_loss);
}
