// What a live view says of a run, how it lies on a screen, and what a page is sent.
#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tools/live_feed.h"
#include "tools/run_status.h"
#include "tools/top_screen.h"

namespace {

using namespace std::chrono_literals;
using tools::RunStatus;

// One event with texts as arguments.
class Told {
 public:
  Told(std::string name, trace::Phase phase,
       std::vector<std::pair<std::string, std::string>> args, std::uint64_t ts = 0,
       std::uint64_t dur = 0)
      : args_(std::move(args)) {
    kind_.name = std::move(name);
    fields_.reserve(args_.size());
    for (const auto& [key, value] : args_) {
      fields_.push_back({key, trace::Role::identity, trace::Type::text, ""});
    }
    event_.kind = &kind_;
    event_.phase = phase;
    event_.ts_ns = ts;
    event_.dur_ns = dur;
    for (std::size_t i = 0; i < args_.size(); ++i) {
      trace::Arg arg;
      arg.field = &fields_[i];
      arg.text = args_[i].second;
      event_.args.push_back(arg);
    }
  }

  const trace::Event& event() const { return event_; }

 private:
  std::vector<std::pair<std::string, std::string>> args_;
  std::vector<trace::FieldText> fields_;
  trace::KindText kind_;
  trace::Event event_;
};

void phase(RunStatus& status, const std::string& name, bool open) {
  status.take(Told("phase", open ? trace::Phase::open_span : trace::Phase::span,
                   {{"name", name}}, 1000, open ? 0 : 2'000'000)
                  .event());
}

void exit_for(RunStatus& status, const std::string& reason) {
  status.take(Told("vcpu_run", trace::Phase::span, {{"reason", reason}}).event());
}

void print(RunStatus& status, const std::string& line) {
  status.take(Told("guest_console", trace::Phase::instant, {{"text", line}}).event());
}

RunStatus running() {
  RunStatus status;
  for (const std::string& name : tools::phases_of_a_run()) {
    if (name == "run") {
      phase(status, name, true);
      break;
    }
    phase(status, name, false);
  }
  exit_for(status, "io");
  exit_for(status, "io");
  exit_for(status, "mmio");
  return status;
}

TEST(RunStatus, APhaseThatGoesOnIsReached) {
  RunStatus status;
  phase(status, "modules", false);
  phase(status, "options", true);

  EXPECT_EQ(status.reached(), 2U);
  EXPECT_FALSE(status.phases()[0].open);
  EXPECT_TRUE(status.phases()[1].open);
}

TEST(RunStatus, APhaseToldTwiceIsOnePhase) {
  RunStatus status;
  phase(status, "run", true);
  phase(status, "run", false);

  ASSERT_EQ(status.phases().size(), 1U);
  EXPECT_FALSE(status.phases()[0].open);
  EXPECT_EQ(status.phases()[0].dur_ns, 2'000'000U);
}

TEST(RunStatus, AnExitCountsWhenItsReasonIsKnown) {
  RunStatus status;
  status.take(Told("vcpu_run", trace::Phase::open_span, {}).event());
  EXPECT_EQ(status.all_exits(), 0U);
  exit_for(status, "io");

  EXPECT_EQ(status.all_exits(), 1U);
}

TEST(RunStatus, RatesAreOfTheTimeSinceTheLastMeasurement) {
  RunStatus status = running();
  status.measure(0.5);
  EXPECT_DOUBLE_EQ(status.exits().at("io").per_second, 4);
  exit_for(status, "io");
  status.measure(0.25);

  EXPECT_DOUBLE_EQ(status.exits().at("io").per_second, 4);
  EXPECT_DOUBLE_EQ(status.exits().at("mmio").per_second, 0);
  EXPECT_DOUBLE_EQ(status.exits_per_second(), 4);
}

TEST(RunStatus, OfALongConsoleTheEndIsKept) {
  RunStatus status;
  for (int i = 0; i < 5000; ++i) {
    print(status, std::to_string(i));
  }

  EXPECT_LE(status.console().size(), 1000U);
  EXPECT_EQ(status.console().back(), "4999");
  EXPECT_EQ(status.console_before() + status.console().size(), 5000U);
}

TEST(RunStatus, JsonOfAnythingIsValidAndOfOneLine) {
  RunStatus status = running();
  exit_for(status, std::string("\xff\n</script>\xe2\x80\xae", 14));

  const std::string json = status.json();

  EXPECT_EQ(json.find('\n'), std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(json).at("reached"), 10);
}

TEST(TopScreen, FitsEverySize) {
  RunStatus status = running();
  for (int i = 0; i < 100; ++i) {
    print(status, std::string(300, 'x'));
    exit_for(status, "reason " + std::to_string(i));
  }
  for (std::size_t rows = 0; rows < 70; ++rows) {
    for (const std::size_t columns : {0U, 1U, 7U, 40U, 80U, 250U}) {
      const auto lines = tools::top_screen(status, std::string(500, 't'), rows, columns);
      EXPECT_LE(lines.size(), rows);
      for (const std::string& line : lines) {
        EXPECT_LE(line.size(), columns) << rows << " x " << columns;
      }
    }
  }
}

TEST(TopScreen, NothingSaidByAGuestSteersTheTerminal) {
  RunStatus status = running();
  print(status, "\x1b[2J\x9b\a\xe2\x80\xae");
  exit_for(status, "\x1b]0;title\a");

  for (const std::string& line : tools::top_screen(status, "\x1b[31m", 60, 200)) {
    for (const char c : line) {
      EXPECT_TRUE(c >= ' ' && c < 0x7f) << static_cast<int>(c);
    }
  }
}

TEST(TopScreen, TheFirstLineSaysWhatRunsAndTheSecondHowFarItIs) {
  const auto lines = tools::top_screen(running(), "boot", 2, 80);

  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0], "2.0 ms  boot");
  EXPECT_EQ(lines[1], "[##########.] 10/11 run");
}

