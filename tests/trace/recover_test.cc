// A run that is killed leaves a record file from which its trace is written.
#include <csignal>
#include <cstdlib>
#include <fstream>

#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"
#include "trace/convert.h"

namespace {

using trace_test::Point;
using trace_test::Step;

class Recover : public trace_test::Recording {
 protected:
  // Runs `body` in a process of its own that ends by SIGKILL, and recovers.
  template <class Body>
  std::string killed(const Body& body) {
    const pid_t child = fork();
    if (child == 0) {
      // Room for all, however late the writer thread gets its turn.
      trace::open({.file = path("k.json"), .ring_bytes = std::size_t{64} << 20});
      body();
      kill(getpid(), SIGKILL);
      pause();
    }
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status));
    EXPECT_FALSE(std::filesystem::exists(path("k.json")));
    converted_ = trace::detail::convert(path("k.json.rec"), path("k.json"));
    return trace_test::read_file(path("k.json"));
  }

  trace::detail::Converted converted_;
};

// A change of the format would leave the fuzzer with inputs that are refused at once.
TEST_F(Recover, TheSeedsOfItsFuzzerHoldEvents) {
  for (const char* seed : {"small.rec", "open.rec"}) {
    const auto converted = trace::detail::convert(
        std::string(VITRINE_SOURCE_DIR) + "/tests/fuzz/corpus/trace_recover/" + seed,
        path("seed.json"));
    EXPECT_GT(converted.events, 10U) << seed;
    EXPECT_EQ(converted.unreadable, 0U) << seed;
  }
}

TEST_F(Recover, TheLastEventBeforeSigkillIsThere) {
  const std::string text = killed([] { trace::instant(Point{.text = "the very last"}); });

  EXPECT_NE(text.find("the very last"), std::string::npos);
  EXPECT_EQ(trace_test::validate_text(text), 1U);
}

TEST_F(Recover, SpansThatWereOpenAreBeginEvents) {
  const std::string text = killed([] {
    const trace::Span outer{Step{.name = "outer"}};
    { const trace::Span done{Step{.name = "done"}}; }
    const trace::Span inner{Step{.name = "inner"}};
    kill(getpid(), SIGKILL);
    pause();
  });

  trace::Reader reader(text, "text");
  trace::Event event;
  std::string phases;
  while (reader.next(event)) {
    phases += static_cast<char>(event.phase);
  }
  EXPECT_EQ(phases, "BXB");
  EXPECT_FALSE(converted_.complete);
  EXPECT_EQ(trace_test::validate_text(text), 3U);
}

TEST_F(Recover, EveryEventOfALongRunIsThereOnce) {
  constexpr std::uint64_t rounds = 200000;
  const std::string text = killed([] {
    for (std::uint64_t i = 0; i < rounds; ++i) {
      const trace::Span span{Step{.name = "loop", .natural = i}};
    }
  });

  trace::Reader reader(text, "text");
  trace::Event event;
  std::uint64_t expected = 0;
  while (reader.next(event)) {
    ASSERT_EQ(event.args[3].bits, expected++);
  }
  EXPECT_EQ(expected + reader.header().lost, rounds);
  EXPECT_EQ(reader.header().lost, 0U);
}

TEST_F(Recover, EventsFromBeforeTheFileWasOpenedAreThere) {
  const pid_t child = fork();
  if (child == 0) {
    // Recording into memory is what a program starts with; in this process the
    // fixture ended that, so a short session begins it again.
    trace::open({.file = path("first.json")});
    trace::close();
    trace::open({.file = path("k.json")});
    trace::instant(Point{.text = "after"});
    kill(getpid(), SIGKILL);
    pause();
  }
  int status = 0;
  waitpid(child, &status, 0);
  trace::detail::convert(path("k.json.rec"), path("k.json"));

  EXPECT_EQ(trace_test::validate_text(trace_test::read_file(path("k.json"))), 1U);
}

TEST_F(Recover, ALeftoverRecordFileIsKeptByTheNextRun) {
  killed([] { trace::instant(Point{.text = "first run"}); });
  trace::open({.file = path("k.json")});
  trace::close();

  trace::detail::convert(path("k.json.rec.old"), path("old.json"));
  EXPECT_NE(trace_test::read_file(path("old.json")).find("first run"), std::string::npos);
}

TEST_F(Recover, ARecordFileInUseIsRefused) {
  trace::open({.file = path("k.json")});
  const pid_t child = fork();
  if (child == 0) {
    trace::discard();
    try {
      trace::open({.file = path("k.json")});
    } catch (const std::system_error&) {
      _exit(3);
    }
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 3);
}

TEST_F(Recover, SomethingElseIsNotTakenForARecordFile) {
  trace_test::write_file(path("x.rec"), std::string(100000, 'x'));

  EXPECT_THROW(trace::detail::convert(path("x.rec"), path("x.json")), std::runtime_error);
  EXPECT_FALSE(std::filesystem::exists(path("x.json")));
}

