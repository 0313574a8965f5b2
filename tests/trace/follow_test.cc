// Reading a record file while it is written.
#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support.h"
#include "trace/read/follow.h"

namespace {

using trace_test::Point;
using trace_test::Step;

struct Told {
  std::string name, first;
  trace::Phase phase = trace::Phase::instant;
  std::uint64_t seq = 0, par = 0, dur_ns = 0;
  std::size_t args = 0;
};

class Follow : public trace_test::Recording {
 protected:
  Follow() {
    trace::open({.file = path("t.json")});
    follower_ = std::make_unique<trace::Follower>(trace::record_file());
    look();  // whatever was recorded before
  }

  std::vector<Told> look() {
    std::vector<Told> told;
    follower_->poll([&](const trace::Event& event) {
      last_seq_ = std::max(last_seq_, event.seq);
      told.push_back({std::string(event.name()),
                      event.args.empty() ? "" : std::string(event.args[0].text),
                      event.phase, event.seq, event.par, event.dur_ns,
                      event.args.size()});
    });
    return told;
  }

  std::unique_ptr<trace::Follower> follower_;
  std::uint64_t last_seq_ = 0;
};

TEST_F(Follow, TellsOnlyWhatIsNew) {
  trace::instant(Point{.text = "one"});
  const auto first = look();
  const auto none = look();
  trace::instant(Point{.text = "two"});
  const auto second = look();

  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].first, "one");
  EXPECT_TRUE(none.empty());
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].first, "two");
}

TEST_F(Follow, TellsASpanThatIsOverOnce) {
  { const trace::Span span{Step{.name = "work"}}; }

  const auto told = look();

  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].phase, trace::Phase::span);
  EXPECT_EQ(told[0].first, "work");
}

TEST_F(Follow, TellsAnOpenSpanAndItsEndUnderOneNumber) {
  std::vector<Told> open, inside, ended;
  {
    trace::Span span{Step{.name = "long work"}};
    open = look();
    trace::instant(Point{.text = "inside"});
    inside = look();
    span.result(Step::Result{.error = 7});
    ended = look();
  }

  ASSERT_EQ(open.size(), 1U);
  EXPECT_EQ(open[0].phase, trace::Phase::open_span);
  ASSERT_EQ(inside.size(), 1U);
  EXPECT_EQ(inside[0].par, open[0].seq);
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].phase, trace::Phase::span);
  EXPECT_EQ(ended[0].seq, open[0].seq);
  EXPECT_EQ(ended[0].first, "long work");
  EXPECT_EQ(ended[0].args, open[0].args + 1);
  EXPECT_GT(ended[0].dur_ns, 0U);
}

// A thread's chunk is copied and used again while it is followed.
TEST_F(Follow, LosesNothingOfWhatIsRecordedWhileItLooks) {
  constexpr int count = 200'000;
  std::thread writer([] {
    for (int i = 0; i < count; ++i) {
      trace::instant(Point{.text = "x" + std::to_string(i)});
      if (i % 1000 == 0) {
        std::this_thread::yield();
      }
    }
  });
  std::uint64_t found = 0;
  bool in_order = true;
  const auto take = [&] {
    for (const Told& told : look()) {
      in_order = in_order && told.first == "x" + std::to_string(found);
      ++found;
    }
  };
  while (found < count / 2 && follower_->lost() == 0) {
    take();
  }
  writer.join();
  for (int i = 0; i < 20; ++i) {
    take();
  }

  if (follower_->lost() != 0) {
    GTEST_SKIP() << "the disk is too slow for the recorder itself";
  }
  EXPECT_EQ(found, count);
  EXPECT_TRUE(in_order);
}

TEST_F(Follow, AgreesWithTheTraceWrittenAtTheEnd) {
  for (int i = 0; i < 50; ++i) {
    trace::Span outer{Step{.name = "outer " + std::to_string(i)}};
    trace::instant(Point{.text = "p"});
    if (i % 7 == 0) {
      look();
    }
  }
  look();
  trace::close();

  EXPECT_TRUE(follower_->ended());
  const std::string text = trace_test::read_file(path("t.json"));
  EXPECT_EQ(trace_test::validate_text(text), last_seq_);
}

TEST(FollowFile, RefusesWhatIsNoRecordFile) {
  const std::string file = testing::TempDir() + "no-record-" + std::to_string(getpid());
  std::ofstream(file) << std::string(5000, 'x');

  EXPECT_THROW(trace::Follower{file}, std::runtime_error);
  EXPECT_THROW(trace::Follower{file + ".missing"}, std::system_error);
  std::filesystem::remove(file);
}

}  // namespace
