// -trace from=, exits=, sample=: only a part of a run is recorded.
#include <stdexcept>
#include <thread>

#include "support.h"
#include "trace/window.h"

namespace {

using trace_test::Point;
using trace_test::Step;

class Window : public trace_test::Recording {
 protected:
  template <class Body>
  std::string record_window(const trace::Window& window, const Body& body) {
    trace::set_window(window);
    return record(body);
  }

  static void turns(int count) {
    for (int i = 0; i < count; ++i) {
      const trace::Turn turn;
      const trace::Span run{Step{.name = "run", .number = i}};
      trace::instant(Point{.text = "exit"});
    }
  }

  // The numbers of the turns that are in the trace.
  static std::vector<std::int64_t> recorded_turns(const std::string& text) {
    std::vector<std::int64_t> numbers;
    trace::Reader reader(text, "text");
    trace::Event event;
    while (reader.next(event)) {
      if (event.name() == "test_step" && event.args[0].text == "run") {
        numbers.push_back(static_cast<std::int64_t>(event.args[2].bits));
      }
    }
    return numbers;
  }

  static int count(std::string_view text, std::string_view part) {
    int found = 0;
    for (std::size_t at = 0; (at = text.find(part, at)) != text.npos; ++at) {
      ++found;
    }
    return found;
  }
};

TEST_F(Window, OpensAtItsCheckpoint) {
  trace::instant(Point{.text = "before the file is known"});
  const std::string text = record_window({.from = "machine.ready"}, [] {
    trace::checkpoint("main.enter");
    trace::instant(Point{.text = "too early"});
    trace::checkpoint("machine.ready");
    trace::instant(Point{.text = "recorded"});
  });

  EXPECT_EQ(count(text, "too early"), 0);
  EXPECT_EQ(count(text, "before the file"), 0);
  EXPECT_EQ(count(text, "\"text\":\"recorded\""), 1);
  EXPECT_EQ(trace_test::validate_text(text), 4U);  // two checkpoints, trace_window
}

TEST_F(Window, ASpanOpenedBeforeItIsNotInTheTrace) {
  const std::string text = record_window({.from = "machine.ready"}, [] {
    const trace::Span early{Step{.name = "early"}};
    trace::checkpoint("machine.ready");
    const trace::Span inside{Step{.name = "inside"}};
  });

  EXPECT_EQ(count(text, "\"name\":\"early\""), 0);
  EXPECT_EQ(count(text, "\"par\":0,"), 3);  // nothing lies in what is not there
  trace_test::validate_text(text);
}

TEST_F(Window, ClosesAfterSoManyTurns) {
  const std::string text = record_window({.turns = 3}, [] {
    turns(10);
    trace::instant(Point{.text = "too late"});
    trace::checkpoint("guest.exit");
  });

  EXPECT_EQ(recorded_turns(text), (std::vector<std::int64_t>{0, 1, 2}));
  EXPECT_EQ(count(text, "too late"), 0);
  EXPECT_EQ(count(text, "\"name\":\"guest.exit\""), 2);  // its kind, and it
}

TEST_F(Window, ASpanOpenWhenItClosesGetsItsEnd) {
  const std::string text = record_window({.turns = 1}, [] {
    const trace::Span outer{Step{.name = "outer"}};
    turns(2);
  });

  trace::Reader reader(text, "text");
  EXPECT_EQ(reader.header().open, 0U);
  EXPECT_EQ(recorded_turns(text), (std::vector<std::int64_t>{0}));
}

TEST_F(Window, OfASampleEachNthTurnIsRecordedWhole) {
  const std::string text = record_window({.every = 4}, [] { turns(10); });

  EXPECT_EQ(recorded_turns(text), (std::vector<std::int64_t>{0, 4, 8}));
  EXPECT_EQ(count(text, "\"text\":\"exit\""), 3);
}

TEST_F(Window, OfASampleOtherThreadsAreRecordedWhole) {
  const std::string text = record_window({.every = 100}, [] {
    turns(1);
    const trace::Turn muted;
    std::thread([] { trace::instant(Point{.text = "another thread"}); }).join();
    EXPECT_FALSE(trace::enabled<Point>());
  });

  EXPECT_EQ(count(text, "another thread"), 1);
}

TEST_F(Window, CountsRecordedTurnsOfASample) {
  const std::string text =
      record_window({.from = "machine.ready", .turns = 2, .every = 3}, [] {
        turns(5);
        trace::checkpoint("machine.ready");
        turns(20);
      });

  EXPECT_EQ(recorded_turns(text), (std::vector<std::int64_t>{0, 3}));
}

TEST_F(Window, IsToldInTheHeader) {
  const std::string text =
      record_window({.from = "main.enter", .turns = 2, .every = 3}, [] {
        trace::checkpoint("main.enter");
        turns(20);
      });

  EXPECT_EQ(count(text,
                  "\"window\":\"from main.enter, for 2 exits, one of 3, out of 20 "
                  "exits in all\""),
            1);
}

TEST_F(Window, LeavesNoTraceInTheNextSession) {
  record_window({.from = "machine.ready", .turns = 1}, [] {});
  const std::string text = record([] { turns(2); });

  EXPECT_EQ(recorded_turns(text).size(), 2U);
  EXPECT_EQ(count(text, "\"window\":"), 0);
}

TEST_F(Window, RefusesACheckpointThatIsNone) {
  EXPECT_THROW(trace::set_window({.from = "machine.reddy"}), std::invalid_argument);
  EXPECT_THROW(trace::set_window({.every = 0}), std::invalid_argument);
}

}  // namespace
