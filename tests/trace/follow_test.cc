// Reading a record file while it is written.
#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support.h"
#include "trace/read/follow.h"
#include "trace/record_file.h"

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

constexpr std::size_t header_bytes = sizeof(trace::detail::ChunkHeader);

// Where a chunk lies in a record file: twice, if it was just copied.
std::vector<std::uint64_t> places_of_chunk(const std::string& file, std::uint32_t stream,
                                           std::uint32_t ordinal) {
  const std::string bytes = trace_test::read_file(file);
  const auto number = [&](std::size_t at) {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
  };
  std::vector<std::uint64_t> places;
  for (std::size_t at = trace::detail::file_header_bytes;
       at + header_bytes <= bytes.size(); at += trace::detail::chunk_bytes) {
    if (number(at) == trace::detail::chunk_magic && number(at + 4) == stream &&
        number(at + 8) == ordinal) {
      places.push_back(at);
    }
  }
  return places;
}

void write_at(const std::string& file, std::uint64_t at, const std::string& bytes) {
  std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
  out.seekp(static_cast<std::streamoff>(at));
  out << bytes;
}

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

// A look that comes while a chunk is copied finds the chunks around it, not it itself.
TEST_F(Follow, WaitsForAChunkThatALookMissed) {
  constexpr std::uint64_t count = 10'000;  // some five chunks
  for (std::uint64_t i = 0; i < count; ++i) {
    trace::instant(Point{.text = "x" + std::to_string(i)});
  }
  const std::string copy = path("copy.rec");
  std::filesystem::copy_file(trace::record_file(), copy);
  const auto places = places_of_chunk(copy, 1, 1);
  ASSERT_FALSE(places.empty());
  const std::string header =
      trace_test::read_file(copy).substr(places.back(), header_bytes);
  for (const std::uint64_t at : places) {
    write_at(copy, at, std::string(header_bytes, '\0'));
  }
  follower_ = std::make_unique<trace::Follower>(copy);

  const auto before = look();
  write_at(copy, places.back(), header);
  const auto after = look();

  ASSERT_FALSE(before.empty());
  EXPECT_LT(before.size(), count / 2);
  ASSERT_EQ(before.size() + after.size(), count);
  EXPECT_EQ(after.front().first, "x" + std::to_string(before.size()));
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