TEST(TopScreen, TheLastConsoleLinesAreAtTheBottom) {
  RunStatus status = running();
  for (int i = 0; i < 50; ++i) {
    print(status, "line " + std::to_string(i));
  }

  const auto lines = tools::top_screen(status, "boot", 24, 80);

  EXPECT_EQ(lines.size(), 24U);
  EXPECT_EQ(lines.back(), "line 49");
}

TEST(TopScreen, TheMostFrequentExitIsFirst) {
  const auto lines = tools::top_screen(running(), "boot", 40, 80);
  std::string all;
  for (const std::string& line : lines) {
    all += line + "\n";
  }

  EXPECT_LT(all.find(" io "), all.find(" mmio "));
}

TEST(LiveFeed, AReaderThatComesLateIsToldEverything) {
  tools::LiveFeed feed;
  feed.add_steps("{\"a\":1}");
  feed.add_steps("{\"a\":2}");
  feed.set_status("{\"s\":1}");
  feed.set_status("{\"s\":2}");
  tools::LiveFeed::Reader reader;

  EXPECT_EQ(feed.next(reader, 0ms),
            "event: steps\ndata: {\"a\":1}\n\nevent: steps\ndata: {\"a\":2}\n\n"
            "event: status\ndata: {\"s\":2}\n\n");
  EXPECT_EQ(feed.next(reader, 0ms), "");
}

TEST(LiveFeed, TheEndIsToldOnceAndLast) {
  tools::LiveFeed feed;
  feed.add_steps("{}");
  feed.end();
  tools::LiveFeed::Reader reader;

  EXPECT_EQ(feed.next(reader, 0ms), "event: steps\ndata: {}\n\nevent: end\ndata: {}\n\n");
  EXPECT_TRUE(reader.told_end);
  EXPECT_EQ(feed.next(reader, 0ms), "");
}

}  // namespace
