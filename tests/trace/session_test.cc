// Recording as a whole: from emitting to the file.
#include <atomic>
#include <cstdlib>
#include <memory>
#include <thread>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include "support.h"
#include "trace/catalogue.h"

namespace {

using trace_test::Level;
using trace_test::Point;
using trace_test::Step;

// Emitted before main() by a constructor that runs before the recorder's own are
// certain to have run; DefaultSession.* looks for it.
__attribute__((constructor(102))) void emit_early() {
  const trace::Span span{Step{.name = "before main"}};
}

const bool early_trace_written = [] {
  const std::string file = (std::filesystem::temp_directory_path() /
                            ("vitrine-early-" + std::to_string(getpid()) + ".json"))
                               .string();
  trace::open({.file = file});
  trace::close();
  return true;
}();

TEST(BeforeMain, AnEventOfAConstructorIsInTheTrace) {
  const std::string file = (std::filesystem::temp_directory_path() /
                            ("vitrine-early-" + std::to_string(getpid()) + ".json"))
                               .string();
  ASSERT_TRUE(early_trace_written);

  const std::string text = trace_test::read_file(file);
  std::filesystem::remove(file);

  EXPECT_NE(text.find("before main"), std::string::npos);
  EXPECT_EQ(trace_test::validate_text(text), 1U);
}

using Session = trace_test::Recording;

TEST_F(Session, AnEmptyTraceIsValid) {
  const std::string text = record([] {});

  EXPECT_EQ(trace_test::validate_text(text), 0U);
}

TEST_F(Session, EveryFieldTypeIsWrittenInItsOwnForm) {
  const std::string text = record([] {
    trace::Span span{Step{.name = "n",
                          .flag = true,
                          .number = -3,
                          .natural = 7,
                          .real = 0.5,
                          .address = {0xfee0},
                          .object = {"kvm-accel", 1},
                          .when = 9}};
    span.result(Step::Result{.error = -22});
  });

  EXPECT_NE(
      text.find(R"("args":{"name":"n","flag":true,"number":-3,"natural":7,"real":0.5,)"
                R"("address":"0xfee0","object":"kvm-accel#1","when":9,"error":-22})"),
      std::string::npos)
      << text;
}

TEST_F(Session, ASpanWithoutAResultHasOnlyItsFields) {
  const std::string text = record([] { const trace::Span span{Step{.name = "n"}}; });

  EXPECT_EQ(text.find("\"error\":"), std::string::npos);
  EXPECT_EQ(trace_test::validate_text(text), 1U);
}

TEST_F(Session, EventsInsideASpanNameItAsTheirParent) {
  const std::string text = record([] {
    const trace::Span outer{Step{.name = "outer"}};
    const trace::Span inner{Step{.name = "inner"}};
    trace::instant(Point{.text = "p"});
  });

  trace::Reader reader(text, "text");
  trace::Event event;
  std::vector<std::uint64_t> parents;
  while (reader.next(event)) {
    if (!event.is_flow()) {
      parents.push_back(event.par);
    }
  }
  EXPECT_EQ(parents, (std::vector<std::uint64_t>{0, 1, 2}));
}

TEST_F(Session, LocIsTheLineThatEmitted) {
  const int line = __LINE__ + 1;
  const std::string text = record([] { trace::instant(Point{.text = "here"}); });

  EXPECT_NE(text.find("session_test.cc:" + std::to_string(line) + "\""),
            std::string::npos)
      << text;
}

TEST_F(Session, TextIsEscapedAndWhatIsNotUtf8IsReplaced) {
  const std::string text =
      record([] { trace::instant(Point{.text = "\"\\\n\x01\xff\xe4\xbd\xa0"}); });

  EXPECT_NE(text.find(R"("text":"\"\\\n\u0001)"
                      "\xef\xbf\xbd\xe4\xbd\xa0\""),
            std::string::npos)
      << text;
  EXPECT_EQ(trace_test::validate_text(text), 1U);
}

TEST_F(Session, LongTextIsCutAtACharacterAndSaysSo) {
  std::string long_text;
  for (int i = 0; i < 1000; ++i) {
    long_text += "\xe4\xbd\xa0";
  }
  const std::string text = record([&] { trace::instant(Point{.text = long_text}); });

  trace::Reader reader(text, "text");
  trace::Event event;
  ASSERT_TRUE(reader.next(event));
  EXPECT_LE(event.args[0].text.size(), trace::max_text);
  EXPECT_NE(event.args[0].text.find("\xe2\x80\xa6"), std::string_view::npos);
}

TEST_F(Session, EventsOfOneObjectAreTiedByAFlow) {
  const std::string text = record([] {
    for (int i = 0; i < 3; ++i) {
      const trace::Span span{Step{.name = "n", .object = {"pc", 1}}};
    }
    const trace::Span alone{Step{.name = "n", .object = {"pc", 2}}};
  });

  trace::Reader reader(text, "text");
  trace::Event event;
  std::string phases;
  while (reader.next(event)) {
    phases += event.is_flow() ? static_cast<char>(event.phase) : ' ';
  }
  EXPECT_EQ(phases, " s t f ");
}

TEST_F(Session, ASpanOpenAtTheEndIsABeginEvent) {
  trace::open({.file = path("t.json")});
  auto span = std::make_unique<trace::Span<Step>>(Step{.name = "open"});
  trace::instant(Point{.text = "inside"});
  trace::close();
  span.reset();

  const std::string text = trace_test::read_file(path("t.json"));
  EXPECT_NE(text.find("\"name\":\"test_step\",\"cat\":\"qom\",\"ph\":\"B\""),
            std::string::npos);
  EXPECT_EQ(trace_test::validate_text(text), 2U);
}

TEST_F(Session, TheSecondSessionKnowsNothingOfTheFirst) {
  record([] { trace::instant(Point{.text = "first"}); });
  const std::string text = record([] { trace::instant(Point{.text = "second"}); });

  EXPECT_EQ(text.find("first"), std::string::npos);
  EXPECT_EQ(trace_test::validate_text(text), 1U);
}

TEST_F(Session, ChunksNotDrainedWhenASessionEndsDoNotReachTheNext) {
  const std::string filler(1000, 'x');
  for (int round = 0; round < 10; ++round) {
    for (const std::uint64_t events : {200U, 100U}) {
      const std::string text = record([&] {
        for (std::uint64_t i = 0; i < events; ++i) {
          trace::instant(Point{.text = filler});
        }
      });
      ASSERT_EQ(trace_test::validate_text(text), events);
    }
  }
}

TEST_F(Session, NothingIsLeftBesideTheTrace) {
  record([] { trace::instant(Point{.text = "p"}); });

  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    EXPECT_EQ(entry.path().filename(), "t.json");
    ++files;
  }
  EXPECT_EQ(files, 1U);
}

TEST_F(Session, AFolderThatIsNotThereIsNamedInTheError) {
  try {
    trace::open({.file = path("no/such/t.json")});
    FAIL() << "opened";
  } catch (const std::system_error& error) {
    EXPECT_NE(std::string(error.what()).find("no/such/t.json"), std::string::npos);
  }
}

TEST_F(Session, MetadataIsInTheHeaderAndTheLastWordCounts) {
  const std::string text = record([] {
    trace::set_metadata("accel", "kvm");
    trace::set_metadata("accel", "tcg");
  });

  trace::Reader reader(text, "text");
  ASSERT_EQ(reader.header().metadata.size(), 1U);
  EXPECT_EQ(reader.header().metadata[0],
            (std::pair<std::string, std::string>{"accel", "tcg"}));
}

TEST_F(Session, ThreadsHaveTheNumbersAndNamesTheyGave) {
  const std::string text = record([] {
    std::thread vcpu([] {
      trace::name_thread(10, "vcpu 0");
      trace::instant(Point{.text = "in vcpu"});
    });
    vcpu.join();
    trace::instant(Point{.text = "in main"});
  });

  trace::Reader reader(text, "text");
  EXPECT_EQ(reader.header().threads,
            (std::vector<std::pair<int, std::string>>{{1, "main"}, {10, "vcpu 0"}}));
}

TEST_F(Session, ManyThreadsAtOnceGiveAValidTraceWithEveryEvent) {
  constexpr int threads = 6;
  constexpr int rounds = 20000;
  const std::string text = record([] {
    std::vector<std::thread> all;
    for (int t = 0; t < threads; ++t) {
      all.emplace_back([t] {
        trace::name_thread(10 + t, "worker");
        for (int i = 0; i < rounds; ++i) {
          trace::Span span{Step{.name = "work", .number = i}};
          trace::counter(Level{.value = static_cast<std::uint64_t>(i)});
          span.result(Step::Result{.error = t});
        }
      });
    }
    for (std::thread& thread : all) {
      thread.join();
    }
  });

  EXPECT_EQ(trace_test::validate_text(text), 2U * threads * rounds)
      << text.substr(0, 400);
}

TEST_F(Session, AThreadThatEmitsDuringOpenAndCloseHarmsNothing) {
  std::atomic<bool> stop{false};
  std::thread noise([&] {
    trace::name_thread(10, "noise");
    while (!stop.load()) {
      const trace::Span span{Step{.name = "noise"}};
    }
  });
  for (int i = 0; i < 20; ++i) {
    const std::string text = record([] { trace::instant(Point{.text = "p"}); });
    EXPECT_GE(trace_test::validate_text(text), 1U);
  }
  stop.store(true);
  noise.join();
}

TEST_F(Session, OverflowIsCountedInTheHeaderAndShownWhereItHappened) {
  constexpr int rounds = 50000;
  std::string filler(1000, 'x');
  // A bound of two chunks and a burst of 50 MB: the writer cannot keep up.
  const std::string text = record(
      [&] {
        for (int i = 0; i < rounds; ++i) {
          trace::instant(Point{.text = filler});
        }
      },
      128 * 1024);

  trace::Reader reader(text, "text");
  const std::uint64_t lost = reader.header().lost;
  std::uint64_t shown = 0;
  std::uint64_t points = 0;
  trace::Event event;
  while (reader.next(event)) {
    if (event.name() == "trace_lost") {
      shown += event.args[0].bits;
    } else {
      ++points;
    }
  }
  EXPECT_GT(lost, 0U);
  EXPECT_EQ(shown, lost);
  EXPECT_EQ(points + lost, static_cast<std::uint64_t>(rounds));
}

TEST_F(Session, SpansKeepNestingThroughAnOverflow) {
  std::string filler(1000, 'x');
  const std::string text = record(
      [&] {
        for (int i = 0; i < 20000; ++i) {
          const trace::Span outer{Step{.name = filler}};
          const trace::Span inner{Step{.name = filler}};
          trace::instant(Point{.text = filler});
        }
      },
      128 * 1024);

  trace::Reader reader(text, "text");
  EXPECT_GT(reader.header().lost, 0U);
  trace::validate(reader);
}

TEST_F(Session, AnEqualRunHasAnEqualCanonicalForm) {
  const auto run = [] {
    std::thread vcpu([] {
      trace::name_thread(10, "vcpu 0");
      for (int i = 0; i < 1000; ++i) {
        const trace::Span span{
            Step{.name = "exit", .number = i, .when = trace::now_ns()}};
      }
    });
    for (int i = 0; i < 1000; ++i) {
      trace::instant(Point{.text = "main loop"});
    }
    vcpu.join();
  };

  const std::string first = trace_test::canonical_text(record(run));
  const std::string second = trace_test::canonical_text(record(run));

  EXPECT_EQ(first, second);
  EXPECT_GT(first.size(), 100000U);
}

TEST_F(Session, TheCanonicalFormSeesAChangedState) {
  const auto run = [](int number) {
    return [number] { const trace::Span span{Step{.name = "n", .number = number}}; };
  };

  EXPECT_NE(trace_test::canonical_text(record(run(1))),
            trace_test::canonical_text(record(run(2))));
}

TEST_F(Session, APatternSwitchesOffWhatItDoesNotName) {
  EXPECT_TRUE(trace::enable("test_p*"));
  const std::string text = record([] {
    trace::instant(Point{.text = "p"});
    const trace::Span span{Step{.name = "s"}};
  });

  EXPECT_NE(text.find("\"test_point\""), std::string::npos);
  EXPECT_EQ(text.find("\"test_step\""), std::string::npos);
}

TEST_F(Session, APatternThatMatchesNothingSaysSo) {
  EXPECT_FALSE(trace::enable("no_such_*"));
}

TEST_F(Session, AMinusPatternLeavesTheRestOn) {
  trace::enable("-cat:qom");
  const std::string text = record([] {
    trace::instant(Point{.text = "p"});
    const trace::Span span{Step{.name = "s"}};
  });

  EXPECT_NE(text.find("\"test_point\""), std::string::npos);
  EXPECT_EQ(text.find("\"test_step\""), std::string::npos);
}

TEST_F(Session, CheckpointsAreNamedInstants) {
  const std::string text = record([] { trace::checkpoint("machine.ready"); });

  EXPECT_NE(text.find("{\"name\":\"machine.ready\",\"cat\":\"machine\",\"ph\":\"i\""),
            std::string::npos);
}

TEST_F(Session, RowsForSqlEnginesHaveAHeaderAndOneRowAnEvent) {
  trace::open({.file = path("t.ndjson")});
  trace::instant(Point{.text = "p"});
  trace::close();

  const std::string text = trace_test::read_file(path("t.ndjson"));
  EXPECT_TRUE(text.starts_with("{\"trace\":\"vitrine\",\"schema\":1,"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
}

TEST_F(Session, CompressedTracesAreReadAsTheyWereWritten) {
  for (const char* name : {"t.json.zst", "t.json.gz"}) {
    trace::open({.file = path(name)});
    for (int i = 0; i < 10000; ++i) {
      trace::instant(Point{.text = "again and again"});
    }
    trace::close();

    trace::Reader reader(path(name));
    EXPECT_EQ(trace::validate(reader), 10000U) << name;
    EXPECT_LT(std::filesystem::file_size(path(name)), 200000U) << name;
  }
}

TEST_F(Session, AForkedChildLeavesTheTraceToItsParent) {
  const std::string text = record([] {
    trace::instant(Point{.text = "parent"});
    const pid_t child = fork();
    if (child == 0) {
      trace::instant(Point{.text = "child"});
      std::exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    trace::instant(Point{.text = "parent again"});
  });

  EXPECT_EQ(text.find("\"child\""), std::string::npos);
  EXPECT_EQ(trace_test::validate_text(text), 2U);
}

}  // namespace