// The exit status of a child, or the signal that ended it as a negative number.
int status_of(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

// Mounts a file system of half a mebibyte in a name space of this process alone. Who is
// not root becomes it in there.
bool mount_small_file_system(const std::string& at) {
  const std::string user = "0 " + std::to_string(getuid()) + " 1";
  if (unshare(CLONE_NEWNS) != 0) {
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) {
      return false;
    }
    trace_test::write_file("/proc/self/uid_map", user);
  }
  mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
  return mount("none", at.c_str(), "tmpfs", 0, "size=512k") == 0;
}

// Runs in a process of its own: 0 done, 77 nobody may mount here, else by the exception.
[[noreturn]] void convert_on_full_disk(const std::string& folder,
                                       const std::string& records,
                                       const std::string& to) {
  if (!mount_small_file_system(folder)) {
    _exit(77);
  }
  try {
    const std::string file = folder + "/k.rec";
    trace_test::write_file(file, records.substr(0, 1 << 18));
    std::filesystem::resize_file(file, 1 << 21);
    trace_test::write_file(folder + "/rest", std::string(1 << 19, 'x'));
    trace::detail::convert(file, to);
    _exit(0);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    _exit(1);
  }
}

TEST_F(Recover, ARecordFileWithHolesIsReadOnAFullFileSystem) {
  killed([] { trace::instant(Point{.text = "written before"}); });
  const std::string records = trace_test::read_file(path("k.json.rec"));
  std::filesystem::create_directory(path("full"));
  const pid_t child = fork();
  if (child == 0) {
    convert_on_full_disk(path("full"), records, path("holes.json"));
  }
  const int status = status_of(child);
  if (status == 77) {
    GTEST_SKIP() << "this host lets nobody mount in a name space of their own";
  }
  ASSERT_EQ(status, 0);
  EXPECT_NE(trace_test::read_file(path("holes.json")).find("written before"),
            std::string::npos);
}

// As above; records until the file system is full and far beyond.
[[noreturn]] void record_on_full_disk(const std::string& folder, const std::string& to) {
  if (!mount_small_file_system(folder)) {
    _exit(77);
  }
  try {
    trace::open({.file = folder + "/t.json"});
    for (int i = 0; i < 100000; ++i) {
      trace::instant(Point{.text = "one of a hundred thousand"});
    }
    trace::detail::convert(folder + "/t.json.rec", to);
    _exit(0);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    _exit(1);
  }
}

TEST_F(Recover, AFullDiskCostsEventsAndTheTraceSaysHowMany) {
  std::filesystem::create_directory(path("full"));
  const pid_t child = fork();
  if (child == 0) {
    record_on_full_disk(path("full"), path("t.json"));
  }
  const int status = status_of(child);
  if (status == 77) {
    GTEST_SKIP() << "this host lets nobody mount in a name space of their own";
  }
  ASSERT_EQ(status, 0);
  const std::string text = trace_test::read_file(path("t.json"));
  const std::size_t lost = text.find("\"lost\":") + 7;
  const std::size_t instants = text.find("\"instants\":") + 11;
  const int lost_count = std::stoi(text.substr(lost));
  EXPECT_GT(lost_count, 90000);
  // Where records are missing there is an event more that says so.
  EXPECT_GE(lost_count + std::stoi(text.substr(instants)), 100000);
}

TEST_F(Recover, AnyTruncationOfARecordFileGivesAValidTraceOrAnError) {
  killed([] {
    for (int i = 0; i < 300; ++i) {
      const trace::Span span{Step{.name = "loop", .number = i}};
    }
  });
  const std::string records = trace_test::read_file(path("k.json.rec"));
  for (std::size_t size = 0; size < records.size(); size += 1 + size / 7) {
    trace_test::write_file(path("cut.rec"), std::string_view(records).substr(0, size));
    try {
      trace::detail::convert(path("cut.rec"), path("cut.json"));
    } catch (const std::runtime_error&) {
      continue;
    }
    trace_test::validate_text(trace_test::read_file(path("cut.json")));
  }
}

TEST_F(Recover, AnyBrokenByteGivesAValidTraceOrAnError) {
  killed([] {
    for (int i = 0; i < 20; ++i) {
      const trace::Span span{Step{.name = "loop", .number = i}};
    }
  });
  const std::string records = trace_test::read_file(path("k.json.rec"));
  for (std::size_t at = 0; at < records.size(); at += at < 12000 ? 37 : 997) {
    if (records[at] == '\0' && at > 12000) {
      continue;
    }
    std::string broken = records;
    broken[at] = static_cast<char>(~broken[at]);
    trace_test::write_file(path("bad.rec"), broken);
    try {
      trace::detail::convert(path("bad.rec"), path("bad.json"));
    } catch (const std::runtime_error&) {
      continue;
    }
    trace_test::validate_text(trace_test::read_file(path("bad.json")));
  }
}

}  // namespace
